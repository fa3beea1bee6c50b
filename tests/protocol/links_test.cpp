// The monitor of TLM links: silent where the base protocol is kept, changes nothing, names what is open. What it says
// about breaches: link_rules_test.cpp.
#include "tests/protocol/toy_link.h"

#include "models/kernel/access_check.h"
#include "models/kernel/memory_client.h"

#include <tlm_utils/multi_passthrough_target_socket.h>

#include <memory>

using namespace loas::protocol::toy;

namespace
{

// Several initiators, one target: everything that goes through a link beside transport by phases.
struct fan_in : sc_core::sc_module {
    sc_core::sc_vector<tlm_utils::simple_initiator_socket<fan_in>> out{"out", 3};
    tlm_utils::multi_passthrough_target_socket<fan_in> in{"in"};
    checked_links wires;
    std::vector<int> seen;
    std::uint64_t invalid_from = 0, invalid_to = 0;

    fan_in(const sc_core::sc_module_name& name, bool checked) : sc_module(name), wires(checked)
    {
        in.register_b_transport(this, &fan_in::b_transport);
        in.register_transport_dbg(this, &fan_in::transport_dbg);
        in.register_get_direct_mem_ptr(this, &fan_in::get_direct_mem_ptr);
        for (const std::size_t i : {2u, 0u, 1u}) { // the target numbers them in this order
            out[i].register_invalidate_direct_mem_ptr(this, &fan_in::invalidate);
            wires.connect("to_memory", out[i], in);
        }
    }

    void b_transport(int source, tlm_generic_payload& payload, sc_time&)
    {
        seen.push_back(source);
        payload.set_response_status(TLM_OK_RESPONSE);
    }
    unsigned transport_dbg(int, tlm_generic_payload& payload)
    {
        payload.get_data_ptr()[0] = 9;
        return 3;
    }
    bool get_direct_mem_ptr(int, tlm_generic_payload& payload, tlm_dmi& dmi)
    {
        dmi.set_end_address(payload.get_address());
        return true;
    }
    void invalidate(sc_dt::uint64 start, sc_dt::uint64 end)
    {
        invalid_from = start;
        invalid_to = end;
    }
};

void expect_fan_in_works(fan_in& f)
{
    for (std::size_t i = 0; i < f.out.size(); ++i) {
        read_access a;
        sc_time delay;
        f.out[i]->b_transport(a, delay);
    }
    EXPECT_EQ(f.seen, (std::vector<int>{1, 2, 0}));
    read_access a;
    tlm_dmi dmi;
    EXPECT_EQ(f.out[1]->transport_dbg(a), 3u);
    EXPECT_EQ(a.data[0], 9);
    EXPECT_TRUE(f.out[1]->get_direct_mem_ptr(a, dmi));
    EXPECT_EQ(dmi.get_end_address(), 0x100u);
    f.in[0]->invalidate_direct_mem_ptr(5, 6);
    EXPECT_EQ(f.invalid_from, 5u);
    EXPECT_EQ(f.invalid_to, 6u);
    EXPECT_TRUE(f.wires.violations().empty());
}

} // namespace

TEST(protocol_checker, passes_good_b_transport_unchanged_and_counts_it)
{
    run_bench([](bench& b) {
        toy_pair& p = b.fresh();
        read_access a, none;
        a.release();
        a.set_mm(nullptr); // b_transport needs none
        p.blocking = [&](auto& payload, sc_time& t) {
            EXPECT_EQ(&payload, &a);
            EXPECT_EQ(t, ns(3));
            payload.get_data_ptr()[2] = 7;
            payload.set_address(0); // as an interconnect may
            payload.set_dmi_allowed(true);
            payload.set_response_status(TLM_ADDRESS_ERROR_RESPONSE);
            sc_core::wait(ns(10));
            t = ns(1); // the rest went by in the wait
        };
        p.block(a);
        EXPECT_EQ(p.delay, ns(1));
        EXPECT_EQ(a.data[2], 7);
        EXPECT_EQ(a.get_address(), 0u);
        EXPECT_TRUE(a.is_dmi_allowed());
        EXPECT_EQ(a.get_response_status(), TLM_ADDRESS_ERROR_RESPONSE);
        prepare(none, TLM_IGNORE_COMMAND, 0, nullptr, 0);
        none.set_streaming_width(1);
        p.blocking = b.fresh().blocking;
        p.block(none);
        p.expect({});
        EXPECT_EQ(p.wires.transactions(), 2u);
        EXPECT_TRUE(p.wires.open().empty());
    });
}

