// A parameter is declared once: a member of its model's own struct, with its default, and beside it a row that says
// what the member does not. The struct lists its rows in
//
//     template <typename table> void describe(table& to)
//     {
//         to.integer("cache.mshrs", mshrs, 1, 1024, "lines", parameter::ours, "Miss registers of each bank.");
//     }
//
// with the key in a scenario, the member, for numbers the least and the largest value and the unit ("" = none), then
// the default's source and the meaning, which is all that the list of options shows. Kinds of rows are integer,
// power_of_two, number, flag, word (the member is an enumeration that has words_of()), text and path; under_published()
// after a row is what fidelity "published" makes of the default. platform/config/options.h takes them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace loas::parameter
{

// Where a default comes from.
inline constexpr std::string_view published = "published";
inline constexpr std::string_view ours = "project's choice";

/// The words of an enumeration, in the order of its values, which are 0, 1, ...
class words
{
public:
    template <std::size_t count>
    constexpr words(const std::string_view (&list)[count]) : m_begin(list), m_end(list + count)
    {
    }
    constexpr const std::string_view* begin() const { return m_begin; }
    constexpr const std::string_view* end() const { return m_end; }

private:
    const std::string_view* m_begin;
    const std::string_view* m_end;
};

/// The word of a value of an enumeration that has words_of() beside it.
template <typename enumeration> std::string_view word_of(enumeration value)
{
    return words_of(value).begin()[static_cast<std::size_t>(value)];
}

} // namespace loas::parameter
