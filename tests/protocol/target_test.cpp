// What every target must do with accesses it cannot take, and with those it can, whatever it is.
#include "tests/protocol/bench.h"

#include <numeric>

using namespace loas;
using namespace loas::protocol;
using tlm::TLM_IGNORE_COMMAND;
using tlm::TLM_READ_COMMAND;
using tlm::TLM_WRITE_COMMAND;

namespace
{

using access_function =
    std::function<tlm::tlm_response_status(tlm::tlm_command, std::uint64_t, void*, unsigned, const change&)>;

/// Runs the case on every target, by every interface that it has.
void on_every_target(bench& b, const std::function<void(const target&, const access_function&)>& body)
{
    for (const target& each : b.targets) {
        initiator& from = *each.from;
        {
            SCOPED_TRACE(each.name + ", blocking");
            body(each, [&](auto command, auto address, auto data, auto bytes, const auto& spoil) {
                return from.block(command, address, data, bytes, spoil);
            });
        }
        if (!each.non_blocking)
            continue;
        SCOPED_TRACE(each.name + ", non-blocking");
        body(each, [&](auto command, auto address, auto data, auto bytes, const auto& spoil) {
            return from.non_blocking(command, address, data, bytes, spoil);
        });
    }
}

void with_byte_enables(tlm::tlm_generic_payload& access)
{
    static unsigned char enables[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    access.set_byte_enable_ptr(enables);
    access.set_byte_enable_length(4);
}

void with_narrow_stream(tlm::tlm_generic_payload& access)
{
    access.set_streaming_width(2);
}

} // namespace

TEST(every_target, takes_what_lies_in_its_range_and_refuses_what_does_not)
{
    run_bench([](bench& b) {
        on_every_target(b, [](const target& t, const access_function& access) {
            std::uint32_t value = 0;
            const std::uint64_t first = t.base, last = t.base + t.bytes - 1;
            EXPECT_EQ(access(TLM_READ_COMMAND, first, &value, 4, {}), tlm::TLM_OK_RESPONSE);
            // Of registers, a word at which nothing is declared.
            const auto at_end = t.memory ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE;
            EXPECT_EQ(access(TLM_READ_COMMAND, last - 3, &value, 4, {}), at_end);
            for (const tlm::tlm_command command : {TLM_READ_COMMAND, TLM_WRITE_COMMAND}) {
                EXPECT_EQ(access(command, last - 1, &value, 4, {}), tlm::TLM_ADDRESS_ERROR_RESPONSE)
                    << "across the end";
                EXPECT_EQ(access(command, last + 1, &value, 4, {}), tlm::TLM_ADDRESS_ERROR_RESPONSE)
                    << "behind the end";
                EXPECT_EQ(access(command, ~std::uint64_t{1}, &value, 4, {}), tlm::TLM_ADDRESS_ERROR_RESPONSE)
                    << "around the end of the address space";
                if (t.in_parts)
                    continue; // the first parts would need a place
                EXPECT_EQ(access(command, first + 4, &value, 0xFFFFFFFF, {}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
            }
        });
    });
}

TEST(every_target, refuses_commands_byte_enables_and_streams)
{
    run_bench([](bench& b) {
        on_every_target(b, [](const target& t, const access_function& access) {
            std::uint32_t value = 0;
            EXPECT_EQ(access(TLM_IGNORE_COMMAND, t.base, &value, 4, {}), tlm::TLM_COMMAND_ERROR_RESPONSE);
            for (const tlm::tlm_command command : {TLM_READ_COMMAND, TLM_WRITE_COMMAND}) {
                EXPECT_EQ(access(command, t.base + 8, &value, 4, with_byte_enables),
                          tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
                EXPECT_EQ(access(command, t.base + 8, &value, 4, with_narrow_stream), tlm::TLM_BURST_ERROR_RESPONSE);
            }
            const auto wide = [](auto& payload) { payload.set_streaming_width(64); };
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base, &value, 4, wide), tlm::TLM_OK_RESPONSE);
        });
        EXPECT_EQ(b.registers.registers().value(8), 5u);
        EXPECT_EQ(b.registers_alone.registers().value(8), 5u);
    });
}

// Command, address, byte enables, burst: in this order, where an access is wrong in two ways. A router knows no target
// to ask about an address that is not mapped, so there the address comes first.
TEST(every_target, tells_of_two_mistakes_the_first_in_order)
{
    run_bench([](bench& b) {
        on_every_target(b, [](const target& t, const access_function& access) {
            std::uint32_t value = 0;
            const auto enables_and_stream = [](auto& payload) {
                with_byte_enables(payload), with_narrow_stream(payload);
            };
            EXPECT_EQ(access(TLM_IGNORE_COMMAND, t.base, &value, 4, enables_and_stream),
                      tlm::TLM_COMMAND_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base + t.bytes, &value, 4, enables_and_stream),
                      tlm::TLM_ADDRESS_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base, &value, 4, enables_and_stream),
                      tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_IGNORE_COMMAND, t.base + t.bytes, &value, 4, {}),
                      t.base == 0 ? tlm::TLM_COMMAND_ERROR_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
        });
    });
}

