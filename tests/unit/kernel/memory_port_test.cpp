// The initiator's side of the data plane before a target that answers late.
#include "tests/unit/memory/memory_bench.h"

#include <tlm_utils/simple_target_socket.h>

using namespace loas;

namespace
{

/// Takes a request, and answers when the test says so.
struct late_target : sc_core::sc_module {
    tlm_utils::simple_target_socket<late_target> in{"in"};
    tlm::tlm_generic_payload* request = nullptr;

    explicit late_target(const sc_core::sc_module_name& name) : sc_module(name)
    {
        in.register_nb_transport_fw(this, &late_target::nb_transport_fw);
    }
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& access, tlm::tlm_phase& phase, sc_core::sc_time&)
    {
        request = &access;
        phase = tlm::END_REQ;
        return tlm::TLM_UPDATED;
    }
    tlm::tlm_sync_enum tell(tlm::tlm_phase phase, std::uint64_t time_ps)
    {
        request->set_response_status(tlm::TLM_OK_RESPONSE);
        sc_core::sc_time delay = sc_core::sc_time::from_value(time_ps);
        return in->nb_transport_bw(*request, phase, delay);
    }
    kernel::traffic& about() const { return *request->get_extension<kernel::traffic>(); }
};

std::vector<std::uint32_t> lines(const memory::test_port& port)
{
    std::vector<std::uint32_t> all;
    for (const kernel::access_done& each : port.done)
        all.push_back(each.line);
    return all;
}

} // namespace

// Three lines of 32 bytes; a cycle is 1 ns. A target that knows of no lines answers all in cycle 10, after 4 cycles of
// a refresh. One that knows them has told of the middle one before, which waits for no refresh and is there in cycle
// 17; the others in 20.
TEST(memory_port, lines_of_a_run_that_were_not_told_of_before_are_there_with_the_last)
{
    const kernel::clock clock(1000);
    kernel::event_wheel wheel;
    memory::test_port port("port", wheel, clock, false);
    late_target memory("memory");
    port.out.socket.bind(memory.in);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
    std::uint8_t data[96] = {};
    for (const bool knows_lines : {false, true}) {
        SCOPED_TRACE(knows_lines);
        port.done.clear();
        port.out.start_run(0x100, data, sizeof data, 3, 1000, observe::operand::b_weights, wheel.now_ps(), 5);
        if (knows_lines) {
            kernel::line_run& run = memory.about().run;
            run.ready = 2;
            run.ready_ps[1] = 17000;
            run.refresh_ps[1] = 0;
            memory.tell(kernel::lines_ready(), 17000);
        }
        memory.about().refresh_ps = 4000;
        const std::uint64_t last_ps = knows_lines ? 20000 : 10000;
        EXPECT_EQ(memory.tell(tlm::BEGIN_RESP, last_ps), tlm::TLM_COMPLETED);
        EXPECT_EQ(port.out.outstanding(), 1u);
        while (wheel.step()) {
        }
        EXPECT_EQ(port.out.outstanding(), 0u);
        EXPECT_EQ(port.cycles(),
                  (knows_lines ? std::vector<std::uint64_t>{17, 20, 20} : std::vector<std::uint64_t>{10, 10, 10}));
        EXPECT_EQ(lines(port),
                  (knows_lines ? std::vector<std::uint32_t>{1, 0, 2} : std::vector<std::uint32_t>{0, 1, 2}));
        for (const kernel::access_done& each : port.done)
            EXPECT_EQ(each.refresh_ps, knows_lines && each.line == 1 ? 0u : 4000u) << each.line;
    }
}
