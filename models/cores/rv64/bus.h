// What an RV64 hart sees outside of itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loas::rv64
{

class hart;

inline constexpr std::uint64_t page_bytes = 4096;

/// What lies at a page of addresses.
struct page {
    bool is_memory = false; ///< may be executed, accessed at any alignment and atomically; else devices or nothing
    /// The page's bytes, for as long as nobody calls hart::forget_pages. nullptr: each access is a call.
    std::uint8_t* bytes = nullptr;
    bool writable = false; ///< through the pointer; else a store is a call
};

/// How an access ended that was a call.
struct access_end {
    bool ok = false;
    std::uint64_t cycles = 0; ///< that it took beside the instruction's own
};

class bus
{
public:
    /// Asked once for each page and again after hart::forget_pages. address: of its first byte.
    virtual page find_page(std::uint64_t address) = 0;

    /// An access of an instruction, 1 to 8 bytes: of a device always all that the instruction accesses, aligned.
    /// hart.cycle() is when the instruction began. After it the hart stops, so that who runs it can look again.
    virtual access_end read(std::uint64_t address, void* to, std::size_t bytes) = 0;
    virtual access_end write(std::uint64_t address, const void* from, std::size_t bytes) = 0;

    /// Instruction bytes of memory without a pointer; takes no time. False: cannot be read.
    virtual bool fetch(std::uint64_t address, void* to, std::size_t bytes) = 0;

    /// The counter `time`, at hart.cycle().
    virtual std::uint64_t time() = 0;

    /// ebreak at hart.pc(): true when somebody other than the program has dealt with it (semihosting, a debugger); the
    /// hart goes on behind it. False: the program gets its trap.
    virtual bool breakpoint(hart&) { return false; }

    /// An exception is taken, no interrupt: hart.pc() is still where. Nothing may be done about it.
    virtual void trapped(const hart&, std::uint64_t /*cause*/, std::uint64_t /*value*/) {}

protected:
    ~bus() = default;
};

} // namespace loas::rv64
