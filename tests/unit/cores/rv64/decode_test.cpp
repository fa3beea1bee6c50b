// The decoder against encodings written down by hand from the ISA manual, and against everything else.
#include "models/cores/rv64/instruction.h"

#include <gtest/gtest.h>

#include <random>

namespace
{

using namespace loas::rv64;
using op = operation;

struct row {
    std::uint32_t bits;
    op what;
    unsigned rd, rs1, rs2;
    std::int64_t immediate;
};

constexpr std::uint64_t pc = 0x80000100;
constexpr int any = 99; // a field that the operation does not have

void expect(const row& each)
{
    const instruction got = decode(each.bits, pc);
    SCOPED_TRACE(testing::Message() << std::hex << each.bits);
    EXPECT_EQ(got.what, each.what);
    if (each.rd != any) {
        EXPECT_EQ(got.rd, each.rd == 0 ? unsigned{discarded} : each.rd);
    }
    if (each.rs1 != any) {
        EXPECT_EQ(got.rs1, each.rs1);
    }
    if (each.rs2 != any) {
        EXPECT_EQ(got.rs2, each.rs2);
    }
    EXPECT_EQ(got.immediate, each.immediate);
    EXPECT_EQ(got.length, is_compressed(each.bits) ? 2 : 4);
}

} // namespace

TEST(rv64_decode, words)
{
    const row rows[] = {
        {0xfedcb2b7, op::constant, 5, any, any, -0x1235000},          // lui t0,0xfedcb
        {0x12345297, op::constant, 5, any, any, 0x92345100},          // auipc t0,0x12345
        {0xfff10093, op::addi, 1, 2, any, -1},                        // addi ra,sp,-1
        {0x80012093, op::slti, 1, 2, any, -2048},                     // slti ra,sp,-2048
        {0x03f11093, op::slli, 1, 2, any, 63},                        // slli ra,sp,63
        {0x43f15093, op::srai, 1, 2, any, 63},                        // srai ra,sp,63
        {0x0071009b, op::addiw, 1, 2, any, 7},                        // addiw ra,sp,7
        {0x41f1509b, op::sraiw, 1, 2, any, 31},                       // sraiw ra,sp,31
        {0x403100b3, op::sub, 1, 2, 3, 0x403},                        // sub ra,sp,gp
        {0xfe20dee3, op::bge, any, 1, 2, std::int64_t{pc} - 4},       // bge ra,sp,.-4
        {0x7e208fe3, op::beq, any, 1, 2, std::int64_t{pc} + 0xffe},   // beq ra,sp,.+4094
        {0x801ff06f, op::jal, 0, any, any, std::int64_t{pc} - 0x800}, // j .-2048
        {0x7ffff0ef, op::jal, 1, any, any, std::int64_t{pc} + 0xffffe},
        {0x00808067, op::jalr, 0, 1, any, 8},
        {0xff813083, op::ld, 1, 2, any, -8},
        {0xfe113c23, op::sd, any, 2, 1, -8},
        {0x7e112fa3, op::sw, any, 2, 1, 2047},
        {0x1001a12f, op::amo_w, 2, 3, 0, 2},    // lr.w sp,(gp)
        {0x1841b12f, op::amo_d, 2, 3, 4, 3},    // sc.d sp,tp,(gp)
        {0xe041b12f, op::amo_d, 2, 3, 4, 0x1c}, // amomaxu.d
        {0x300110f3, op::csrrw, 1, 2, any, 0x300},
        {0xc0002573, op::csrrs, 10, 0, any, 0xc00}, // rdcycle a0
        {0x3047d073, op::csrrwi, 0, 15, any, 0x304},
        {0x0ff0000f, op::fence, 0, 0, any, 0xff},
        {0x0000100f, op::fence_i, 0, 0, any, 0},
        {0x083100bb, op::add_uw, 1, 2, 3, 0x083}, // add.uw ra,sp,gp
        {0x203120b3, op::sh1add, 1, 2, 3, 0x203},
        {0x2031e0bb, op::sh3add_uw, 1, 3, 3, 0x203},
        {0x0bf1109b, op::slli_uw, 1, 2, any, 63},
        {0x60111093, op::ctz, 1, 2, any, 1},
        {0x6021109b, op::cpopw, 1, 2, any, 2},
        {0x60511093, op::sext_h, 1, 2, any, 5},
        {0x080140bb, op::zext_h, 1, 2, 0, 0x080},
        {0x0a3160b3, op::max, 1, 2, 3, 0x0a3},
        {0x28715093, op::orc_b, 1, 2, any, 7},
        {0x6b815093, op::rev8, 1, 2, any, 0x38},
        {0x63f15093, op::rori, 1, 2, any, 63},
        {0x48311033 | 1 << 7, op::bclr, 1, 2, 3, 0x483},
        {0x4bf15093, op::bexti, 1, 2, any, 63},
        {0x6bf11093, op::binvi, 1, 2, any, 63},
        {0xff813007, op::fld, 0, 2, any, -8},
        {0xfe012c27, op::fsw, any, 2, 0, -8},
        {0x0220f043, op::floating, 0, 1, 2, 0x0220f043},
        {0x1a20f053, op::floating_long, 0, 1, 2, 0x1a20f053},
        {0x2bf11093, op::bseti, 1, 2, any, 63},
    };
    for (const row& each : rows)
        expect(each);
}

