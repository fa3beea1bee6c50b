#include "tests/unit/cores/rv64/random_program.h"

#include "models/cores/rv64/csr.h"
#include "tests/unit/cores/rv64/assembler.h"

#include <algorithm>
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
    for (const word number : {csr::mcause, csr::mepc, csr::mtval}) {
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

class block_writer
{
public:
    block_writer(assembly& to, std::mt19937& random) : m_to(to), m_random(random) {}

    void write()
    {
        std::vector<std::pair<std::size_t, word>> branches; // forward, to the beginning of a later instruction
        std::vector<std::size_t> begins;
        for (unsigned i = 0; i < random_program::block_instructions; ++i) {
            begins.push_back(m_to.here());
            if (pick(40) == 0) { // seldom, for they pass over what stands between
                branches.emplace_back(begins.back(), pick(2) == 0 ? 0x6f : 0x63);
                m_to.code(nop);
            } else {
                instruction();
            }
        }
        for (const auto& [at, opcode] : branches) {
            const std::size_t first =
                static_cast<std::size_t>(std::upper_bound(begins.begin(), begins.end(), at) - begins.begin());
            if (first == begins.size())
                continue;
            const auto by =
                static_cast<std::int32_t>(begins[first + pick(static_cast<unsigned>(begins.size() - first))] - at);
            static constexpr word conditions[] = {0, 1, 4, 5, 6, 7};
            const word code = opcode == 0x6f ? jal(reg(), by) : b_type(by, reg(), reg(), conditions[pick(6)]);
            std::memcpy(m_to.bytes().data() + at, &code, sizeof code);
        }
        m_to.code(ecall);
    }

private:
    unsigned pick(unsigned count) { return static_cast<unsigned>(m_random() % count); }
    word reg() { return pick(32); }

    void instruction()
    {
        switch (pick(16)) {
        case 0:
        case 1:
            compressed();
            return;
        case 2:
            compressed_memory();
            return;
        case 3:
        case 4:
            load();
            return;
        case 5:
        case 6:
            store();
            return;
        case 7:
            atomic();
            return;
        case 8:
            m_to.code(pick(2) == 0 ? lui(reg(), pick(1 << 20)) : auipc(reg(), pick(1 << 20)));
            return;
        case 9:
        case 10:
            immediate();
            return;
        default:
            registers();
            return;
        case 13:
            trap();
            return;
        case 14:
            control();
            return;
        case 15:
            m_to.code((m_random() & 0xfe007fffU & ~0x7fU) | reg() << 15 | reg() << 20 | (pick(2) == 0 ? 0x33 : 0x3b));
            return;
        }
    }

    /// Without supposing anything about registers, for a jump may have come here. Protected: where regions lie.
    void data_address(word to, bool protected_data)
    {
        m_to.code(lui(to, (random_program::data >> 13) + (protected_data ? 0 : 1)), slli(to, to, 1));
    }
    /// Aligned where regions lie.
    std::int32_t offset(bool protected_data, word size)
    {
        return offset() & -static_cast<std::int32_t>(protected_data ? 1U << size : 1U);
    }
    std::int32_t offset() { return static_cast<std::int32_t>(pick(4096)) - 2048; }

    void load()
    {
        const bool protected_data = pick(2) == 0;
        const word kind = pick(7);
        data_address(2, protected_data);
        m_to.code(i_type(offset(protected_data, kind & 3), 2, kind, reg(), 0x03));
    }

    void store()
    {
        const bool protected_data = pick(2) == 0;
        const word kind = pick(4);
        data_address(2, protected_data);
        m_to.code(s_type(offset(protected_data, kind), reg(), 2, kind));
    }

    void immediate()
    {
        const word rd = reg(), rs1 = reg(), kind = pick(12);
        static constexpr word plain[] = {0, 2, 3, 4, 6, 7};
        static constexpr std::int32_t left_shifts[] = {0x000, 0x280, 0x480, 0x680},
                                      right_shifts[] = {0x000, 0x400, 0x480, 0x600};
        static constexpr std::int32_t unary[] = {0x600, 0x601, 0x602, 0x604, 0x605};
        const auto distance = static_cast<std::int32_t>(pick(64));
        // Not ctzw: QEMU 7.2 counts on into the upper half where the lower one is 0.
        if (kind < 4)
            m_to.code(i_type(offset(), rs1, plain[pick(6)], rd, 0x13));
        else if (kind < 6)
            m_to.code(i_type(left_shifts[pick(4)] | distance, rs1, 1, rd, 0x13));
        else if (kind < 8)
            m_to.code(i_type(right_shifts[pick(4)] | distance, rs1, 5, rd, 0x13));
        else if (kind == 8)
            m_to.code(pick(3) == 0 ? i_type(pick(2) == 0 ? 0x287 : 0x6b8, rs1, 5, rd, 0x13)
                                   : i_type(unary[pick(5)], rs1, 1, rd, 0x13));
        else if (kind == 9)
            m_to.code(i_type(pick(2) == 0 ? offset() : 0, rs1, 0, rd, 0x1b));
        else if (kind == 10)
            m_to.code(pick(2) == 0 ? i_type(pick(2) == 0 ? distance & 31 : 0x080 | distance, rs1, 1, rd, 0x1b)
                                   : i_type(unary[2 * pick(2)], rs1, 1, rd, 0x1b));
        else
            m_to.code(i_type((pick(3) == 0 ? 0 : pick(2) == 0 ? 0x400 : 0x600) | (distance & 31), rs1, 5, rd, 0x1b));
    }

    void registers()
    {
        struct kind {
            word funct7, functions; ///< functions: a bit for each funct3
        };
        static constexpr kind wide[] = {{0, 0xff},    {1, 0xff},    {0x20, 0xf1}, {5, 0xf0},   {0x10, 0x54},
                                        {0x30, 0x22}, {0x24, 0x22}, {0x34, 0x02}, {0x14, 0x02}};
        static constexpr kind narrow[] = {{0, 0x23}, {1, 0xf1}, {0x20, 0x21}, {0x10, 0x54}, {0x30, 0x22}, {4, 0x01}};
        const bool is_wide = pick(3) != 0;
        const kind& chosen = is_wide ? wide[pick(std::size(wide))] : narrow[pick(std::size(narrow))];
        word funct3 = pick(8);
        while ((chosen.functions >> funct3 & 1) == 0)
            funct3 = pick(8);
        m_to.code(r_type(chosen.funct7, reg(), reg(), funct3, reg(), is_wide ? 0x33 : 0x3b));
    }

    /// Quadrants 1 and 2 without jumps, loads and stores.
    void compressed()
    {
        for (;;) {
            const word bits = pick(0x10000), quadrant = bits & 3, funct3 = bits >> 13;
            const bool arithmetic = quadrant == 1 && funct3 < 5 && (funct3 != 1 || (bits >> 7 & 31) != 0);
            const bool shift = quadrant == 2 && funct3 == 0;
            const bool move = quadrant == 2 && funct3 == 4 && (bits >> 2 & 31) != 0;
            const bool from_stack = quadrant == 0 && funct3 == 0 && (bits >> 5 & 0xff) != 0;
            if (arithmetic || shift || move || from_stack) {
                m_to.emit(bits, 2);
                return;
            }
        }
    }

    void compressed_memory()
    {
        static constexpr word functions[] = {2, 3, 6, 7};
        const word funct3 = functions[pick(4)];
        const bool stack = pick(2) == 0;
        const word base = stack ? 2 : 8 + pick(8);
        word bits = pick(0x2000) & ~3U;
        if (!stack)
            bits = (bits & ~0x380U) | (base - 8) << 7;
        else if (funct3 < 4 && (bits >> 7 & 31) == 0)
            bits |= 5 << 7; // no load of x0
        data_address(base, pick(2) == 0);
        m_to.emit(funct3 << 13 | bits | (stack ? 2 : 0), 2);
    }

    void atomic()
    {
        static constexpr word functions[] = {0, 1, 4, 8, 12, 16, 20, 24, 28};
        const word width = 2 + pick(2), address = 1 + pick(31);
        // Where there are no regions: QEMU tells a load's fault of an atomic instruction that may neither load nor
        // store, and looks at rights only after it has found a reservation.
        data_address(address, false);
        m_to.code(addi(address, address, static_cast<std::int32_t>(pick(256)) * 8));
        if (pick(4) == 0) { // and once in a while a store that nothing was reserved for
            if (pick(4) != 0)
                m_to.code(amo(2, width, reg_but(address), address, 0));
            m_to.code(amo(3, width, reg(), address, reg()));
            return;
        }
        m_to.code(amo(functions[pick(9)], width, reg(), address, reg()));
    }
    word reg_but(word other)
    {
        const word chosen = reg();
        return chosen == other ? 0 : chosen;
    }

    void trap()
    {
        const word address = 1 + pick(31), number = pick(6);
        if (number == 0) {
            m_to.code(0xffffffff);
        } else if (number == 1) {
            m_to.emit(0, 2);
        } else if (number == 2) {
            m_to.code(ebreak);
        } else if (number == 3) {
            m_to.emit(c_ebreak, 2);
        } else {
            m_to.code(lui(address, random_program::nothing >> 12));
            m_to.code(number == 4 ? i_type(static_cast<std::int32_t>(pick(64)) * 8, address, pick(7), reg(), 0x03)
                                  : s_type(static_cast<std::int32_t>(pick(64)) * 8, reg(), address, pick(4)));
        }
    }

    /// Registers that hold what is written and change nothing else; in user mode they are illegal.
    void control()
    {
        static constexpr word numbers[] = {csr::mcause, csr::mtval, csr::pmpaddr0 + 3, csr::pmpaddr0 + 5};
        static constexpr word functions[] = {1, 2, 3, 5, 6, 7};
        const word number = numbers[pick(4)];
        // QEMU keeps all 64 bits of an address of a region; only 54 are there.
        const word function = functions[number >= csr::pmpaddr0 ? 3 + pick(3) : pick(6)];
        m_to.code(number << 20 | reg() << 15 | function << 12 | reg() << 7 | 0x73);
    }

    assembly& m_to;
    std::mt19937& m_random;
};

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
    for (word i = 1; i < 32; ++i)
        to.constant(i, (std::uint64_t{random()} << 32) + random());
    const std::size_t first = to.here();
    for (unsigned i = 0; i < blocks; ++i)
        block_writer(to, random).write();
    to.code(jal(0, static_cast<std::int32_t>(first) - static_cast<std::int32_t>(to.here())));

    std::vector<std::uint8_t>& bytes = to.bytes();
    bytes.resize(data + 4 * 4096 - base);
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
