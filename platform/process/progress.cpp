#include "platform/process/progress.h"

#include <cstdio>
#include <unistd.h>

namespace loas::process
{

progress::progress(std::string label, std::size_t total, bool wanted)
    : m_label(std::move(label)), m_total(total), m_shown(wanted && ::isatty(STDERR_FILENO) != 0)
{
}

progress::~progress()
{
    if (m_shown)
        std::fprintf(stderr, "\r\033[K");
}

void progress::update(std::size_t done, const std::string& more)
{
    constexpr std::chrono::milliseconds interval(50);
    constexpr std::size_t width = 40;
    const auto now = std::chrono::steady_clock::now();
    if (!m_shown || (done != m_total && now - m_last < interval))
        return;
    m_last = now;
    const std::size_t filled = m_total == 0 ? width : done * width / m_total;
    std::fprintf(stderr, "\r%s [%s%s] %zu/%zu%s\033[K", m_label.c_str(), std::string(filled, '#').c_str(),
                 std::string(width - filled, '.').c_str(), done, m_total, more.c_str());
    std::fflush(stderr);
}

} // namespace loas::process
