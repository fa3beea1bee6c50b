// Elements one behind the other in memory and how many they are, as std::span of C++20.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

namespace loas::functional
{

template <class element> class span
{
public:
    using value = std::remove_const_t<element>;

    constexpr span() = default;
    constexpr span(element* first, std::size_t count) : m_first(first), m_count(count) {}
    span(std::vector<value>& of) : m_first(of.data()), m_count(of.size()) {}
    span(const std::vector<value>& of) : m_first(of.data()), m_count(of.size()) {} // of const elements only

    constexpr element* data() const { return m_first; }
    constexpr std::size_t size() const { return m_count; }
    constexpr element* begin() const { return m_first; }
    constexpr element* end() const { return m_first + m_count; }
    constexpr element& operator[](std::size_t i) const { return m_first[i]; }

private:
    element* m_first = nullptr;
    std::size_t m_count = 0;
};

} // namespace loas::functional
