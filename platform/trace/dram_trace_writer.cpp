#include "platform/trace/dram_trace.h"

#include "models/observe/counters.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace loas::trace
{
namespace
{

std::string ns_of(std::uint64_t time_ps)
{
    return fmt::format("{}.{:03}", time_ps / 1000, time_ps % 1000);
}

std::string_view name_of(observe::operand kind)
{
    using observe::counter;
    return kind == observe::operand::count ? "-" : observe::info_of(of(counter::request_bytes, kind)).name;
}

} // namespace

dram_trace_writer::dram_trace_writer(const std::filesystem::path& file, const dram::parameters& parameters)
    : m_file(file), m_temporary(file.string() + '.' + std::to_string(::getpid())),
      m_out(std::fopen(m_temporary.c_str(), "w")), m_banks_per_group(parameters.banks_per_group)
{
    if (m_out == nullptr)
        throw text::user_error(fmt::format("--trace: cannot write {}: {}", file.string(), text::reason_of(errno)));
    std::fputs("time_ns,access,address,channel,bank,row,column,operand,done_ns\n", m_out);
}

dram_trace_writer::~dram_trace_writer()
{
    if (m_out == nullptr)
        return;
    std::fclose(m_out);
    std::error_code ignored;
    std::filesystem::remove(m_temporary, ignored);
}

void dram_trace_writer::asked(const dram::asked_burst& burst)
{
    m_lines.push_back({burst, 0, false});
}

void dram_trace_writer::answered(std::uint64_t number, std::uint64_t time_ps)
{
    line& of = m_lines[number - m_first];
    of.done_ps = time_ps;
    of.done = true;
    for (; !m_lines.empty() && m_lines.front().done; ++m_first) {
        write(m_lines.front());
        m_lines.pop_front();
    }
}

void dram_trace_writer::write(const line& of)
{
    const dram::asked_burst& burst = of.burst;
    const std::string text =
        fmt::format("{},{},{:#x},{},{},{},{},{},{}\n", ns_of(burst.time_ps), burst.write ? "write" : "read",
                    burst.address, burst.where.channel, burst.where.bank_group * m_banks_per_group + burst.where.bank,
                    burst.where.row, burst.where.column, name_of(burst.kind), ns_of(of.done_ps));
    std::fwrite(text.data(), 1, text.size(), m_out);
    ++m_written;
}

void dram_trace_writer::finish()
{
    for (const line& each : m_lines)
        if (each.done)
            write(each);
    m_lines.clear();
    const bool failed = std::ferror(m_out) != 0;
    const bool unclosed = std::fclose(std::exchange(m_out, nullptr)) != 0;
    if (!failed && !unclosed && std::rename(m_temporary.c_str(), m_file.c_str()) == 0)
        return;
    const std::string reason = text::reason_of(errno);
    std::error_code ignored;
    std::filesystem::remove(m_temporary, ignored);
    throw text::user_error(fmt::format("--trace: cannot write {}: {}", m_file.string(), reason));
}

} // namespace loas::trace
