#include "platform/events/event_log.h"

#include "abi/loas_devices.h"
#include "driver/loas_driver.h"
#include "models/kernel/clock.h"
#include "platform/machine/board_text.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace loas::events
{
namespace
{

constexpr std::size_t longest_text = 200; ///< letters of a line that is sent

/// "run layer, cookie 3, 8 x 8 x 32 -> 40 channels, ..."
std::string in_words(const loas_descriptor& d)
{
    if (d.opcode != LOAS_OP_RUN_LAYER)
        return fmt::format("opcode {}, cookie {}", d.opcode, d.cookie);
    std::string text = fmt::format(
        "run layer, cookie {}, T {}, {} x {} x {} by {} x {} to {} channels, stride {} x {}, padding {} x {}, pool {}, "
        "threshold {}, leak {}/256, input {:#x}, weights {:#x}, output {:#x}",
        d.cookie, d.timesteps, d.in_height, d.in_width, d.in_channels, d.kernel_h, d.kernel_w, d.out_channels,
        d.stride_h, d.stride_w, d.pad_h, d.pad_w, d.pool, d.threshold, d.leak_q8, d.input_address, d.weight_address,
        d.output_address);
    if (d.bias_address != 0)
        text += fmt::format(", bias {:#x}", d.bias_address);
    if ((d.flags & LOAS_FLAG_INTERRUPT) != 0)
        text += ", interrupts";
    if ((d.flags & LOAS_FLAG_SINGLE_SPIKE_MASK) != 0)
        text += ", masks single spikes";
    if ((d.neuron & LOAS_NEURON_CURRENTS) != 0)
        text += ", currents";
    if ((d.neuron & LOAS_NEURON_SOFT_RESET) != 0)
        text += ", soft reset";
    if ((d.neuron & LOAS_NEURON_DELAYED_RESET) != 0)
        text += ", delayed reset";
    if ((d.neuron & LOAS_NEURON_CARRY) != 0)
        text += ", carried potentials";
    if ((d.neuron & LOAS_NEURON_THRESHOLDS) != 0)
        text += ", a threshold for each column";
    if ((d.neuron & LOAS_NEURON_FIRST_SPIKE) != 0)
        text += ", one spike at most";
    if ((d.neuron & LOAS_NEURON_FEW_SPIKES) != 0)
        text += ", few spikes";
    return text;
}

std::string in_words(const loas_completion& c)
{
    std::string text = fmt::format("cookie {}, entry {}, sequence {}, {} cycles: {}", c.cookie, c.index, c.sequence,
                                   c.cycles, loas_status_text(c.status));
    if (c.error_address != 0)
        text += fmt::format(", address {:#x}", c.error_address);
    return text;
}

template <typename record> record of_bytes(const std::uint8_t* bytes)
{
    record made;
    std::memcpy(&made, bytes, sizeof made);
    return made;
}

} // namespace

/// Of one link: what its transactions do, when they have their response.
class link_events : public kernel::link_observer
{
public:
    /// of_cpu: else of the command rings.
    link_events(event_log& to, bool of_cpu) : m_to(to), m_of_cpu(of_cpu) {}

    std::uint64_t called(const kernel::link_call& call) override
    {
        if (m_of_cpu)
            m_to.begin_access();
        return kernel::kernel_ps() + call.delay.value();
    }
    void abandoned(const kernel::link_call&, std::uint64_t) override
    {
        if (m_of_cpu)
            m_to.end_access(nullptr);
    }
    // A device lets the kernel's time catch up and answers then, or answers a read ahead of it.
    void returned(const kernel::link_call&, const kernel::link_call& back, std::uint64_t begin_ps) override
    {
        if (m_of_cpu)
            access(back.payload, std::max(begin_ps, kernel::kernel_ps()));
        else
            record(back.payload, kernel::kernel_ps() + back.delay.value());
    }

private:
    void access(const tlm::tlm_generic_payload& of, std::uint64_t time_ps)
    {
        if (machine::is_memory(of.get_address()) && of.is_response_ok()) {
            m_to.end_access(nullptr);
            return;
        }
        event_log::event made = m_to.made(event_log::kind::access, time_ps);
        made.address = of.get_address();
        made.bytes = static_cast<std::uint8_t>(std::min(of.get_data_length(), 64U));
        made.write = of.is_write();
        made.ok = of.is_response_ok();
        made.value = 0;
        std::memcpy(&made.value, of.get_data_ptr(), std::min<std::size_t>(made.bytes, sizeof made.value));
        m_to.end_access(&made);
    }

    /// Descriptors are read and completions are written, each at once.
    void record(const tlm::tlm_generic_payload& of, std::uint64_t end_ps)
    {
        const bool descriptor = of.is_read() && of.get_data_length() == sizeof(loas_descriptor);
        const bool completion = of.is_write() && of.get_data_length() == sizeof(loas_completion);
        if (!of.is_response_ok() || (!descriptor && !completion))
            return;
        event_log::event made =
            m_to.made(descriptor ? event_log::kind::descriptor : event_log::kind::completion, end_ps);
        std::memcpy(made.data.data(), of.get_data_ptr(), of.get_data_length());
        m_to.take(std::move(made));
    }

    event_log& m_to;
    bool m_of_cpu;
};

kernel::observer_maker event_log::observer()
{
    return [this](const kernel::link_ends& link) -> std::unique_ptr<kernel::link_observer> {
        if (link.name != "cpu_to_bus" && link.name != "queue_to_bus")
            return nullptr;
        return std::make_unique<link_events>(*this, link.name == "cpu_to_bus");
    };
}

void event_log::set_program(std::function<std::uint64_t()> pc, std::function<std::string(std::uint64_t)> place)
{
    m_pc = std::move(pc);
    m_place = std::move(place);
}

event_log::event event_log::made(kind what, std::uint64_t time_ps) const
{
    event made;
    made.what = what;
    made.time_ps = time_ps;
    made.delta = sc_core::sc_delta_count();
    made.pc = m_pc ? m_pc() : 0;
    return made;
}

void event_log::take(event&& what)
{
    if (m_in_access)
        m_meanwhile.push_back(std::move(what));
    else
        put(std::move(what));
}

void event_log::put(event&& what)
{
    m_last_ps = what.time_ps = std::max(what.time_ps, m_last_ps);
    if (m_to != nullptr) {
        // Does not throw: a full disk must not end the simulation here. Whoever opened the file looks at it in the end.
        const std::string text = line(what) + '\n';
        std::fwrite(text.data(), 1, text.size(), m_to);
    }
    if (!of_text(what))
        m_events[m_count++ % kept] = std::move(what);
}

// What happened since it began was before it, but for what it brought about when it was answered, in no time.
void event_log::end_access(event* told)
{
    m_in_access = false;
    const std::uint64_t now = sc_core::sc_delta_count();
    std::size_t next = 0;
    while (next < m_meanwhile.size() && m_meanwhile[next].delta != now)
        put(std::move(m_meanwhile[next++]));
    if (told != nullptr)
        put(std::move(*told));
    while (next < m_meanwhile.size())
        put(std::move(m_meanwhile[next++]));
    m_meanwhile.clear();
}

void event_log::add(const std::string& text)
{
    add(text, kernel::kernel_ps());
}

void event_log::add(const std::string& text, std::uint64_t time_ps)
{
    event text_event = made(kind::text, time_ps);
    text_event.text = text;
    take(std::move(text_event));
}

void event_log::sent(unsigned char letter)
{
    if (letter != '\n')
        m_sent += static_cast<char>(letter);
    if (letter == '\n' || m_sent.size() == longest_text) {
        add("uart sends: " + text::printable(m_sent, longest_text));
        m_sent.clear();
    }
}

/// It polls the UART, or feeds it with what an event tells of as text.
bool event_log::of_text(const event& what)
{
    const std::uint64_t offset = what.address - machine::board::uart.base;
    return what.what == kind::access && what.ok &&
           (offset == LOAS_UART_REG_LINE_STATUS || (offset == LOAS_UART_REG_DATA && what.write));
}

std::string event_log::line(const event& of) const
{
    const std::string when = fmt::format("{:>14.3f} us", static_cast<double>(of.time_ps) * 1e-6);
    switch (of.what) {
    case kind::access: {
        const std::string where = m_place ? m_place(of.pc) : "program";
        const std::string what = of.ok ? machine::value_text(of.address, of.bytes, of.value) : "refused: bus error";
        return fmt::format("{}  {}: {} {} ({:#x}, {} byte{}) {} {}", when, where, of.write ? "write" : "read",
                           machine::name_of(of.address), of.address, of.bytes, of.bytes == 1 ? "" : "s",
                           of.ok ? "=" : "is", what);
    }
    case kind::descriptor:
        return fmt::format("{}  descriptor: {}", when, in_words(of_bytes<loas_descriptor>(of.data.data())));
    case kind::completion:
        return fmt::format("{}  completion: {}", when, in_words(of_bytes<loas_completion>(of.data.data())));
    default:
        return fmt::format("{}  {}", when, of.text);
    }
}

std::string event_log::last() const
{
    std::string text;
    for (std::uint64_t i = m_count < kept ? 0 : m_count - kept; i < m_count; ++i)
        text += line(m_events[i % kept]) + '\n';
    for (const event& each : m_meanwhile)
        text += line(each) + '\n';
    if (!m_sent.empty())
        text += fmt::format("{:>17}  uart sends: {}\n", "last", text::printable(m_sent, longest_text));
    return text;
}

} // namespace loas::events
