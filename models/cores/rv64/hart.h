// An RV64 hart: RV64IMAFDC, Zicsr, Zifencei, Zicntr, Zba, Zbb, Zbs, modes M and U, PMP. Plain C++: whoever runs it
// tells it up to which cycle, sets its interrupt lines, and answers for memory and devices (bus.h).
//
// Fast because it decodes a basic block once, goes from block to block without looking anything up, takes a block's
// cycles from what is left at its entry, and reads and writes memory through pointers to pages. Exact all the same: no
// instruction begins at or after the given cycle, whatever the blocks are, and a fault finds the counters as if
// instructions had been counted one by one.
#pragma once

#include "models/cores/rv64/blocks.h"
#include "models/cores/rv64/bus.h"
#include "models/cores/rv64/csr.h"
#include "models/cores/rv64/parameters.h"
#include "models/cores/rv64/pmp.h"

#include <array>
#include <cstdint>

namespace loas::rv64
{

/// Two forms of the same: a jump from each instruction to the next one's code, where the compiler has labels as values,
/// and a switch.
enum class dispatch { threaded, plain };

struct hart_settings {
    class_cycles cycles;
    std::uint64_t id = 0; ///< mhartid
    dispatch form = dispatch::threaded;
};

class hart
{
public:
    /// Why run() has ended.
    enum class stop {
        time_up,  ///< the next instruction begins at the given cycle or later
        accessed, ///< an access that was a call, or breakpoint(): what is scheduled may have changed
        waiting,  ///< wfi, and no interrupt that is enabled in mie pends
        lost,     ///< the handler of traps traps, at the same instruction again and again: see first_trap()
    };

    hart(bus& outside, const hart_settings& settings);
    hart(const hart&) = delete;
    hart& operator=(const hart&) = delete;

    /// Machine mode at pc, interrupts and PMP off; counters, registers and blocks as new.
    void reset(std::uint64_t pc);

    /// Runs instructions, each of which begins before the cycle. One that traps takes its time too.
    stop run(std::uint64_t until_cycle);
    /// At most so many instructions, traps and interrupts, each of which begins before the cycle.
    stop run_instructions(std::uint64_t count, std::uint64_t until_cycle);

    void set_line(interrupt_line line, bool high);
    /// Time passes without instructions: somebody else's, or in wfi. Never back.
    void advance_to(std::uint64_t cycle);

    /// Somebody else has written to memory: a device, a loader, a debugger.
    void written_by_others(std::uint64_t address, std::uint64_t bytes);
    /// What find_page has said about these addresses may no longer hold.
    void forget_pages(std::uint64_t first, std::uint64_t last);

    std::uint64_t pc() const { return m_pc; }
    void set_pc(std::uint64_t pc);
    std::uint64_t x(unsigned number) const { return m_x[number]; }
    void set_x(unsigned number, std::uint64_t value);
    std::uint64_t f(unsigned number) const { return m_f[number]; } ///< single precision has all high bits set
    bool machine_mode() const { return m_machine_mode; }
    void set_machine_mode(bool machine) { set_mode(machine); } ///< a debugger
    std::uint64_t cycle() const { return m_cycle; }            ///< since the beginning of time
    std::uint64_t instret() const { return m_instret; }        ///< retired since reset
    /// The exception with which the latest series of them began that no mret has ended.
    struct exception {
        std::uint64_t pc = 0, cause = 0, value = 0;
    };
    const exception& first_trap() const { return m_first_trap; }
    std::uint64_t traps() const { return m_traps; } ///< and interrupts taken since reset
    bool waiting() const { return m_waiting; }
    std::uint64_t mip() const { return m_mip; }
    std::uint64_t mie() const { return m_mie; }

    /// As a program in machine mode would; false: there is no such register, or it cannot be written.
    bool read_csr(unsigned number, std::uint64_t& value);
    bool write_csr(unsigned number, std::uint64_t value);

private:
    /// How executing blocks has ended.
    enum class left { look_up, accessed };
    /// How an access to memory has ended.
    enum class outcome { done, changed_code, called, trapped };
    enum class access { load, store, load_reserved, store_conditional, read_and_write };

    struct translation {
        std::uint64_t readable = 1, writable = 1; ///< address of the page; 1: none
        std::uint64_t host = 0;                   ///< what makes its addresses ours
    };
    static constexpr std::size_t translations = 256;
    static constexpr std::uint64_t most_alike = 10000; ///< exceptions at one place, without an mret; then it is lost
    using translation_table = std::array<translation, translations>;

    // execute.inc, once for each form of dispatch
    left execute_threaded(block* at, std::uint64_t until);
    left execute_plain(block* at, std::uint64_t until);

