// The mistakes found so far, told together.
#pragma once

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace loas::text
{

class complaints
{
public:
    static constexpr std::size_t most_told = 10;

    /// People read a file from top to bottom, whatever order we look in.
    void add(std::size_t line, std::string text) { m_lines.emplace_back(line, std::move(text)); }
    bool empty() const { return m_lines.empty(); }

    /// Throws user_error if there is any.
    void raise(const std::string& file)
    {
        if (m_lines.empty())
            return;
        std::stable_sort(m_lines.begin(), m_lines.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::string all;
        for (std::size_t i = 0; i < std::min(m_lines.size(), most_told); ++i)
            all += fmt::format("{}{}:{}: {}", i == 0 ? "" : "\n", file, m_lines[i].first, m_lines[i].second);
        if (m_lines.size() > most_told)
            all += fmt::format("\n... and {} more", m_lines.size() - most_told);
        throw user_error(all);
    }

private:
    std::vector<std::pair<std::size_t, std::string>> m_lines;
};

} // namespace loas::text
