// The RV64 CPU by itself: an integer program, in both forms of dispatch, and accesses to a device.
#include "tests/unit/cores/rv64/small_board.h"

#include <benchmark/benchmark.h>

using namespace loas;
using namespace loas::test::rv64_code;
using loas::test::small_board;

namespace
{

constexpr std::uint64_t base = small_board::ram_base;
constexpr unsigned table_words = 4096;

// A checksum bit by bit, a table of random numbers, a pass of sorting over it: short blocks, loads, stores, branches
// that are hard to predict, calls.
std::vector<word> integer_program()
{
    constexpr word table = 8, count = 9, at = 10, value = 11, other = 12, seed = 13, sum = 14, bits = 15,
                   polynomial = 16;
    std::vector<word> code;
    load_constant(code, table, base + 0x10000);
    load_constant(code, polynomial, 0xedb88320);
    load_constant(code, seed, 88172645463325252);
    const auto here = [&] { return static_cast<std::int32_t>(code.size()) * 4; };
    const std::int32_t again = here();
    code.insert(code.end(), {add(at, table, 0), lui(count, table_words >> 12), jal(1, 0)});
    const std::size_t call = code.size() - 1;
    code.insert(code.end(), {sd(seed, at, 0), addi(at, at, 8), addi(count, count, -1), bne(count, 0, -16)});
    // one pass: the larger of two neighbours moves up
    code.insert(code.end(), {add(at, table, 0), lui(count, table_words >> 12), addi(count, count, -1)});
    const std::int32_t pass = here();
    code.insert(code.end(), {ld(value, at, 0), ld(other, at, 8), b_type(12, value, other, 7), sd(other, at, 0),
                             sd(value, at, 8), addi(at, at, 8), addi(count, count, -1)});
    code.push_back(bne(count, 0, pass - here()));
    // a checksum of one word in 64
    code.insert(code.end(), {add(at, table, 0), addi(count, 0, table_words / 64)});
    const std::int32_t sums = here();
    code.insert(code.end(), {ld(value, at, 0), xor_(sum, sum, value), addi(bits, 0, 64)});
    const std::int32_t bit = here();
    code.insert(code.end(),
                {i_type(1, sum, 7, other, 0x13), sub(other, 0, other), srli(sum, sum, 1),
                 r_type(0, polynomial, other, 7, other, 0x33), xor_(sum, sum, other), addi(bits, bits, -1)});
    code.push_back(bne(bits, 0, bit - here()));
    code.insert(code.end(), {addi(at, at, 512), addi(count, count, -1)});
    code.push_back(bne(count, 0, sums - here()));
    code.push_back(jal(0, again - here()));
    // xorshift of the seed
    code[call] = jal(1, here() - static_cast<std::int32_t>(call) * 4);
    code.insert(code.end(), {slli(other, seed, 13), xor_(seed, seed, other), srli(other, seed, 7),
                             xor_(seed, seed, other), slli(other, seed, 17), xor_(seed, seed, other), jalr(0, 1, 0)});
    return code;
}

void rv64_integer(benchmark::State& state, rv64::dispatch form)
{
    small_board board(form);
    board.put(base, integer_program());
    for (auto _ : state)
        board.hart.run(board.hart.cycle() + 1000000);
    if (board.hart.traps() != 0)
        state.SkipWithError("the program has trapped");
    state.SetItemsProcessed(static_cast<std::int64_t>(board.hart.instret()));
}

void rv64_threaded(benchmark::State& state)
{
    rv64_integer(state, rv64::dispatch::threaded);
}

void rv64_plain(benchmark::State& state)
{
    rv64_integer(state, rv64::dispatch::plain);
}

/// The hart's part of an access to a device: out of the block, call, and into the next one.
void rv64_device_access(benchmark::State& state)
{
    small_board board;
    board.put(base, std::vector<word>{lui(2, small_board::device >> 12), lw(1, 2, 0), jal(0, -4)});
    for (auto _ : state) {
        board.accesses.clear();
        for (int i = 0; i < 1000; ++i)
            board.hart.run(board.hart.cycle() + 1000000);
        if (board.accesses.size() != 1000)
            state.SkipWithError("not an access a run");
    }
    state.SetItemsProcessed(state.iterations() * 1000);
}

} // namespace

BENCHMARK(rv64_threaded);
BENCHMARK(rv64_plain);
BENCHMARK(rv64_device_access);