TEST(protocol_checker, is_silent_about_every_legal_sequence)
{
    const std::vector<std::vector<call>> sequences{
        {fw(BEGIN_REQ), bw(END_REQ), bw(BEGIN_RESP), fw(END_RESP)},
        {fw(BEGIN_REQ, updated(END_REQ)), bw(BEGIN_RESP, updated(END_RESP))},
        {fw(BEGIN_REQ), bw(BEGIN_RESP, completed())},
        {fw(BEGIN_REQ, updated(BEGIN_RESP)), fw(END_RESP, completed())},
        {fw(BEGIN_REQ, completed())},
        {fw(BEGIN_REQ), fw(first_beat), bw(END_REQ), bw(first_beat), bw(BEGIN_RESP), fw(first_beat), fw(END_RESP)},
        {fw(BEGIN_REQ, updated(first_beat)), fw(first_beat, updated(END_REQ)), bw(BEGIN_RESP, updated(first_beat)),
         fw(END_RESP)},
    };
    run_bench([&](bench& b) {
        for (const auto& sequence : sequences) {
            toy_pair& p = b.fresh();
            read_access a;
            for (const call& next : sequence) {
                read_access plain;
                tlm_phase phase = next.phase;
                sc_time delay = ns(2);
                EXPECT_EQ(p.play(a, next), next.how(plain, phase, delay));
                EXPECT_EQ(p.phase, phase);
                EXPECT_EQ(p.delay, delay);
                sc_core::wait(ns(2));
            }
            EXPECT_EQ(a.get_response_status(), TLM_OK_RESPONSE);
            p.expect({});
            EXPECT_TRUE(p.wires.open().empty());
            EXPECT_EQ(p.wires.transactions(), 1u);
        }
    });
}

TEST(protocol_checker, follows_hundreds_of_overlapping_transactions_and_names_the_open_ones)
{
    run_bench([](bench& b) {
        toy_pair& p = b.fresh();
        std::vector<read_access> all(300);
        for (read_access& each : all)
            p.play(each, fw(BEGIN_REQ, updated(END_REQ)));
        sc_core::wait(ns(4));
        for (std::size_t i = 0; i < all.size(); ++i) // the standard lets responses overtake
            if (i * 7 % 300 > 2)
                p.play(all[i * 7 % 300], bw(BEGIN_RESP, completed()));
        EXPECT_EQ(p.wires.transactions(), 300u);
        EXPECT_EQ(p.wires.open().size(), 3u);

        read_access requested, blocked;
        p.play(all[1], bw(BEGIN_RESP));
        p.play(requested, fw(BEGIN_REQ));
        p.blocking = [](auto&, auto&) { sc_core::wait(sc_core::sc_event()); };
        auto thread = sc_core::sc_spawn([&] { p.block(blocked); });
        sc_core::wait(ns(1));
        const std::string start = "link a[0]/b: read of 4 bytes at 0x100, begun at ";
        EXPECT_EQ(p.wires.open(),
                  (std::vector<std::string>{start + "0 s, waits for BEGIN_RESP", start + "0 s, waits for END_RESP",
                                            start + "0 s, waits for BEGIN_RESP",
                                            start + "4 ns, waits for END_REQ or BEGIN_RESP",
                                            start + "4 ns, b_transport has not returned"}));
        thread.kill(); // its payload's memory may be used again
        sc_core::wait(ns(1));
        EXPECT_EQ(p.wires.open().size(), 4u);
        p.expect({});
    });
}