// The standard forbids initiators to do this; a target must survive it.
TEST(every_target, survives_accesses_without_data)
{
    run_bench([](bench& b) {
        on_every_target(b, [](const target& t, const access_function& access) {
            std::uint32_t value = 0;
            for (const tlm::tlm_command command : {TLM_READ_COMMAND, TLM_WRITE_COMMAND}) {
                const auto wide = [](auto& payload) { payload.set_streaming_width(4); };
                EXPECT_EQ(access(command, t.base, &value, 0, wide), tlm::TLM_BURST_ERROR_RESPONSE);
                EXPECT_EQ(access(command, t.base, nullptr, 4, {}), tlm::TLM_BURST_ERROR_RESPONSE);
            }
        });
        EXPECT_TRUE(b.breaches(" of a read or write is ").empty())
            << "only what the initiator did, on every link it passed";
    });
}

TEST(every_target, of_registers_takes_whole_words_only_and_minds_rights)
{
    run_bench([](bench& b) {
        on_every_target(b, [&](const target& t, const access_function& access) {
            if (t.memory)
                return;
            std::uint64_t value = 0;
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base, &value, 2, {}), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base, &value, 8, {}), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base + 2, &value, 4, {}), tlm::TLM_BURST_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_READ_COMMAND, t.base + 0x800, &value, 4, {}), tlm::TLM_ADDRESS_ERROR_RESPONSE);
            EXPECT_EQ(access(TLM_WRITE_COMMAND, t.base, &value, 4, {}), tlm::TLM_COMMAND_ERROR_RESPONSE); // read only
        });
        std::uint32_t value = 0;
        EXPECT_EQ(b.of("router: RAM").from->block(TLM_READ_COMMAND, 0x100, &value, 4), tlm::TLM_ADDRESS_ERROR_RESPONSE);
        EXPECT_EQ(b.of("router: RAM").from->debug(TLM_READ_COMMAND, 0x100, &value, 4), 0u);
    });
}

