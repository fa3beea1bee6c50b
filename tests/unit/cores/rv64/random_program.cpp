#include "tests/unit/cores/rv64/random_program.h"

#include "models/cores/rv64/csr.h"
#include "tests/unit/cores/rv64/random_block.h"

#include <cstring>
#include <random>

namespace loas::test
{
namespace
{

using namespace rv64_code;
namespace csr = rv64::csr;

// Places in the state, behind the 32 registers.
constexpr std::int32_t hash = 256, factor = 264, left = 272, data_words = 280, open_region = 288, to_print = 296,
                       period_at = 304;

/// Into the hash x5, with the factor in x6.
void fold(assembly& to, word reg)
{
    to.code(xor_(5, 5, reg), mul(5, 5, 6), srli(7, 5, 29), xor_(5, 5, 7));
}

/// rd = the right hand of hash >> by, with write never alone.
void rights(assembly& to, word rd, std::int32_t by, std::int32_t mask)
{
    to.code(srli(rd, 5, by), i_type(mask, rd, 7, rd, 0x13));
    to.code(i_type(3, rd, 7, 13, 0x13), addi(13, 13, -2), bne(13, 0, 8), i_type(~2, rd, 7, rd, 0x13));
}

// Regions of 8 bytes and more, for aligned accesses never see a part of one: QEMU 7.2 then goes on to the next region.
void change_protection(assembly& to)
{
    // Region 0: a power of two somewhere in the data. Region 2: from an address there on, its beginning in region 1.
    to.code(srli(10, 5, 8), i_type(0x3ff, 10, 7, 10, 0x13), ld(11, 31, data_words), add(11, 11, 10));
    to.code(csrrw(0, csr::pmpaddr0, 11));
    to.code(srli(10, 5, 20), i_type(0x3fe, 10, 7, 10, 0x13), ld(11, 31, data_words), add(10, 10, 11));
    to.code(csrrw(0, csr::pmpaddr0 + 1, 10));
    to.code(srli(11, 5, 28), i_type(0x7e, 11, 7, 11, 0x13), add(10, 10, 11), csrrw(0, csr::pmpaddr0 + 2, 10));
    rights(to, 11, 36, 7);
    to.code(srli(12, 5, 39), i_type(1, 12, 7, 12, 0x13), slli(10, 12, 3), slli(12, 12, 4)); // off or NAPOT
    to.code(r_type(0, 10, 11, 6, 11, 0x33), r_type(0, 12, 11, 6, 11, 0x33));
    rights(to, 12, 44, 7);
    to.code(srli(10, 5, 47), i_type(8, 10, 7, 10, 0x13), r_type(0, 10, 12, 6, 12, 0x33)); // off or TOR
    to.code(slli(12, 12, 16), r_type(0, 12, 11, 6, 11, 0x33), ld(12, 31, open_region), r_type(0, 12, 11, 6, 11, 0x33));
    to.code(csrrw(0, csr::pmpcfg0, 11));
}

void print_hash(assembly& to)
{
    to.code(lui(11, random_program::uart >> 12), addi(9, 0, 60));
    const std::size_t loop = to.here();
    to.code(r_type(0, 9, 5, 5, 10, 0x33), i_type(15, 10, 7, 10, 0x13), addi(10, 10, 'a'), sb(10, 11, 0),
            addi(9, 9, -4));
    to.code(addi(10, 0, 28), bne(9, 10, static_cast<std::int32_t>(loop) - static_cast<std::int32_t>(to.here()) - 4));
    to.code(addi(10, 0, '\n'), sb(10, 11, 0));
}

void write_handler(assembly& to)
{
    to.code(csrrw(31, csr::mscratch, 31));
    for (word i = 1; i < 31; ++i)
        to.code(sd(i, 31, static_cast<std::int32_t>(8 * i)));
    to.code(csrrs(1, csr::mscratch, 0), sd(1, 31, 8 * 31), csrrw(0, csr::mscratch, 31));
    to.code(ld(5, 31, hash), ld(6, 31, factor));
    for (std::int32_t i = 1; i < 32; ++i) {
        to.code(ld(7, 31, 8 * i));
        fold(to, 7);
    }
    for (word i = 0; i < 32; ++i) {
        to.code(r_type(0x71, 0, i, 0, 7, 0x53)); // fmv.x.d
        fold(to, 7);
    }
    for (const word number : {csr::mcause, csr::mepc, csr::mtval, csr::fcsr}) {
        to.code(csrrs(7, number, 0));
        fold(to, 7);
    }
    to.code(csrrs(7, csr::mstatus, 0), lui(8, 2), addi(8, 8, -0x778), r_type(0, 8, 7, 7, 7, 0x33)); // mpp, mpie, mie
    fold(to, 7);
    to.code(sd(5, 31, hash));
    // Behind the instruction that trapped, which has 2 or 4 bytes.
    to.code(csrrs(8, csr::mepc, 0), lhu(9, 8, 0), i_type(3, 9, 7, 9, 0x13), addi(9, 9, -3), addi(8, 8, 2));
    to.code(bne(9, 0, 8), addi(8, 8, 2), csrrw(0, csr::mepc, 8));
    to.code(csrrs(8, csr::mcause, 0), addi(9, 0, 8), beq(8, 9, 12), addi(9, 0, 11));
    const std::size_t no_checkpoint = to.here();
    to.code(nop);
    to.code(ld(8, 31, left), addi(8, 8, -1), sd(8, 31, left));
    const std::size_t finished = to.here();
    to.code(nop);
    to.code(lui(9, 2), addi(9, 9, -0x800), csrrc(0, csr::mstatus, 9), i_type(16, 5, 7, 10, 0x13), bne(10, 0, 8),
            csrrs(0, csr::mstatus, 9));
    to.code(i_type(0x60, 5, 7, 10, 0x13));
    const std::size_t as_before = to.here();
    to.code(nop);
    change_protection(to);
    to.aim(as_before, [](std::int32_t by) { return bne(10, 0, by); });
    to.code(ld(8, 31, to_print), addi(8, 8, -1), sd(8, 31, to_print));
    const std::size_t silent = to.here();
    to.code(nop);
    to.code(ld(8, 31, period_at), sd(8, 31, to_print));
    print_hash(to);
    to.aim(silent, [](std::int32_t by) { return bne(8, 0, by); });
    to.aim(no_checkpoint, [](std::int32_t by) { return bne(8, 9, by); });
    for (word i = 1; i < 32; ++i)
        to.code(ld(i, 31, static_cast<std::int32_t>(8 * i)));
    to.code(mret);
    to.aim(finished, [](std::int32_t by) { return beq(8, 0, by); });
    print_hash(to);
    to.code(lui(10, random_program::finisher >> 12), lui(11, 5), addi(11, 11, 0x555), sw(11, 10, 0), jal(0, 0));
}

} // namespace

std::vector<std::uint8_t> random_program::image() const
{
    std::mt19937 random(seed);
    assembly to;
    const std::size_t over_handler = to.here();
    to.code(nop);
    const std::size_t handler = to.here();
    write_handler(to);
    to.aim(over_handler, [](std::int32_t by) { return jal(0, by); });
    to.constant(5, base + handler);
    to.constant(6, state);
    to.constant(7, ~std::uint64_t{0} >> 10);
    to.constant(8, std::uint64_t{0x1f} << 56);
    to.code(csrrw(0, csr::mtvec, 5), csrrw(0, csr::mscratch, 6), csrrw(0, csr::pmpaddr0 + 7, 7),
            csrrw(0, csr::pmpcfg0, 8));
    to.code(lui(5, 6), csrrs(0, csr::mstatus, 5)); // floating point on
    for (word i = 0; i < 32; ++i)
        to.code(r_type(0x79, 0, 0, 0, i, 0x53)); // fmv.d.x
    for (word i = 1; i < 32; ++i)
        to.constant(i, (std::uint64_t{random()} << 32) + random());
    const std::size_t first = to.here();
    for (unsigned i = 0; i < blocks; ++i)
        write_random_block(to, random);
    to.code(jal(0, static_cast<std::int32_t>(first) - static_cast<std::int32_t>(to.here())));

    std::vector<std::uint8_t>& bytes = to.bytes();
    bytes.resize(data + 6 * 4096 - base);
    const auto put = [&](std::int32_t at, std::uint64_t value) {
        std::memcpy(bytes.data() + (state - base) + at, &value, sizeof value);
    };
    put(hash, seed);
    put(factor, 0x9e3779b97f4a7c15);
    put(left, checkpoints);
    put(data_words, data >> 2);
    put(open_region, std::uint64_t{0x1f} << 56);
    put(to_print, period);
    put(period_at, period);
    return bytes;
}

} // namespace loas::test