// The initiator may delete the payload in the call that completes it; address sanitizer would find a later look.
TEST(protocol_checker, does_not_touch_a_payload_that_was_given_back)
{
    run_bench([](bench& b) {
        toy_pair& p = b.fresh();
        for (const tlm_sync_enum last : {TLM_COMPLETED, TLM_UPDATED}) {
            auto a = std::make_unique<read_access>();
            p.play(*a, fw(BEGIN_REQ));
            p.play(*a, bw(BEGIN_RESP, [&](auto&, tlm_phase& phase, auto&) {
                a.reset();
                phase = END_RESP;
                return last;
            }));
        }
        p.expect({});
        EXPECT_TRUE(p.wires.open().empty());

        // Used again before the call that completes it is back: told, and the new transaction is not taken for the old
        // one.
        read_access a;
        p.play(a, fw(BEGIN_REQ));
        p.play(a, bw(BEGIN_RESP, [&](auto& payload, auto&, auto&) {
                   payload.set_response_status(TLM_INCOMPLETE_RESPONSE);
                   p.play(payload, fw(BEGIN_REQ));
                   return TLM_COMPLETED;
               }));
        p.expect({"has not ended on this link", "answer to BEGIN_RESP goes on with"});
        EXPECT_EQ(p.wires.open().size(), 1u);
    });
}

TEST(protocol_checker, leaves_the_conversions_of_simple_target_sockets_alone)
{
    toy_pair only_b("only_b", toy_pair::sides::only_b), only_nb("only_nb", toy_pair::sides::only_nb);
    run_bench([&](bench&) {
        read_access a, c;
        c.release();
        c.set_mm(nullptr);
        only_b.blocking = [](auto& payload, auto&) { payload.set_response_status(TLM_OK_RESPONSE); };
        EXPECT_EQ(only_b.play(a, fw(BEGIN_REQ)), TLM_ACCEPTED);
        only_nb.target = completed();
        only_nb.block(c);
        EXPECT_EQ(sc_core::sc_time_stamp(), ns(3));
        EXPECT_EQ(only_b.wires.open().size(), 1u); // BEGIN_RESP has come
        only_b.play(a, fw(END_RESP, completed()));
        EXPECT_TRUE(a.is_response_ok() && c.is_response_ok());
        only_b.expect({});
        only_nb.expect({});
        EXPECT_TRUE(only_b.wires.open().empty() && only_nb.wires.open().empty());
    });
}

TEST(links, keep_the_order_of_binding_and_pass_debug_access_and_dmi)
{
    fan_in checked("checked", true);
    run_bench([&](bench&) { expect_fan_in_works(checked); });
    EXPECT_EQ(checked.wires.transactions(), 3u);
    EXPECT_EQ(sc_core::sc_find_object("checked.link_to_memory_2")->kind(), std::string("sc_module"));
}

TEST(links, that_are_not_checked_are_bound_without_a_monitor)
{
    fan_in plain("plain", false);
    run_bench([&](bench&) { expect_fan_in_works(plain); });
    EXPECT_EQ(plain.wires.transactions(), 0u);
    for (const sc_core::sc_object* child : plain.get_child_objects())
        EXPECT_STRNE(child->kind(), "sc_module") << child->name();
}

// Whoever uses a payload again cannot know what a target's wrapper has left in it.
TEST(prepared_payload, has_nothing_of_its_last_use)
{
    tlm_generic_payload access;
    unsigned char data[8] = {}, enable = 0;
    access.set_byte_enable_ptr(&enable);
    access.set_streaming_width(1);
    access.set_dmi_allowed(true);
    access.set_response_status(TLM_OK_RESPONSE);
    loas::kernel::prepare(access, tlm::TLM_WRITE_COMMAND, 0x40, data, 8);
    EXPECT_EQ(access.get_byte_enable_ptr(), nullptr);
    EXPECT_EQ(access.get_streaming_width(), 8u);
    EXPECT_FALSE(access.is_dmi_allowed());
    EXPECT_EQ(access.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
    EXPECT_TRUE(access.is_write());
    EXPECT_EQ(access.get_address(), 0x40u);
    EXPECT_EQ(access.get_data_ptr(), data);
    EXPECT_EQ(access.get_data_length(), 8u);
}

TEST(memory_fault, is_the_first_one)
{
    loas::kernel::memory_fault fault;
    fault.note(LOAS_STATUS_BUS_ERROR, 0x100);
    fault.note(LOAS_STATUS_BAD_TENSOR, 0x200);
    EXPECT_TRUE(fault.happened);
    EXPECT_EQ(fault.status, LOAS_STATUS_BUS_ERROR);
    EXPECT_EQ(fault.address, 0x100u);
}