    // hart.cpp
    block* block_here();
    bool fetch_parcel(std::uint64_t address, std::uint16_t& parcel);
    block* cut(const block& whole, std::int64_t cycles_left);
    void drop_stale();
    bool take_interrupt();
    void trap(std::uint64_t cause, std::uint64_t value);
    void note_exception(std::uint64_t cause, std::uint64_t value);
    void trap_at(const instruction* at, std::uint64_t cause, std::uint64_t value);
    void go_back_to(const instruction* at);
    void set_mode(bool machine);
    void choose_data_mode();
    left after(const instruction* at, outcome how);
    std::uint64_t address_of(const instruction* at) const;

    // hart_system.cpp
    left system(const instruction* at);
    left illegal(const instruction* at);
    bool csr_instruction(const instruction* at);
    bool may_access_csr(unsigned number, bool writes) const;
    void write_status(std::uint64_t value);
    bool read_counter(unsigned number, std::uint64_t& value);
    bool write_protection(unsigned number, std::uint64_t value);

    // hart_floating.cpp
    bool floating(std::uint32_t bits, const instruction* at);
    bool rounding_of(std::uint32_t bits, unsigned& mode) const;
    template <class format> bool floating_in(std::uint32_t bits, const instruction* at, unsigned mode);
    void set_f(unsigned number, std::uint64_t bits);
    void raise(unsigned flags);
    bool read_floating_csr(unsigned number, std::uint64_t& value) const;
    bool write_floating_csr(unsigned number, std::uint64_t value);

    // hart_memory.cpp
    outcome load(const instruction* at, std::uint64_t address, unsigned bytes, std::uint64_t& value);
    outcome store(const instruction* at, std::uint64_t address, unsigned bytes, std::uint64_t value);
    outcome atomic(const instruction* at, unsigned bytes);
    outcome reserve(const instruction* at, unsigned bytes);
    outcome store_reserved(const instruction* at, unsigned bytes);
    outcome read(const instruction* at, access kind, std::uint64_t address, unsigned bytes, std::uint64_t& value);
    outcome write(const instruction* at, access kind, std::uint64_t address, unsigned bytes, std::uint64_t value);
    bool may_access(const instruction* at, access kind, std::uint64_t address, unsigned bytes);
    bool call(const instruction* at, access kind, std::uint64_t address, unsigned bytes, void* to, const void* from);
    const page& page_at(std::uint64_t address);
    void remember(std::uint64_t address, const page& where);
    void forget_writable(std::uint64_t page);
    void forget_all_translations();

    // What execution touches most.
    std::array<std::uint64_t, 33> m_x{}; ///< the last one takes what is written to x0
    translation_table* m_data = nullptr; ///< of the privilege with which data are accessed
    block* m_block = nullptr;            ///< being executed
    std::uint64_t m_pc = 0;
    std::uint64_t m_cycle = 0;
    std::uint64_t m_instret = 0;
    block_store m_blocks;
    std::array<translation_table, 2> m_translations{}; ///< user, machine
    std::unordered_map<std::uint64_t, page> m_pages;   ///< what find_page has said
    static constexpr std::uint64_t no_page = 1;
    std::uint64_t m_last_page = no_page;
    const page* m_last = nullptr; ///< at m_last_page, of m_pages
    block** m_link = nullptr;     ///< to be told which block is at m_pc
    bool m_stale = false;         ///< blocks are to be dropped before the next is looked up
    bool m_waiting = false;

    bus& m_bus;
    const hart_settings m_settings;
    std::array<std::int64_t, operations> m_cost{};
    std::uint64_t m_taken_branch_extra = 0;
    const void* const* m_labels = nullptr;
    block m_cut; ///< the beginning of a block, when not all of it may run
    std::array<instruction, block::longest + 1> m_cut_records{};

    std::array<std::uint64_t, 32> m_f{};
    unsigned m_rounding = 0, m_flags = 0; ///< frm, fflags
    bool m_machine_mode = true;
    bool m_reserved = false;
    std::uint64_t m_reservation = 0;
    unsigned m_reservation_bytes = 0;
    std::uint64_t m_traps = 0;
    exception m_first_trap;
    bool m_in_handler = false;                   ///< of an exception, since no mret
    std::uint64_t m_trapped_at = 0, m_alike = 0; ///< pc of the last exception; others there just before it
    pmp m_pmp;
    std::uint64_t m_mstatus = 0, m_mie = 0, m_mip = 0, m_mtvec = 0, m_mscratch = 0, m_mepc = 0, m_mcause = 0,
                  m_mtval = 0, m_mcounteren = 0, m_menvcfg = 0;
    std::uint64_t m_mcycle_offset = 0, m_minstret_offset = 0; ///< since a program has written them
};

} // namespace loas::rv64
