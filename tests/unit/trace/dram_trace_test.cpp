#include "platform/trace/dram_trace.h"

#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

using namespace loas;
using trace::dram_trace;
using trace::read_dram_trace;

namespace
{

const char* const names = "time_ns,access,address,channel,bank,row,column,operand,done_ns\n";

std::string path_of(const std::string& name)
{
    return testing::TempDir() + "dram_trace_" + std::to_string(::getpid()) + "_" + name;
}

dram_trace read(const std::string& text, std::uint64_t cycle_ps = 2000)
{
    const std::string file = path_of("in");
    std::ofstream(file) << text;
    return read_dram_trace(file, 32, cycle_ps);
}

std::string mistake_in(const std::string& text)
{
    try {
        read(text);
    } catch (const text::user_error& wrong) {
        const std::string what = wrong.what();
        EXPECT_EQ(what.find(path_of("in") + ":"), 0u) << what;
        return what.substr(path_of("in").size() + 1);
    }
    return "none";
}

void expect(const dram_trace& found, std::size_t i, std::uint64_t time_ps, std::uint64_t address, bool write)
{
    ASSERT_LT(i, found.requests.size());
    EXPECT_EQ(found.requests[i].time_ps, time_ps) << i;
    EXPECT_EQ(found.requests[i].address, address) << i;
    EXPECT_EQ(found.requests[i].write, write) << i;
}

} // namespace

TEST(dram_trace, ramulators_form_has_no_times)
{
    const dram_trace found = read("# some loads\n\nLD 0x40\n  ST 96\t# decimal\r\nLD 0x5F\n");
    EXPECT_FALSE(found.has_times);
    ASSERT_EQ(found.requests.size(), 3u);
    expect(found, 0, 0, 64, false);
    expect(found, 1, 0, 96, true);
    expect(found, 2, 0, 64, false); // the burst in which it lies
}

TEST(dram_trace, dramsyss_form_has_cycles_lengths_and_data)
{
    const dram_trace found = read("5: read 0x40\n9: (64) write 0x50 cafe\n12: write 0x0\n", 1500);
    EXPECT_TRUE(found.has_times);
    ASSERT_EQ(found.requests.size(), 5u);
    expect(found, 0, 7500, 64, false);
    for (std::size_t i = 0; i < 3; ++i) // 64 bytes from the middle of a burst on
        expect(found, 1 + i, 13500, 64 + 32 * i, true);
    expect(found, 4, 18000, 0, true);
}

TEST(dram_trace, the_last_address_can_be_reached)
{
    const dram_trace found = read("1: (1) read 0xffffffffffffffff\n2: (16) write 0xfffffffffffffff0\n3: (1) read 0x0\n");
    ASSERT_EQ(found.requests.size(), 3u);
    expect(found, 0, 2000, 0xffffffffffffffe0, false);
    expect(found, 1, 4000, 0xffffffffffffffe0, true);
    expect(found, 2, 6000, 0, false);
}

TEST(dram_trace, our_form_says_when_and_need_not_be_in_order)
{
    const dram_trace found = read(names + std::string("12.5,write,0x20,1,2,3,4,c_words,40.125\n"
                                                      "2,read,0x40,1,2,3,4,-,30\n"));
    ASSERT_EQ(found.requests.size(), 2u);
    expect(found, 0, 2000, 64, false);
    expect(found, 1, 12500, 32, true);
    EXPECT_EQ(found.recorded_ps, (std::vector<std::uint64_t>{30000, 40125}));
}

TEST(dram_trace, mistakes_are_told_with_their_line)
{
    EXPECT_EQ(mistake_in("LD 0x40\nLE 0x40\n"), "2: expected LD or ST and an address, found 'LE'");
    EXPECT_EQ(mistake_in("LD\n"), "1: address: expected a number such as 0x1f40, found ''");
    EXPECT_EQ(mistake_in("LD 0x4g"), "1: address: expected a number such as 0x1f40, found '0x4g'");
    EXPECT_EQ(mistake_in("1: read 0x40\nLD 0x40\n"), "2: expected 'CYCLE: read|write ADDRESS', found 'LD 0x40'");
    EXPECT_EQ(mistake_in("1: reed 0x40\n"), "1: access: expected read or write, found 'reed'");
    EXPECT_EQ(mistake_in("x: read 0x40\n"), "1: expected the number of a cycle before ':', found 'x'");
    EXPECT_EQ(mistake_in("1: (0) read 0x40\n"), "1: expected a length of 1 to 1048576 bytes in brackets, found '0'");
    EXPECT_EQ(mistake_in("1: read 0x40 77\n"), "1: nothing more was expected after the address, found '77'");
    EXPECT_EQ(mistake_in("1: (64) read 0xfffffffffffffff0\n"), "1: the access goes past the last address");
    EXPECT_EQ(mistake_in(names + std::string("1,read,0x40\n")),
              "2: expected 9 values (time_ns,access,address,channel,bank,row,column,operand,done_ns), found 3");
    EXPECT_EQ(mistake_in(names + std::string("1.0001,read,0x40,0,0,0,0,-,2\n")),
              "2: time_ns: expected ns such as 12.500, found '1.0001'");
    EXPECT_EQ(mistake_in("\n#\n").substr(0, 20), " no request in it; k");
    const std::string many = mistake_in("LD 0x40\n" + std::string(1000, '\n') + "ST x\nST y\n");
    EXPECT_NE(many.find("1002: address"), std::string::npos);
    EXPECT_NE(many.find(":1003: address"), std::string::npos);
    EXPECT_THROW(read_dram_trace(path_of("missing"), 32, 2000), text::user_error);
}

TEST(dram_trace, what_is_written_is_read)
{
    const std::string file = path_of("out");
    {
        trace::dram_trace_writer writer(file, dram::parameters{});
        writer.asked({0, 4000, 0x40, {1, 2, 3, 5, 6}, false, observe::operand::b_weights});
        writer.asked({1, 6000, 0x80, {2, 0, 0, 0, 0}, true, observe::operand::count});
        writer.asked({2, 8000, 0xa0, {2, 0, 0, 0, 0}, true, observe::operand::count}); // never answered
        writer.answered(1, 26125);
        EXPECT_EQ(writer.written(), 0u); // in the order of arrival
        writer.answered(0, 36000);
        EXPECT_EQ(writer.written(), 2u);
        EXPECT_FALSE(std::ifstream(file).is_open());
        writer.finish();
    }
    std::ifstream in(file);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}),
              names + std::string("4.000,read,0x40,1,11,5,6,b_weights,36.000\n6.000,write,0x80,2,0,0,0,-,26.125\n"));
    const dram_trace found = read_dram_trace(file, 32, 2000);
    expect(found, 0, 4000, 0x40, false);
    expect(found, 1, 6000, 0x80, true);
    EXPECT_EQ(found.recorded_ps, (std::vector<std::uint64_t>{36000, 26125}));
    std::remove(file.c_str());
    {
        trace::dram_trace_writer writer(file, dram::parameters{}); // a run that ends by a mistake
    }
    EXPECT_FALSE(std::ifstream(file).is_open());
    EXPECT_THROW(trace::dram_trace_writer("/nowhere/at/all", dram::parameters{}), text::user_error);
}
