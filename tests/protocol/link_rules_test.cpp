// The monitor of TLM links names the rule that is broken.
#include "tests/protocol/toy_link.h"

using namespace loas::protocol::toy;

TEST(protocol_checker, names_the_rule_that_a_b_transport_breaks)
{
    struct {
        const char* rule;
        std::function<void(tlm_generic_payload&)> initiator, target;
    } const cases[] = {
        {"command is none", [](auto& p) { p.set_command(static_cast<tlm_command>(3)); }, {}},
        {"data pointer of a read or write is null", [](auto& p) { p.set_data_ptr(nullptr); }, {}},
        {"data length of a read or write is 0", [](auto& p) { p.set_data_length(0); }, {}},
        {"byte enable length is 0", [](auto& p) { p.set_byte_enable_ptr(p.get_data_ptr()); }, {}},
        {"streaming width is 0", [](auto& p) { p.set_streaming_width(0); }, {}},
        {"option is not", [](auto& p) { p.set_gp_option(TLM_FULL_PAYLOAD); }, {}},
        {"DMI hint", [](auto& p) { p.set_dmi_allowed(true); }, {}},
        {"not TLM_INCOMPLETE_RESPONSE at the beg", [](auto& p) { p.set_response_status(TLM_OK_RESPONSE); }, {}},
        {"still TLM_INCOMPLETE_RESPONSE", {}, [](auto& p) { p.set_response_status(TLM_INCOMPLETE_RESPONSE); }},
        {"command was changed", {}, [](auto& p) { p.set_write(); }},
        {"data pointer was changed", {}, [](auto& p) { p.set_data_ptr(p.get_data_ptr() + 1); }},
        {"data length was changed", {}, [](auto& p) { p.set_data_length(3); }},
        {"byte enable pointer was changed", {}, [](auto& p) { p.set_byte_enable_ptr(p.get_data_ptr()); }},
        {"byte enable length was changed", {}, [](auto& p) { p.set_byte_enable_length(3); }},
        {"streaming width was changed", {}, [](auto& p) { p.set_streaming_width(3); }},
        {"option was changed", {}, [](auto& p) { p.set_gp_option(TLM_FULL_PAYLOAD); }},
    };
    run_bench([&](bench& b) {
        for (const auto& each : cases) {
            toy_pair& p = b.fresh();
            p.blocking = [&](auto& payload, auto&) {
                payload.set_response_status(TLM_OK_RESPONSE);
                if (each.target)
                    each.target(payload);
            };
            read_access a;
            if (each.initiator)
                each.initiator(a);
            p.block(a);
            p.expect({each.rule});
        }
        toy_pair& p = b.fresh();
        read_access a;
        p.blocking = [](auto& payload, sc_time& t) {
            payload.set_response_status(TLM_OK_RESPONSE);
            sc_core::wait(ns(1));
            t = ns(1);
        };
        p.block(a);
        p.expect({"link a[0]/b at 1 ns, read of 4 bytes at 0x100: goes back in time: 2 ns after 3 ns"});
        a.set_response_status(TLM_INCOMPLETE_RESPONSE);
        bool again = true;
        p.blocking = [&](auto& payload, auto&) {
            if (std::exchange(again, false))
                p.block(payload);
            payload.set_response_status(TLM_OK_RESPONSE);
        };
        p.block(a);
        p.expect({"payload that is in b_transport"});
        a.set_response_status(TLM_INCOMPLETE_RESPONSE);
        p.play(a, fw(BEGIN_REQ));
        p.block(a);
        p.expect({"both b_transport and nb_transport"});
        for (int i = 0; i < 100; ++i)
            p.block(a);
        EXPECT_EQ(p.wires.violations().size(), 20u);
        EXPECT_EQ(p.wires.violation_count(), 103u);
    });
}

