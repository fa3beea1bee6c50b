// What the simulation kernel itself costs, for orientation: hand-over of a thread, event, call through a socket. And
// the program: kernels by Google Benchmark, then whole runs.
#include "tests/bench/runs.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace
{

struct probe : sc_core::sc_module {
    tlm_utils::simple_initiator_socket<probe> out{"out"};
    tlm_utils::simple_target_socket<probe> in{"in"};
    sc_core::sc_event event{"event"};
    std::uint64_t switches = 0, activations = 0;

    SC_CTOR(probe)
    {
        in.register_b_transport(this, &probe::b_transport);
        out.bind(in);
        SC_THREAD(tick);
        SC_METHOD(happen);
        sensitive << event;
        dont_initialize();
    }
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time&)
    {
        access.set_response_status(tlm::TLM_OK_RESPONSE);
    }
    void tick()
    {
        for (;; ++switches)
            wait(1, sc_core::SC_NS);
    }
    void happen() { ++activations; }
};

std::unique_ptr<probe> the_probe;

void thread_timed_wait(benchmark::State& state)
{
    for (auto _ : state)
        sc_core::sc_start(1, sc_core::SC_US);
    state.SetItemsProcessed(state.iterations() * 1000);
}

void event_delta(benchmark::State& state)
{
    for (auto _ : state) {
        the_probe->event.notify(sc_core::SC_ZERO_TIME);
        sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
}

void b_transport_call(benchmark::State& state)
{
    tlm::tlm_generic_payload access;
    sc_core::sc_time delay;
    for (auto _ : state)
        the_probe->out->b_transport(access, delay);
}

} // namespace

BENCHMARK(thread_timed_wait);
BENCHMARK(event_delta);
BENCHMARK(b_transport_call);

// bench [--kernels | --runs [NAME]] [--update] [options of Google Benchmark]
int sc_main(int argc, char** argv)
{
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    benchmark::Initialize(&argc, argv);
    bool kernels = true, runs = true, update = false;
    std::string only;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--kernels") == 0) {
            runs = false;
        } else if (std::strcmp(argv[i], "--runs") == 0) {
            kernels = false;
            if (i + 1 < argc && argv[i + 1][0] != '-')
                only = argv[++i];
        } else if (std::strcmp(argv[i], "--update") == 0) {
            update = true;
        } else {
            std::fprintf(stderr,
                         "bench: unknown argument %s; there are --kernels, --runs [NAME], --update and the "
                         "options of Google Benchmark\n",
                         argv[i]);
            return 2;
        }
    }
    if (update && !only.empty()) {
        std::fprintf(stderr, "bench: --update writes all runs, not some\n");
        return 2;
    }
    if (kernels) {
        the_probe = std::make_unique<probe>("probe");
        benchmark::RunSpecifiedBenchmarks();
    }
    return runs ? loas::bench::measure_runs(only, update) : 0;
}

int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    return sc_core::sc_elab_and_sim(argc, argv);
}
