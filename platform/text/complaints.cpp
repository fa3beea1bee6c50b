#include "platform/text/complaints.h"

#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::text
{

std::vector<std::string> file_complaints::with_places(const std::string& file) const
{
    auto sorted = m_lines;
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> all;
    for (const auto& [line, text] : sorted)
        all.push_back(fmt::format("{}:{}: {}", file, line, text));
    return all;
}

void file_complaints::raise(const std::string& file) const
{
    complaints all;
    all.add(file, *this);
    all.raise();
}

void complaints::add(const std::string& file, const file_complaints& of_it)
{
    for (std::string& each : of_it.with_places(file))
        add(std::move(each));
}

void complaints::raise() const
{
    if (m_lines.empty())
        return;
    std::string all;
    for (std::size_t i = 0; i < std::min(m_lines.size(), most_told); ++i)
        all += (i == 0 ? "" : "\n") + m_lines[i];
    if (m_lines.size() > most_told)
        all += fmt::format("\n... and {} more", m_lines.size() - most_told);
    throw user_error(all);
}

} // namespace loas::text