TEST(rv64_decode, compressed)
{
    const row rows[] = {
        {0x1fe8, op::addi, 10, 2, any, 1020},                     // c.addi4spn a0,sp,1020
        {0x4188, op::lw, 10, 11, any, 0},                         // c.lw a0,0(a1)
        {0x5de8, op::lw, 10, 11, any, 124},                       // c.lw a0,124(a1)
        {0x7de8, op::ld, 10, 11, any, 248},                       // c.ld a0,248(a1)
        {0xdde8, op::sw, any, 11, 10, 124},                       // c.sw a0,124(a1)
        {0xfde8, op::sd, any, 11, 10, 248},                       // c.sd a0,248(a1)
        {0x3de8, op::fld, 10, 11, any, 248},                      // c.fld fa0,248(a1)
        {0xbde8, op::fsd, any, 11, 10, 248},                      // c.fsd fa0,248(a1)
        {0x357e, op::fld, 10, 2, any, 504},                       // c.fldsp fa0,504
        {0xbfaa, op::fsd, any, 2, 10, 504},                       // c.fsdsp fa0,504
        {0x0001, op::addi, 0, 0, any, 0},                         // c.nop
        {0x1501, op::addi, 10, 10, any, -32},                     // c.addi a0,-32
        {0x357d, op::addiw, 10, 10, any, -1},                     // c.addiw a0,-1
        {0x557d, op::addi, 10, 0, any, -1},                       // c.li a0,-1
        {0x7139, op::addi, 2, 2, any, -64},                       // c.addi16sp -64
        {0x617d, op::addi, 2, 2, any, 496},                       // c.addi16sp 496
        {0x757d, op::constant, 10, any, any, -4096},              // c.lui a0,-1
        {0x917d, op::srli, 10, 10, any, 63},                      // c.srli a0,63
        {0x957d, op::srai, 10, 10, any, 63},                      // c.srai a0,63
        {0x997d, op::andi, 10, 10, any, -1},                      // c.andi a0,-1
        {0x8d0d, op::sub, 10, 10, 11, 0x40b},                     // c.sub a0,a1
        {0x8d2d, op::xor_, 10, 10, 11, 0x00b},                    // c.xor a0,a1
        {0x8d4d, op::or_, 10, 10, 11, 0x00b},                     // c.or a0,a1
        {0x8d6d, op::and_, 10, 10, 11, 0x00b},                    // c.and a0,a1
        {0x9d0d, op::subw, 10, 10, 11, 0x40b},                    // c.subw a0,a1
        {0x9d2d, op::addw, 10, 10, 11, 0x00b},                    // c.addw a0,a1
        {0xbffd, op::jal, 0, any, any, std::int64_t{pc} - 2},     // c.j .-2
        {0xaffd, op::jal, 0, any, any, std::int64_t{pc} + 0x7fe}, // c.j .+2046
        {0xd17d, op::beq, any, 10, 0, std::int64_t{pc} - 26},     // c.beqz a0,.-26
        {0xed7d, op::bne, any, 10, 0, std::int64_t{pc} + 254},    // c.bnez a0,.+254
        {0x157e, op::slli, 10, 10, any, 63},                      // c.slli a0,63
        {0x557e, op::lw, 10, 2, any, 252},                        // c.lwsp a0,252
        {0x757e, op::ld, 10, 2, any, 504},                        // c.ldsp a0,504
        {0x8502, op::jalr, 0, 10, any, 0},                        // c.jr a0
        {0x9502, op::jalr, 1, 10, any, 0},                        // c.jalr a0
        {0x852e, op::add, 10, 0, 11, 0x00b},                      // c.mv a0,a1
        {0x952e, op::add, 10, 10, 11, 0x00b},                     // c.add a0,a1
        {0x9002, op::ebreak, 0, 0, any, 1},                       // c.ebreak
        {0xdfaa, op::sw, any, 2, 10, 252},                        // c.swsp a0,252
        {0xffaa, op::sd, any, 2, 10, 504},                        // c.sdsp a0,504
    };
    for (const row& each : rows)
        expect(each);
}

