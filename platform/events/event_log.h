// What happens in a simulation as software sees it, a line an event: accesses to registers with the names of register
// and fields, descriptors and completions in words, edges of interrupts, faults, lines of the driver, text that the UART
// sends. The last ones are kept, whether or not anybody reads them, so that a run that fails can show them.
//
// Lines are in the order of what they tell: an access stands where its device answers it, behind what that reads and
// before what it brings about, and times never go back. A CPU may be ahead of the kernel's time: what an access of it
// brings about at once has the access's time.
#pragma once

#include "abi/loas_abi.h"
#include "models/kernel/link_observer.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace loas::events
{

/// Must outlive the machine that it observes.
class event_log
{
public:
    static constexpr std::size_t kept = 50; ///< events

    /// to: where every event is written at once; nullptr: nowhere.
    explicit event_log(std::FILE* to) : m_to(to) {}
    event_log(const event_log&) = delete;
    event_log& operator=(const event_log&) = delete;

    /// Of the links by which the CPU and the command rings reach devices and memory.
    kernel::observer_maker observer();

    /// pc: where the program is; place: that in words. Without it, it is "program".
    void set_program(std::function<std::uint64_t()> pc, std::function<std::string(std::uint64_t)> place);

    /// Something else, now, or at the time of a CPU that is ahead of it.
    void add(const std::string& text);
    void add(const std::string& text, std::uint64_t time_ps);
    /// The UART has sent a byte: a line of text is an event.
    void sent(unsigned char letter);

    /// The events that are kept, a line each; "" without any. Accesses by which a UART is polled and fed are not kept:
    /// what a program says of its failure would leave no room for what led there.
    std::string last() const;

private:
    friend class link_events;

    enum class kind { text, access, descriptor, completion };
    struct event {
        kind what = kind::text;
        std::uint64_t time_ps = 0;
        std::uint64_t delta = 0; ///< of the kernel, when it happened
        std::uint64_t pc = 0;
        std::uint64_t address = 0, value = 0; ///< of an access
        std::uint8_t bytes = 0;
        bool write = false, ok = true;
        std::array<std::uint8_t, sizeof(loas_descriptor)> data{}; ///< of a descriptor or a completion
        std::string text;
    };

    event made(kind what, std::uint64_t time_ps) const;
    /// Behind the access that is under way.
    void take(event&& what);
    void put(event&& what);
    static bool of_text(const event& what);
    /// An access of the CPU is under way, of which there is one at a time; it has ended. told: it is an event.
    void begin_access() { m_in_access = true; }
    void end_access(event* told);
    std::string line(const event& of) const;

    std::FILE* m_to;
    std::function<std::uint64_t()> m_pc;
    std::function<std::string(std::uint64_t)> m_place;
    std::array<event, kept> m_events;
    std::uint64_t m_count = 0, m_last_ps = 0;
    bool m_in_access = false;
    std::vector<event> m_meanwhile; ///< since the access began
    std::string m_sent;             ///< of a line that has not ended
};

} // namespace loas::events
