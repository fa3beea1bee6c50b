#include "platform/trace/dram_trace.h"

#include "platform/text/complaints.h"
#include "platform/text/read_text.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>

namespace loas::trace
{
namespace
{

using text::user_error;

constexpr std::size_t most_bytes = std::size_t{4} << 30;
constexpr std::uint64_t longest_access = 1 << 20; // bytes
constexpr std::size_t bursts_beside_lines = 10'000'000;
constexpr std::string_view known_forms =
    "known are lines like 'LD 0x1f40', '31: read 0x1f40' and what loas-vp run --trace dram=FILE writes";
constexpr std::string_view our_names = "time_ns,access,address,channel,bank,row,column,operand,done_ns";

enum class form { none, ours, ramulator, dramsys };

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
        text.remove_suffix(1);
    return text;
}

/// What stands before the first of these separators; `from` keeps what follows.
std::string_view cut(std::string_view& from, std::string_view separators)
{
    const std::size_t end = std::min(from.find_first_of(separators), from.size());
    const std::string_view word = from.substr(0, end);
    from.remove_prefix(std::min(end + 1, from.size()));
    return trimmed(word);
}

/// Decimal, or hexadecimal after 0x; all of the text.
std::optional<std::uint64_t> number_in(std::string_view text)
{
    const bool hexadecimal = text.substr(0, 2) == "0x" || text.substr(0, 2) == "0X";
    if (hexadecimal)
        text.remove_prefix(2);
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
    if (failure != std::errc() || end != text.data() + text.size() || text.empty())
        return {};
    return number;
}

/// ns with at most three decimals, as ps.
std::optional<std::uint64_t> time_in(std::string_view text)
{
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::optional<std::uint64_t> whole = number_in(text.substr(0, point));
    std::string decimals(text.substr(std::min(point + 1, text.size())));
    if (!whole || decimals.size() > 3 || *whole > ~std::uint64_t{0} / 1000 - 1)
        return {};
    decimals.resize(3, '0');
    const std::optional<std::uint64_t> parts = number_in(decimals);
    if (!parts || *parts > 999)
        return {};
    return *whole * 1000 + *parts;
}

class reader
{
public:
    reader(const std::filesystem::path& file, unsigned burst_bytes, std::uint64_t cycle_ps)
        : m_name(file.string()), m_burst_bytes(burst_bytes), m_cycle_ps(cycle_ps)
    {
    }

    dram_trace read(std::string_view text);

private:
    void read_line(std::string_view line);
    void read_ours(std::string_view line);
    void read_ramulator(std::string_view line);
    void read_dramsys(std::string_view line);
    void add(std::uint64_t time_ps, std::uint64_t address, std::uint64_t bytes, bool write);
    void wrong(const std::string& what) { m_wrong.add(m_line, what); }
    bool read_access(std::string_view word, bool& write)
    {
        write = word == "write";
        if (!write && word != "read")
            wrong(fmt::format("access: expected read or write, found '{}'", text::printable(word)));
        return write || word == "read";
    }
    bool read_address(std::string_view word, std::uint64_t& address)
    {
        const std::optional<std::uint64_t> found = number_in(word);
        if (!found)
            wrong(fmt::format("address: expected a number such as 0x1f40, found '{}'", text::printable(word)));
        address = found.value_or(0);
        return found.has_value();
    }

