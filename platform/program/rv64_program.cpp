#include "models/cores/rv64/cpu/rv64_cpu.h"
#include "platform/formats/elf.h"
#include "platform/machine/board.h"
#include "platform/machine/board_text.h"
#include "platform/process/errors.h"
#include "platform/program/program.h"
#include "platform/program/semihosting.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::program
{
namespace
{

constexpr std::uint64_t stack_bytes = std::uint64_t{1} << 20; ///< at the end of RAM, which semihosting leaves

std::string cause_text(std::uint64_t cause)
{
    switch (cause) {
    case rv64::cause::fetch_access:
        return "instruction access fault";
    case rv64::cause::illegal:
        return "illegal instruction";
    case rv64::cause::breakpoint:
        return "breakpoint";
    case rv64::cause::load_misaligned:
        return "misaligned load";
    case rv64::cause::load_access:
        return "load access fault";
    case rv64::cause::store_misaligned:
        return "misaligned store";
    case rv64::cause::store_access:
        return "store access fault";
    case rv64::cause::ecall_from_u:
    case rv64::cause::ecall_from_m:
        return "environment call";
    default:
        return "exception";
    }
}

class rv64_program : public guest
{
public:
    rv64_program(const config::scenario& scenario, std::FILE* console)
        : m_scenario(scenario), m_console(console), m_program(formats::read_elf(scenario.workload.program.string()))
    {
    }

    void install(machine::machine& on, const std::function<void()>& ended) override
    {
        std::uint64_t end = 0;
        for (const formats::elf_segment& each : m_program.segments) {
            if (!fits(each))
                throw text::user_error(fmt::format(
                    "{}: the segment at {:#x} of {} bytes does not lie in RAM, which is at {:#x}, memory.ram_mib = {}",
                    m_program.source, each.address, each.memory_bytes, machine::board::ram.base,
                    m_scenario.memory.ram_mib));
            end = std::max(end, each.address + each.memory_bytes);
        }
        semihosting::settings settings;
        settings.files = m_scenario.workload.files;
        settings.command_line = m_scenario.workload.program.filename().string();
        if (!m_scenario.workload.arguments.empty())
            settings.command_line += ' ' + m_scenario.workload.arguments;
        settings.heap_begin = (end + 15) / 16 * 16;
        settings.heap_end = std::max(ram_end() - stack_bytes, settings.heap_begin);
        settings.console = m_console;
        m_calls = std::make_unique<semihosting>(on, settings);
        on.rv64()->on_breakpoint([this](rv64::hart& hart) { return m_calls->handle(hart); });
        const auto load = [this, &on] { // memory is zero before, and so is what follows a segment's bytes
            for (const formats::elf_segment& each : m_program.segments)
                on.debug_write(each.address, each.bytes.data(), each.bytes.size());
        };
        on.start_program(m_program.entry, load, ended);
        m_cpu = on.rv64();
    }

    void require_good() const override
    {
        if (!m_cpu->lost())
            return;
        const rv64::hart::exception& first = m_cpu->hart().first_trap();
        std::uint64_t handler = 0;
        m_cpu->hart().read_csr(rv64::csr::mtvec, handler);
        const std::string none = handler == 0 ? "it has set no handler (mtvec is 0)"
                                              : "its handler, " + where(handler) + ", traps again and again";
        throw process::guest_error(fmt::format("the program cannot go on: {} (cause {}, value {:#x}) at pc {}, and {}",
                                               cause_text(first.cause), first.cause, first.value, where(first.pc),
                                               none));
    }

    std::string describe() const override
    {
        if (m_cpu == nullptr)
            return "";
        std::string text = "The program is at pc " + where(m_cpu->hart().pc());
        const std::uint64_t back = m_cpu->hart().x(1);
        if (const std::string from = m_program.place(back); !from.empty())
            text += fmt::format(" (ra {:#x}, {})", back, from);
        const cores::rv64_cpu::access& last = m_cpu->last_access();
        if (last.bytes != 0)
            text += fmt::format("; its last access to a device was a {} of {} at {:#x}{}",
                                last.write ? "write" : "read", machine::name_of(last.address), last.address,
                                last.in_a_row > 1 ? fmt::format(", the {}th alike", last.in_a_row) : "");
        return text + ".";
    }

    std::uint64_t pc() const override { return m_cpu->hart().pc(); }
    std::string place(std::uint64_t pc) const override { return where(pc); }
    void tell_of_traps(const std::function<void(const std::string&, std::uint64_t time_ps)>& told) override
    {
        m_cpu->on_trap([this, told](std::uint64_t cause, std::uint64_t value) {
            told(fmt::format("{}: {} (cause {}, value {:#x})", where(m_cpu->hart().pc()), cause_text(cause), cause,
                             value),
                 m_cpu->hart().cycle() * m_cpu->period_ps());
        });
    }

    results::program_result result(const machine::machine& on) const override
    {
        results::program_result found;
        found.cpu = "rv64";
        if (on.ended_by_itself()) {
            found.code = on.ended_by_itself()->code;
            found.ended_by = on.ended_by_itself()->by;
        }
        const rv64::hart::exception& last = m_cpu->hart().first_trap();
        if (found.code != 0 && (last.cause != 0 || last.pc != 0)) // which its own handler may have told without a name
            fmt::print(stderr, "loas-vp: the program's last exception was: {} (cause {}, value {:#x}) at pc {}\n",
                       cause_text(last.cause), last.cause, last.value, where(last.pc));
        return found;
    }

private:
    std::uint64_t ram_end() const
    {
        return machine::board::ram.base + (static_cast<std::uint64_t>(m_scenario.memory.ram_mib) << 20);
    }
    bool fits(const formats::elf_segment& each) const
    {
        return each.address >= machine::board::ram.base && each.address <= ram_end() &&
               each.memory_bytes <= ram_end() - each.address;
    }
    /// "0x80000012 in main+0x12"
    std::string where(std::uint64_t address) const
    {
        const std::string in = m_program.place(address);
        return in.empty() ? fmt::format("{:#x}, which is in no function", address)
                          : fmt::format("{:#x} in {}", address, in);
    }

    const config::scenario& m_scenario;
    std::FILE* m_console;
    formats::elf_program m_program;
    std::unique_ptr<semihosting> m_calls;
    cores::rv64_cpu* m_cpu = nullptr;
};

} // namespace

std::unique_ptr<guest> make_rv64_program(const config::scenario& scenario, std::FILE* console)
{
    return std::make_unique<rv64_program>(scenario, console);
}

} // namespace loas::program