TEST(every_target, of_registers_has_debug_reads_without_effect_and_no_debug_writes)
{
    run_bench([](bench& b) {
        unsigned after_reads = 0;
        b.registers.registers().set_effects(0x10, {{}, {}, [&] { ++after_reads; }});
        for (const target& each : b.targets) {
            if (each.memory)
                continue;
            SCOPED_TRACE(each.name);
            std::uint32_t value = 0x12345678, back = 0;
            const bool registers = each.name.find("registers") != std::string::npos;
            const std::uint64_t address = each.base + (registers ? 8 : 4);
            EXPECT_EQ(each.from->debug(TLM_WRITE_COMMAND, address, &value, 4), 0u);
            EXPECT_EQ(each.from->debug(TLM_READ_COMMAND, address, &back, 4), 4u);
            EXPECT_EQ(back, registers ? 5u : 0u);
            EXPECT_EQ(each.from->debug(TLM_READ_COMMAND, each.base + each.bytes, &back, 4), 0u);
        }
        std::uint32_t value = 0;
        EXPECT_EQ(b.of("router: registers").from->debug(TLM_READ_COMMAND, registers_base + 0x10, &value, 4), 4u);
        EXPECT_EQ(after_reads, 0u);
        EXPECT_EQ(b.of("router: registers").from->block(TLM_READ_COMMAND, registers_base + 0x10, &value, 4),
                  tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(after_reads, 1u);
    });
}

TEST(every_target, grants_direct_pointers_only_where_no_timing_is_lost)
{
    run_bench([](bench& b) {
        for (const target& each : b.targets) {
            SCOPED_TRACE(each.name);
            std::uint32_t value = 0;
            EXPECT_EQ(each.from->block(TLM_READ_COMMAND, each.base, &value, 4), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(each.from->dmi_hint, each.direct);
            tlm::tlm_dmi dmi;
            ASSERT_EQ(each.from->direct_pointer(each.base + 16, dmi), each.direct);
            if (!each.direct)
                continue;
            EXPECT_EQ(dmi.get_start_address(), each.base);
            EXPECT_EQ(dmi.get_end_address(), each.base + each.bytes - 1);
            EXPECT_TRUE(dmi.is_read_write_allowed());
            EXPECT_EQ(dmi.get_read_latency(), ns(20));
            dmi.get_dmi_ptr()[16] = 0xAB;
            EXPECT_EQ(each.from->block(TLM_READ_COMMAND, each.base + 16, &value, 1), tlm::TLM_OK_RESPONSE);
            EXPECT_EQ(value & 0xFF, 0xABu);
        }
        tlm::tlm_dmi dmi;
        EXPECT_FALSE(b.of("router: RAM").from->direct_pointer(0x100, dmi));
    });
}

TEST(access_check, prepare_makes_a_used_payload_as_new)
{
    tlm::tlm_generic_payload used;
    unsigned char data[8] = {}, enables[1] = {0xFF};
    used.set_byte_enable_ptr(enables);
    used.set_dmi_allowed(true);
    used.set_streaming_width(3);
    used.set_response_status(tlm::TLM_OK_RESPONSE);
    loas::kernel::prepare(used, tlm::TLM_WRITE_COMMAND, 0x123, data, 8);
    EXPECT_TRUE(used.is_write());
    EXPECT_EQ(used.get_address(), 0x123u);
    EXPECT_EQ(used.get_data_ptr(), data);
    EXPECT_EQ(used.get_data_length(), 8u);
    EXPECT_EQ(used.get_streaming_width(), 8u);
    EXPECT_EQ(used.get_byte_enable_ptr(), nullptr);
    EXPECT_FALSE(used.is_dmi_allowed());
    EXPECT_EQ(used.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
}

TEST(ram, adds_its_latency_and_keeps_every_byte)
{
    run_bench([](bench& b) {
        initiator& by = *b.of("router: top").from;
        std::vector<unsigned char> in(ram_bytes), back(ram_bytes);
        std::iota(in.begin(), in.end(), static_cast<unsigned char>(3));
        EXPECT_EQ(by.block(TLM_WRITE_COMMAND, top_base, in.data(), ram_bytes), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(by.took, ns(20));
        EXPECT_EQ(by.block(TLM_READ_COMMAND, top_base, back.data(), ram_bytes), tlm::TLM_OK_RESPONSE);
        EXPECT_EQ(in, back);
    });
}

TEST(register_device, synchronises_an_initiator_that_ran_ahead)
{
    run_bench([](bench& b) {
        std::uint32_t value = 99;
        tlm::tlm_generic_payload payload;
        kernel::prepare(payload, TLM_WRITE_COMMAND, registers_base + 8, &value, 4);
        sc_time delay = ns(300);
        b.of("router: registers").from->out->b_transport(payload, delay);
        EXPECT_EQ(sc_core::sc_time_stamp(), ns(300));
        EXPECT_EQ(delay, ns(10));
        EXPECT_EQ(b.registers.registers().value(8), 99u);
        b.registers.registers().reset();
        EXPECT_EQ(b.registers.registers().value(8), 5u);
    });
}