TEST(protocol_checker, names_the_rule_that_an_nb_transport_breaks)
{
    const auto spoil = [](call good, std::function<void(tlm_generic_payload&)> before) {
        good.before = std::move(before);
        return good;
    };
    const answer late = [](auto&, auto&, sc_time& delay) { return delay += ns(1), TLM_ACCEPTED; };
    const answer other_phase = [](auto&, auto& phase, auto&) { return phase = END_REQ, TLM_ACCEPTED; };
    const answer back = [](auto&, auto& phase, auto& delay) { return delay = ns(1), phase = END_REQ, TLM_UPDATED; };
    const answer back_to_end = [](auto&, auto& phase, auto& delay) {
        return delay = ns(1), phase = END_RESP, TLM_UPDATED;
    };
    const answer early = [](auto&, auto&, auto& delay) { return delay = ns(1), TLM_COMPLETED; };
    const struct {
        std::vector<std::string> rules;
        std::vector<call> calls;
    } cases[] = {
        {{"no memory manager"}, {spoil(fw(BEGIN_REQ), [](auto& p) { p.set_mm(nullptr); })}},
        {{"has not ended on this link"}, {fw(BEGIN_REQ), fw(BEGIN_REQ)}},
        {{"has not ended"},
         {fw(BEGIN_REQ), bw(BEGIN_RESP),
          spoil(fw(BEGIN_REQ), [](auto& p) { p.set_response_status(TLM_INCOMPLETE_RESPONSE); })}},
        {{"END_REQ of a transaction that is not in progress"}, {bw(END_REQ)}},
        {{"END_RESP of a transaction that is not"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, completed()), fw(END_RESP)}},
        {{"first_beat of a transaction that is not in progress"}, {fw(first_beat)}},
        {{"END_RESP before BEGIN_RESP"}, {fw(BEGIN_REQ), fw(END_RESP)}},
        {{"END_REQ sent by the initiator"}, {fw(BEGIN_REQ), fw(END_REQ)}},
        {{"BEGIN_RESP sent by the initiator"}, {fw(BEGIN_REQ), fw(BEGIN_RESP)}},
        {{"UNINITIALIZED_PHASE sent by the init"}, {fw(BEGIN_REQ), fw(UNINITIALIZED_PHASE)}},
        {{"END_REQ sent by the init"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, updated(END_REQ))}},
        {{"BEGIN_REQ sent by the target"}, {fw(BEGIN_REQ), bw(BEGIN_REQ)}},
        {{"END_RESP sent by the target"}, {fw(BEGIN_REQ), bw(END_RESP)}},
        {{"END_RESP sent by the target"}, {fw(BEGIN_REQ, updated(END_RESP))}},
        {{"BEGIN_REQ sent by the target"}, {fw(BEGIN_REQ, updated(BEGIN_REQ))}},
        {{"END_REQ although the request has ended"}, {fw(BEGIN_REQ, updated(END_REQ)), bw(END_REQ)}},
        {{"BEGIN_RESP a second time"}, {fw(BEGIN_REQ), bw(BEGIN_RESP), bw(BEGIN_RESP)}},
        {{"END_RESP before"}, {fw(BEGIN_REQ), bw(END_REQ, updated(END_RESP))}},
        {{"ended on this link"}, {fw(BEGIN_REQ), bw(BEGIN_RESP), fw(END_RESP, updated(BEGIN_RESP))}},
        {{"TLM_COMPLETED in answer to END_REQ"}, {fw(BEGIN_REQ), bw(END_REQ, completed())}},
        {{"TLM_COMPLETED in answer to first_beat"}, {fw(BEGIN_REQ), fw(first_beat, completed())}},
        {{"phase was changed from BEGIN_REQ to END_REQ"}, {fw(BEGIN_REQ, other_phase)}},
        {{"delay was changed"}, {fw(BEGIN_REQ, late)}},
        {{"goes back in time"}, {fw(BEGIN_REQ, back)}},
        // the same on the backward path
        {{"phase was changed from BEGIN_RESP to END_REQ"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, other_phase)}},
        {{"delay was changed"}, {fw(BEGIN_REQ), bw(END_REQ, late)}},
        {{"goes back in time"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, back_to_end)}},
        {{"goes back in time"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, early)}},
        {{"BEGIN_REQ sent by the initiator"}, {fw(BEGIN_REQ), bw(BEGIN_RESP, updated(BEGIN_REQ))}},
        {{"END_RESP of a transaction that is not"},
         {fw(BEGIN_REQ), bw(BEGIN_RESP, updated(END_RESP)), fw(END_RESP)}},
        {{"still TLM_INCOMPLETE"}, {fw(BEGIN_REQ, completed(TLM_INCOMPLETE_RESPONSE))}},
        {{"still TLM_INCOMPLETE"}, {fw(BEGIN_REQ, updated(BEGIN_RESP, TLM_INCOMPLETE_RESPONSE))}},
        {{"data length was changed"}, {fw(BEGIN_REQ), spoil(bw(END_REQ), [](auto& p) { p.set_data_length(2); })}},
    };
    run_bench([&](bench& b) {
        for (const auto& each : cases) {
            toy_pair& p = b.fresh();
            read_access a;
            p.play(a, each.calls);
            p.expect(each.rules);
        }
        toy_pair& p = b.fresh();
        read_access first, second, third;
        p.play(first, fw(BEGIN_REQ));
        p.play(second, fw(BEGIN_REQ));
        p.expect({"request exclusion rule"});
        p.play(second, bw(BEGIN_RESP));
        p.play(first, bw(BEGIN_RESP));
        p.expect({"response exclusion rule: BEGIN_RESP"});
        p.play(third, fw(BEGIN_REQ, completed()));
        p.expect({"response exclusion rule: TLM_COMPLETED"});
        // A response without its status, by a call of its own on the backward path.
        toy_pair& q = b.fresh();
        read_access fourth;
        q.play(fourth, fw(BEGIN_REQ));
        tlm_phase phase = BEGIN_RESP;
        sc_time delay = ns(2);
        q.in->nb_transport_bw(fourth, phase, delay);
        q.expect({"still TLM_INCOMPLETE"});
    });
}
