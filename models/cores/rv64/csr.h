// Numbers and bits of control and status registers (privileged ISA 1.12).
#pragma once

#include <cstdint>

namespace loas::rv64
{

namespace csr
{
enum : unsigned {
    fflags = 0x001,
    frm = 0x002,
    fcsr = 0x003,
    cycle = 0xc00,
    time = 0xc01,
    instret = 0xc02,
    mvendorid = 0xf11,
    marchid = 0xf12,
    mimpid = 0xf13,
    mhartid = 0xf14,
    mconfigptr = 0xf15,
    mstatus = 0x300,
    misa = 0x301,
    mie = 0x304,
    mtvec = 0x305,
    mcounteren = 0x306,
    menvcfg = 0x30a,
    mcountinhibit = 0x320,
    mhpmevent3 = 0x323,
    mscratch = 0x340,
    mepc = 0x341,
    mcause = 0x342,
    mtval = 0x343,
    mip = 0x344,
    pmpcfg0 = 0x3a0,
    pmpaddr0 = 0x3b0,
    tselect = 0x7a0,
    mcycle = 0xb00,
    minstret = 0xb02,
};
} // namespace csr

namespace status
{
constexpr std::uint64_t mie = 1U << 3, mpie = 1U << 7, mprv = 1U << 17, tw = 1U << 21;
constexpr unsigned mpp_shift = 11;
constexpr std::uint64_t mpp = std::uint64_t{3} << mpp_shift;
constexpr std::uint64_t fs = 3U << 13;               ///< floating point: off, initial, clean, dirty
constexpr std::uint64_t sd = std::uint64_t{1} << 63; ///< it is dirty
constexpr std::uint64_t uxl_64 = std::uint64_t{2} << 32;
} // namespace status

namespace cause
{
enum : std::uint64_t {
    fetch_access = 1,
    illegal = 2,
    breakpoint = 3,
    load_misaligned = 4,
    load_access = 5,
    store_misaligned = 6,
    store_access = 7,
    ecall_from_u = 8,
    ecall_from_m = 11,
};
constexpr std::uint64_t interrupt = std::uint64_t{1} << 63;
} // namespace cause

/// Interrupt lines of a hart: bits of mip and mie, and causes.
enum class interrupt_line : unsigned { software = 3, timer = 7, external = 11 };

} // namespace loas::rv64
