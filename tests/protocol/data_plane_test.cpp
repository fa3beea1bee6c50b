// Memories of every kind: data, debug accesses, both interfaces.
#include "tests/protocol/bench.h"

#include <numeric>

using namespace loas;
using namespace loas::protocol;
using tlm::TLM_IGNORE_COMMAND;
using tlm::TLM_READ_COMMAND;
using tlm::TLM_WRITE_COMMAND;

namespace
{

void on_every_memory(bench& b, const std::function<void(const target&)>& body)
{
    for (const target& each : b.targets) {
        if (!each.memory)
            continue;
        SCOPED_TRACE(each.name);
        body(each);
    }
}

} // namespace

TEST(every_memory, gives_back_what_was_written_by_whatever_way)
{
    run_bench([](bench& b) {
        unsigned char seed = 1;
        on_every_memory(b, [&](const target& t) {
            std::vector<unsigned char> out(300), back(300);
            const auto bytes = static_cast<unsigned>(out.size());
            const std::uint64_t address = t.base + 0x7D; // parts of lines and bursts at both ends
            const auto renew = [&] {
                std::iota(out.begin(), out.end(), seed);
                seed = static_cast<unsigned char>(seed + 17);
            };
            const auto expect_everywhere = [&] {
                EXPECT_EQ(t.from->block(TLM_READ_COMMAND, address, back.data(), bytes), tlm::TLM_OK_RESPONSE);
                EXPECT_EQ(out, back);
                back.assign(bytes, 0);
                EXPECT_EQ(t.from->debug(TLM_READ_COMMAND, address, back.data(), bytes), bytes);
                EXPECT_EQ(out, back);
                if (!t.non_blocking)
                    return;
                back.assign(bytes, 0);
                EXPECT_EQ(t.from->non_blocking(TLM_READ_COMMAND, address, back.data(), bytes), tlm::TLM_OK_RESPONSE);
                EXPECT_EQ(out, back);
            };
            renew();
            EXPECT_EQ(t.from->debug(TLM_WRITE_COMMAND, address, out.data(), bytes), bytes);
            expect_everywhere();
            renew();
            EXPECT_EQ(t.from->block(TLM_WRITE_COMMAND, address, out.data(), bytes), tlm::TLM_OK_RESPONSE);
            expect_everywhere(); // in a cache: the newest data are in changed lines
            renew();
            EXPECT_EQ(t.from->debug(TLM_WRITE_COMMAND, address, out.data(), bytes), bytes);
            expect_everywhere(); // and a debug write has to reach those too
            renew();
            if (t.non_blocking) {
                EXPECT_EQ(t.from->non_blocking(TLM_WRITE_COMMAND, address, out.data(), bytes), tlm::TLM_OK_RESPONSE);
                expect_everywhere();
            }
            unsigned char last = 0;
            EXPECT_EQ(t.from->debug(TLM_READ_COMMAND, t.base + t.bytes - 1, &last, 1), 1u);
            EXPECT_EQ(t.from->debug(TLM_READ_COMMAND, t.base + t.bytes - 1, back.data(), 2), 0u);
            EXPECT_EQ(t.from->debug(TLM_READ_COMMAND, t.base + t.bytes, back.data(), 2), 0u);
        });
    });
}

