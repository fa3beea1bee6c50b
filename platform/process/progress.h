// Progress of long work on standard error; silent unless that is a terminal.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace loas::process
{

class progress
{
public:
    /// wanted: false silences it on a terminal too.
    progress(std::string label, std::size_t total, bool wanted);
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    /// @param more what else is to be said
    void update(std::size_t done, const std::string& more = {});
    bool shown() const { return m_shown; }

private:
    std::string m_label;
    std::size_t m_total;
    bool m_shown;
    std::chrono::steady_clock::time_point m_last{};
};

} // namespace loas::process
