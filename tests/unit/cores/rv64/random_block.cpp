#include "tests/unit/cores/rv64/random_block.h"

#include "models/cores/rv64/csr.h"
#include "tests/unit/cores/rv64/random_program.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace loas::test
{
namespace
{

using namespace rv64_code;
namespace csr = rv64::csr;

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
        switch (pick(19)) {
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
        case 16:
        case 17:
        case 18:
            floating();
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

    /// Without supposing anything about registers, for a jump may have come here. Protected: where regions lie, the
    /// largest of them of two pages.
    void data_address(word to, bool protected_data)
    {
        m_to.code(lui(to, (random_program::data >> 13) + (protected_data ? 0 : 2)), slli(to, to, 1));
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
        const bool is_floating = (kind == 2 || kind == 3) && pick(2) == 0;
        m_to.code(i_type(offset(protected_data, kind & 3), 2, kind, reg(), is_floating ? 0x07 : 0x03));
    }

    void store()
    {
        const bool protected_data = pick(2) == 0;
        const word kind = pick(4);
        data_address(2, protected_data);
        const word is_floating = kind >= 2 && pick(2) == 0 ? 4 : 0; // the opcode's
        m_to.code(s_type(offset(protected_data, kind), reg(), 2, kind) | is_floating);
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

    void floating()
    {
        const word rd = reg(), rs1 = reg(), rs2 = reg(), precision = pick(2), mode = pick(4) == 0 ? pick(8) : 7;
        static constexpr word rounded[] = {0, 1, 2, 3};
        const auto code = [&](word funct5, word second, word kind) {
            m_to.code(r_type(funct5 << 2 | precision, second, rs1, kind, rd, 0x53));
        };
        switch (pick(12)) {
        case 0:
            code(0x0b, 0, mode);
            return;
        case 1:
            code(0x04, rs2, pick(3));
            return;
        case 2:
            code(0x05, rs2, pick(2));
            return;
        case 3:
            code(0x08, 1 - precision, mode);
            return;
        case 4:
            code(0x14, rs2, pick(3));
            return;
        case 5:
            code(0x18, pick(4), mode);
            return;
        case 6:
            code(0x1a, pick(4), mode);
            return;
        case 7:
            code(pick(2) == 0 ? 0x1c : 0x1e, 0, 0);
            return;
        case 8: // class; modes, reserved ones too, and flags
            if (pick(2) == 0)
                code(0x1c, 0, 1);
            else
                m_to.code(csrrwi(rd, csr::fflags + pick(3), pick(8)));
            return;
        case 9: // fused
            m_to.code(reg() << 27 | precision << 25 | rs2 << 20 | rs1 << 15 | mode << 12 | rd << 7 | 0x43 |
                      pick(4) << 2);
            return;
        default:
            code(rounded[pick(4)], rs2, mode);
            return;
        }
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
        static constexpr word functions[] = {1, 2, 3, 5, 6, 7};
        const word funct3 = functions[pick(6)];
        const bool stack = pick(2) == 0;
        const word base = stack ? 2 : 8 + pick(8);
        word bits = pick(0x2000) & ~3U;
        if (!stack)
            bits = (bits & ~0x380U) | (base - 8) << 7;
        else if ((funct3 == 2 || funct3 == 3) && (bits >> 7 & 31) == 0)
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

void write_random_block(assembly& to, std::mt19937& random)
{
    block_writer(to, random).write();
}

} // namespace loas::test