// A write that is refused must not have happened. (One that reaches across the end of memory is cut into lines by the
// crossbar, and each is refused by itself.)
TEST(every_memory, is_not_changed_by_a_write_that_it_refuses)
{
    run_bench([](bench& b) {
        on_every_memory(b, [&](const target& t) {
            std::uint32_t before = 0x11223344, value = 0x55667788, after = 0;
            EXPECT_EQ(t.from->block(TLM_WRITE_COMMAND, t.base + 8, &before, 4), tlm::TLM_OK_RESPONSE);
            const auto narrow = [](auto& payload) { payload.set_streaming_width(1); };
            EXPECT_EQ(t.from->block(TLM_WRITE_COMMAND, t.base + 8, &value, 4, narrow), tlm::TLM_BURST_ERROR_RESPONSE);
            if (t.non_blocking) {
                EXPECT_EQ(t.from->non_blocking(TLM_WRITE_COMMAND, t.base + 8, &value, 4, narrow),
                          tlm::TLM_BURST_ERROR_RESPONSE);
            }
            EXPECT_EQ(t.from->block(TLM_READ_COMMAND, t.base + 8, &after, 4), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(after, before);
            unsigned char whole_line[32] = {};
            EXPECT_EQ(t.from->block(TLM_WRITE_COMMAND, 0x10000, whole_line, 32), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        });
    });
}

TEST(every_memory, takes_the_same_time_by_both_interfaces)
{
    run_bench([](bench& b) {
        on_every_memory(b, [](const target& t) {
            if (!t.non_blocking)
                return;
            unsigned char data[100] = {};
            for (const unsigned bytes : {8u, 100u})
                for (const tlm::tlm_command command : {TLM_READ_COMMAND, TLM_WRITE_COMMAND}) {
                    t.from->block(command, t.base + 0x200, data, bytes); // lines present, rows open
                    t.from->block(command, t.base + 0x200, data, bytes);
                    const sc_time blocking = t.from->took;
                    t.from->non_blocking(command, t.base + 0x200, data, bytes);
                    EXPECT_EQ(t.from->took, blocking) << bytes << " bytes";
                    t.from->block(command, t.base + 0x200, data, bytes);
                    EXPECT_EQ(t.from->took, blocking) << bytes << " bytes";
                    EXPECT_GT(blocking, sc_core::SC_ZERO_TIME);
                }
        });
    });
}

TEST(every_memory, refuses_at_once)
{
    run_bench([](bench& b) {
        on_every_memory(b, [](const target& t) {
            std::uint32_t value = 0;
            t.from->block(TLM_IGNORE_COMMAND, t.base, &value, 4);
            EXPECT_EQ(t.from->took, sc_core::SC_ZERO_TIME);
        });
    });
}

// Host and accelerator, in either order, never see old data.
TEST(coherence_point, shows_the_cache_what_the_host_does)
{
    run_bench([](bench& b) {
        initiator& host = *b.of("coherence: RAM").from;
        initiator& port = *b.of("cache and DRAM: RAM").from;
        std::uint32_t value = 1, back = 0;
        for (std::uint32_t round = 0; round < 4; ++round) {
            value = 100 + round;
            EXPECT_EQ(host.block(TLM_WRITE_COMMAND, ram_base + 0x20, &value, 4), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(port.block(TLM_READ_COMMAND, ram_base + 0x20, &back, 4), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(back, value);
            value = 200 + round;
            EXPECT_EQ(port.block(TLM_WRITE_COMMAND, ram_base + 0x24, &value, 4), tlm::TLM_OK_RESPONSE);
            const bool seen = round % 2 == 0
                                  ? host.block(TLM_READ_COMMAND, ram_base + 0x24, &back, 4) == tlm::TLM_OK_RESPONSE
                                  : host.debug(TLM_READ_COMMAND, ram_base + 0x24, &back, 4) == 4;
            EXPECT_TRUE(seen);
            EXPECT_EQ(back, value);
        }
        EXPECT_EQ(host.took, ns(20)) << "of the bus alone";
        b.coherence.set_cache(nullptr);
        EXPECT_EQ(host.block(TLM_READ_COMMAND, ram_base + 0x24, &back, 4), tlm::TLM_OK_RESPONSE);
    });
}

// What passes by pointer is not shown to the cache, so there must be nothing of it.
TEST(coherence_point, gives_pointers_to_pages_of_which_the_cache_has_no_line)
{
    run_bench([](bench& b) {
        initiator& host = *b.of("coherence: RAM").from;
        initiator& port = *b.of("cache and DRAM: RAM").from;
        const auto hinted = [&](tlm::tlm_command command, std::uint64_t offset) {
            std::uint32_t value = 0;
            EXPECT_EQ(host.block(command, ram_base + offset, &value, 4), tlm::TLM_OK_RESPONSE);
            return host.dmi_hint;
        };
        std::uint32_t value = 0;
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(hinted(TLM_READ_COMMAND, 0)) << "nobody has asked";
        ASSERT_TRUE(host.direct_pointer(ram_base + 0x123, dmi));
        EXPECT_EQ(dmi.get_start_address(), ram_base);
        EXPECT_EQ(dmi.get_end_address(), ram_base + ram_bytes - 1);
        dmi.get_dmi_ptr()[0x123] = 0xAB;
        EXPECT_EQ(host.taken_back, 0u);
        EXPECT_EQ(port.block(TLM_READ_COMMAND, ram_base + 0x120, &value, 4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(value, 0xAB000000u);
        EXPECT_EQ(host.taken_back, 1u);
        EXPECT_FALSE(host.direct_pointer(ram_base, dmi));
        EXPECT_FALSE(hinted(TLM_READ_COMMAND, 0x120));
        EXPECT_TRUE(hinted(TLM_WRITE_COMMAND, 0x120)) << "the line has left";
        EXPECT_TRUE(host.direct_pointer(ram_base, dmi));
        EXPECT_EQ(port.block(TLM_WRITE_COMMAND, ram_base + 0x40, &value, 4), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(host.taken_back, 2u);
        EXPECT_FALSE(host.direct_pointer(ram_base, dmi)) << "a changed line";
    });
}

// 64 bytes at 64 bytes/ns take 1 ns on the channel, then 50 ns: the second waits for the channel, not for the latency.
TEST(fixed_memory, latency_and_shared_bandwidth)
{
    run_bench([](bench& b) {
        initiator& by = *b.of("fixed: RAM").from;
        unsigned char data[64] = {};
        for (const sc_time& at : {ns(51), ns(52)}) {
            tlm::tlm_generic_payload payload;
            kernel::prepare(payload, TLM_READ_COMMAND, ram_base, data, sizeof data);
            sc_time delay;
            by.out->b_transport(payload, delay);
            EXPECT_TRUE(payload.is_response_ok());
            EXPECT_EQ(delay, at);
        }
    });
}
