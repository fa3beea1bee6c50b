// The mistakes found so far, told together.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace loas::text
{

/// Mistakes in one file, each with its line.
class file_complaints
{
public:
    void add(std::size_t line, std::string text) { m_lines.emplace_back(line, std::move(text)); }
    bool empty() const { return m_lines.empty(); }
    std::size_t size() const { return m_lines.size(); }

    /// "file:line: text" each, from top to bottom: people read so, whatever order we looked in.
    std::vector<std::string> with_places(const std::string& file) const;

    /// Throws user_error if there is any.
    void raise(const std::string& file) const;

private:
    std::vector<std::pair<std::size_t, std::string>> m_lines;
};

/// Mistakes in several files, and in what is no file: each says where, and they are told in the order in which they
/// came.
class complaints
{
public:
    static constexpr std::size_t most_told = 10;

    void add(std::string text) { m_lines.push_back(std::move(text)); }
    void add(const std::string& file, const file_complaints& of_it);
    bool empty() const { return m_lines.empty(); }

    /// Throws user_error if there is any.
    void raise() const;

private:
    std::vector<std::string> m_lines;
};

} // namespace loas::text
