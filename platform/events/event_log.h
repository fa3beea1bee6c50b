// What happens in a simulation as software sees it, a line an event: accesses to registers with the names of register
// and fields, descriptors and completions in words, edges of interrupts, faults, lines of the driver. The last ones are
// kept, whether or not anybody reads them, so that a run that fails can show them.
#pragma once

#include "abi/loas_abi.h"
#include "models/kernel/link_observer.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>

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

    /// Something else, now.
    void add(const std::string& text);

    /// The events that are kept, a line each; "" without any.
    std::string last() const;

private:
    friend class link_events;

    enum class kind { text, access, descriptor, completion };
    struct event {
        kind what = kind::text;
        std::uint64_t time_ps = 0;
        std::uint64_t pc = 0;
        std::uint64_t address = 0, value = 0; ///< of an access
        std::uint8_t bytes = 0;
        bool write = false, ok = true;
        std::array<std::uint8_t, sizeof(loas_descriptor)> data{}; ///< of a descriptor or a completion
        std::string text;
    };

    event& next(kind what, std::uint64_t time_ps);
    void finish(const event& done);
    std::string line(const event& of) const;

    std::FILE* m_to;
    std::function<std::uint64_t()> m_pc;
    std::function<std::string(std::uint64_t)> m_place;
    std::array<event, kept> m_events;
    std::uint64_t m_count = 0;
};

} // namespace loas::events
