// Both ends of a watched link that do what a test says, and the answers they may give.
#pragma once

#include "models/kernel/access_check.h"
#include "models/kernel/protocol_checker.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include <functional>
#include <list>
#include <string>
#include <vector>

namespace loas::protocol::toy
{

using namespace loas::kernel;
using namespace tlm;
using sc_core::sc_time;

TLM_DECLARE_EXTENDED_PHASE(first_beat);

using answer = std::function<tlm_sync_enum(tlm_generic_payload&, tlm_phase&, sc_time&)>;

inline sc_time ns(double value)
{
    return {value, sc_core::SC_NS};
}

inline answer accepted()
{
    return [](auto&, auto&, auto&) { return TLM_ACCEPTED; };
}

inline answer updated(tlm_phase phase, tlm_response_status status = TLM_OK_RESPONSE)
{
    return [=](auto& payload, auto& to_change, auto& delay) {
        to_change = phase;
        delay += ns(2);
        if (phase == BEGIN_RESP)
            payload.set_response_status(status);
        return TLM_UPDATED;
    };
}

inline answer completed(tlm_response_status status = TLM_OK_RESPONSE)
{
    return [=](auto& payload, auto&, auto&) {
        payload.set_response_status(status);
        return TLM_COMPLETED;
    };
}

// A read of 4 bytes at 0x100 with a memory manager, as an initiator would begin it.
struct read_access : tlm_generic_payload {
    read_access()
    {
        static struct keeper : tlm_mm_interface {
            void free(tlm_generic_payload*) override {}
        } manager;
        set_mm(&manager);
        acquire();
        prepare(*this, TLM_READ_COMMAND, 0x100, data, sizeof data);
    }

    unsigned char data[4] = {};
};

// One call of nb_transport: by whom, with what, and what the callee does.
struct call {
    bool forward;
    tlm_phase phase;
    answer how;
    std::function<void(tlm_generic_payload&)> before = [](auto&) {};
};

inline call fw(const tlm_phase& phase, answer how = accepted())
{
    return {true, phase, std::move(how)};
}

inline call bw(const tlm_phase& phase, answer how = accepted())
{
    return {false, phase, std::move(how)};
}

// Both ends of a link: an initiator and a target that do what a test says.
struct toy_pair : sc_core::sc_module {
    enum class sides { both, only_b, only_nb };

    tlm_utils::simple_initiator_socket<toy_pair> out{"out"};
    tlm_utils::simple_target_socket<toy_pair> in{"in"};
    checked_links wires{true};
    answer target = accepted(), initiator = accepted();
    std::function<void(tlm_generic_payload&, sc_time&)> blocking = [](auto& payload, auto&) {
        payload.set_response_status(TLM_OK_RESPONSE);
    };
    tlm_phase phase;
    sc_time delay;

    explicit toy_pair(const sc_core::sc_module_name& name, sides target_has = sides::both) : sc_module(name)
    {
        if (target_has != sides::only_nb)
            in.register_b_transport(this, &toy_pair::b_transport);
        if (target_has != sides::only_b)
            in.register_nb_transport_fw(this, &toy_pair::nb_transport_fw);
        out.register_nb_transport_bw(this, &toy_pair::nb_transport_bw);
        wires.connect("a[0]/b", out, in);
    }

    void block(tlm_generic_payload& payload)
    {
        delay = ns(3);
        out->b_transport(payload, delay);
    }

    tlm_sync_enum play(tlm_generic_payload& payload, const call& next)
    {
        next.before(payload);
        if (!next.forward && next.phase == BEGIN_RESP)
            payload.set_response_status(TLM_OK_RESPONSE);
        (next.forward ? target : initiator) = next.how;
        phase = next.phase;
        delay = ns(2);
        return next.forward ? out->nb_transport_fw(payload, phase, delay) : in->nb_transport_bw(payload, phase, delay);
    }

    void play(tlm_generic_payload& payload, const std::vector<call>& calls)
    {
        for (const call& next : calls) {
            play(payload, next);
            sc_core::wait(ns(2));
        }
    }

    // Told since the last call: these, one text each, in this order.
    void expect(const std::vector<std::string>& rules)
    {
        const auto& texts = wires.violations();
        ASSERT_EQ(texts.size() - m_seen, rules.size()) << testing::PrintToString(texts);
        for (const std::string& rule : rules)
            EXPECT_NE(texts[m_seen++].find(rule), std::string::npos) << texts[m_seen - 1] << "\nshould say: " << rule;
    }

private:
    void b_transport(tlm_generic_payload& payload, sc_time& t) { blocking(payload, t); }
    tlm_sync_enum nb_transport_fw(tlm_generic_payload& payload, tlm_phase& p, sc_time& t)
    {
        return target(payload, p, t);
    }
    tlm_sync_enum nb_transport_bw(tlm_generic_payload& payload, tlm_phase& p, sc_time& t)
    {
        return initiator(payload, p, t);
    }

    std::size_t m_seen = 0;
};

struct bench : sc_core::sc_module {
    SC_HAS_PROCESS(bench);
    std::list<toy_pair> pairs; // a fresh one for each case
    std::function<void(bench&)> body;

    bench(const sc_core::sc_module_name& name, std::function<void(bench&)> run_body)
        : sc_module(name), body(std::move(run_body))
    {
        for (int i = 0; i < 50; ++i)
            pairs.emplace_back(("pair" + std::to_string(i)).c_str());
        m_next = pairs.begin();
        SC_THREAD(run);
    }

    toy_pair& fresh() { return *m_next++; }

private:
    void run()
    {
        body(*this);
        sc_core::sc_stop();
    }

    std::list<toy_pair>::iterator m_next;
};

inline void run_bench(const std::function<void(bench&)>& body)
{
    bool ran = false;
    bench test("bench", [&](bench& b) {
        body(b);
        ran = true;
    });
    sc_core::sc_start();
    ASSERT_TRUE(ran);
}

} // namespace loas::protocol::toy