    std::string m_name;
    unsigned m_burst_bytes;
    std::uint64_t m_cycle_ps;
    form m_form = form::none;
    std::size_t m_line = 0;
    text::file_complaints m_wrong;
    dram_trace m_trace;
};

dram_trace reader::read(std::string_view text)
{
    if (constexpr std::string_view mark = "\xEF\xBB\xBF"; text.substr(0, mark.size()) == mark)
        text.remove_prefix(mark.size()); // some editors put it before UTF-8
    while (!text.empty() && m_wrong.size() <= text::complaints::most_told) {
        ++m_line;
        std::string_view line = cut(text, "\n");
        if (line = cut(line, "#"); !line.empty())
            read_line(line);
    }
    m_wrong.raise(m_name);
    if (m_trace.requests.empty())
        throw user_error(fmt::format("{}: no request in it; {}", m_name, known_forms));
    // A burst may have been asked for with a delay, and another one meanwhile.
    auto& requests = m_trace.requests;
    const auto earlier = [&](std::size_t a, std::size_t b) { return requests[a].time_ps < requests[b].time_ps; };
    std::vector<std::size_t> order(requests.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (!std::is_sorted(order.begin(), order.end(), earlier)) {
        std::stable_sort(order.begin(), order.end(), earlier);
        dram_trace sorted;
        sorted.has_times = m_trace.has_times;
        sorted.in_cycles = m_trace.in_cycles;
        for (const std::size_t each : order) {
            sorted.requests.push_back(requests[each]);
            if (!m_trace.recorded_ps.empty())
                sorted.recorded_ps.push_back(m_trace.recorded_ps[each]);
        }
        return sorted;
    }
    return std::move(m_trace);
}

void reader::read_line(std::string_view line)
{
    if (m_form == form::none) {
        if (line == our_names) {
            m_form = form::ours;
            m_trace.has_times = true;
            return;
        }
        m_form = line.find(':') != std::string_view::npos ? form::dramsys : form::ramulator;
        m_trace.has_times = m_trace.in_cycles = m_form == form::dramsys;
    }
    if (m_form == form::ours)
        read_ours(line);
    else if (m_form == form::dramsys)
        read_dramsys(line);
    else
        read_ramulator(line);
}

void reader::read_ours(std::string_view line)
{
    std::array<std::string_view, 9> words;
    std::size_t count = 1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (count != words.size())
        return wrong(fmt::format("expected {} values ({}), found {}", words.size(), our_names, count));
    for (std::string_view& word : words)
        word = cut(line, ",");
    const std::optional<std::uint64_t> time = time_in(words[0]), done = time_in(words[8]);
    for (const std::size_t i : {std::size_t{0}, std::size_t{8}})
        if (!(i == 0 ? time : done))
            return wrong(fmt::format("{}: expected ns such as 12.500, found '{}'", i == 0 ? "time_ns" : "done_ns",
                                     text::printable(words[i])));
    bool write = false;
    std::uint64_t address = 0;
    if (!read_access(words[1], write) || !read_address(words[2], address))
        return;
    add(*time, address, 1, write);
    m_trace.recorded_ps.push_back(*done);
}

void reader::read_ramulator(std::string_view line)
{
    const std::string_view word = cut(line, " \t");
    if (word != "LD" && word != "ST")
        return wrong(fmt::format("expected LD or ST and an address, found '{}'{}", text::printable(word),
                                 m_trace.requests.empty() ? fmt::format("; {}", known_forms) : ""));
    std::uint64_t address = 0;
    if (read_address(trimmed(line), address))
        add(0, address, 1, word == "ST");
}

void reader::read_dramsys(std::string_view line)
{
    if (line.find(':') == std::string_view::npos)
        return wrong(fmt::format("expected 'CYCLE: read|write ADDRESS', found '{}'", text::printable(line)));
    const std::string_view word = cut(line, ":");
    const std::optional<std::uint64_t> cycle = number_in(word);
    if (!cycle || *cycle > ~std::uint64_t{0} / (2 * m_cycle_ps))
        return wrong(fmt::format("expected the number of a cycle before ':', found '{}'", text::printable(word)));
    line = trimmed(line);
    std::uint64_t bytes = 1;
    if (!line.empty() && line.front() == '(') {
        line.remove_prefix(1);
        const std::string_view length = cut(line, ")");
        bytes = number_in(length).value_or(0);
        if (bytes == 0 || bytes > longest_access)
            return wrong(fmt::format("expected a length of 1 to {} bytes in brackets, found '{}'", longest_access,
                                     text::printable(length)));
        line = trimmed(line);
    }
    bool write = false;
    std::uint64_t address = 0;
    if (!read_access(cut(line, " \t"), write))
        return;
    line = trimmed(line);
    if (!read_address(cut(line, " \t"), address))
        return;
    if (line = trimmed(line); !line.empty() && (!write || line.find_first_of(" \t") != std::string_view::npos))
        return wrong(fmt::format("nothing more was expected after the address, found '{}'", text::printable(line)));
    add(*cycle * m_cycle_ps, address, bytes, write);
}

void reader::add(std::uint64_t time_ps, std::uint64_t address, std::uint64_t bytes, bool write)
{
    if (address + (bytes - 1) < address)
        return wrong("the access goes past the last address");
    if (m_trace.requests.size() > bursts_beside_lines + m_line) // a short line can ask for very many
        throw user_error(fmt::format("{}:{}: the lengths up to here ask for more than {} bursts of {} bytes", m_name,
                                     m_line, bursts_beside_lines, m_burst_bytes));
    for (std::uint64_t burst = address / m_burst_bytes; burst <= (address + bytes - 1) / m_burst_bytes; ++burst)
        m_trace.requests.push_back({time_ps, burst * m_burst_bytes, write});
}

} // namespace

dram_trace read_dram_trace(const std::filesystem::path& file, unsigned burst_bytes, std::uint64_t cycle_ps)
{
    const std::optional<std::string> text = text::read_text(file, most_bytes);
    if (!text)
        throw user_error(fmt::format("{}: cannot be read", file.string()));
    if (text->size() > most_bytes)
        throw user_error(fmt::format("{}: more than {} GiB", file.string(), most_bytes >> 30));
    return reader(file, burst_bytes, cycle_ps).read(*text);
}

} // namespace loas::trace