TEST(rv64_decode, reserved_is_illegal)
{
    const std::uint32_t rows[] = {
        0x0000,               // all zero
        0x8000,               // reserved
        0x2001,               // c.addiw zero
        0x6101,               // c.addi16sp 0
        0x6501,               // c.lui a0,0
        0x9c41,               // reserved arithmetic
        0x4002,               // c.lwsp zero
        0x6002,               // c.ldsp zero
        0x8002,               // c.jr zero
        0xffffffff,           // all ones
        0x0000007f,           // longer than 32 bits
        0x00007003,           // load of no size
        0x00004023,           // store of no size
        0x00002063,           // branch of no kind
        0x00001067,           // jalr with funct3
        0x04001013 | 1 << 29, // shift with a bit that means nothing
        0x0201101b,           // slliw by 32
        0x6030101b,           // no such unary operation of 32 bits
        0x1011a12f,           // lr.w with a source
        0x0801012f,           // amo of no width
        0x2801a12f,           // amo of no kind
        0x10200073,           // sret: no supervisor mode
        0x12000073,           // sfence.vma: none either
        0x30200173,           // mret with rd
        0x00004073,           // csr with funct3 4
        0x0000200f,           // fence of no kind
        0x00001007,           // load of half precision
        0x00005053,           // fadd.s, rounded in a reserved way
        0x04007053,           // fadd of no precision
        0x5a107053,           // fsqrt.d with a second source
        0x0a311033,           // clmul: no Zbc
        0x0831403b,           // zext.h with a second source
    };
    for (const std::uint32_t bits : rows) {
        const instruction got = decode(bits, pc);
        EXPECT_EQ(got.what, op::illegal) << std::hex << bits;
        EXPECT_EQ(got.immediate, std::int64_t{bits}) << std::hex << bits;
    }
}

// Whatever the bits are: fields within their bounds, and what is illegal keeps its bits.
TEST(rv64_decode, every_pattern)
{
    const auto sound = [](std::uint32_t bits) {
        const instruction got = decode(bits, pc);
        ASSERT_LT(static_cast<unsigned>(got.what), static_cast<unsigned>(op::go_on)) << std::hex << bits;
        ASSERT_TRUE(got.rd > 0 && got.rd <= 32 && got.rs1 < 32 && got.rs2 < 32) << std::hex << bits;
        ASSERT_EQ(got.length, is_compressed(bits) ? 2 : 4) << std::hex << bits;
        const std::uint32_t own = is_compressed(bits) ? bits & 0xffff : bits;
        ASSERT_TRUE(got.what != op::illegal || got.immediate == std::int64_t{own}) << std::hex << bits;
    };
    unsigned legal = 0;
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
        sound(bits);
        const std::uint32_t full = expand_compressed(static_cast<std::uint16_t>(bits));
        ASSERT_TRUE(full == 0 || !is_compressed(full)) << std::hex << bits;
        // What a compressed instruction stands for is always an instruction.
        ASSERT_TRUE(full == 0 || decode(full, pc).what != op::illegal) << std::hex << bits;
        legal += full != 0 ? 1U : 0U;
    }
    // By quadrant, counted with the manual: 2,048 patterns for each value of funct3 that has an instruction, less those
    // that it reserves.
    constexpr unsigned quadrant_0 = 7 * 2048 - 8, quadrant_1 = 8 * 2048 - 64 - 32 - 128,
                       quadrant_2 = 8 * 2048 - 2 * 64 - 1;
    EXPECT_EQ(legal, quadrant_0 + quadrant_1 + quadrant_2);
    std::mt19937 random(3);
    for (int i = 0; i < 2000000; ++i)
        sound(static_cast<std::uint32_t>(random()));
}
