#include "tests/protocol/bench.h"

namespace loas::protocol
{

const kernel::register_table& bench_registers()
{
    using kernel::right;
    static const kernel::register_table table{"bench",
                                              "",
                                              0x1000,
                                              {{0x00, "CONSTANT", {{"", 0, 32, right::ro, 7, ""}}, ""},
                                               {0x08, "VALUE", {{"", 0, 32, right::rw, 5, ""}}, ""},
                                               {0x10, "COUNTED", {{"", 0, 32, right::rw, 3, ""}}, ""}}};
    return table;
}

bench::bench(const sc_core::sc_module_name& name, std::function<void(bench&)> body)
    : sc_module(name), m_body(std::move(body))
{
    wires.connect("to_ram", bus.map("to_ram", ram_base, ram_bytes), ram.bus_in);
    wires.connect("to_top", bus.map("to_top", top_base, ram_bytes), top.bus_in);
    wires.connect("to_registers", bus.map("to_registers", registers_base, bench_registers().size_bytes),
                  registers.bus_in);
    wires.connect("fixed_storage", fixed.storage.socket, bus.bus_in);
    wires.connect("dram_storage", dram.storage.socket, bus.bus_in);
    wires.connect("behind_cache_storage", behind_cache.storage.socket, bus.bus_in);
    wires.connect("ideal_storage", ideal_behind_cache.storage.socket, bus.bus_in);
    wires.connect("cache_to_dram", cache_dram.memory_out(), behind_cache.memory_in);
    wires.connect("cache_to_ideal", cache_ideal.memory_out(), ideal_behind_cache.memory_in);
    xbar_dram.cache.bind(cache_dram);
    xbar_ideal.cache.bind(cache_ideal);
    wires.connect("coherence_to_bus", coherence.bus_out, bus.bus_in);
    coherence.set_cache(&cache_dram);

    const auto registers_bytes = bench_registers().size_bytes;
    const auto both_rams = [](bool non_blocking, bool in_parts = false) {
        return std::vector<target>{{": RAM", nullptr, ram_base, ram_bytes, true, false, non_blocking, in_parts},
                                   {": top", nullptr, top_base, ram_bytes, true, false, non_blocking, in_parts}};
    };
    add("ram", [&](initiator& by) { wires.connect("ram", by.out, alone.bus_in); },
        {{"", nullptr, 0, ram_bytes, true, true, false}});
    add("registers", [&](initiator& by) { wires.connect("registers", by.out, registers_alone.bus_in); },
        {{"", nullptr, 0, registers_bytes, false, false, false}});
    add("router", [&](initiator& by) { wires.connect("router", by.out, bus.bus_in); },
        {{": RAM", nullptr, ram_base, ram_bytes, true, true, false},
         {": top", nullptr, top_base, ram_bytes, true, true, false},
         {": registers", nullptr, registers_base, registers_bytes, false, false, false}});
    add(
        "fixed", [&](initiator& by) { wires.connect("fixed", by.out, fixed.memory_in); }, both_rams(true));
    add(
        "dram", [&](initiator& by) { wires.connect("dram", by.out, dram.memory_in); }, both_rams(true));
    add(
        "cache and DRAM", [&](initiator& by) { wires.connect("xbar_dram", by.out, xbar_dram.ports_in); },
        both_rams(true, true));
    add(
        "cache and ideal memory", [&](initiator& by) { wires.connect("xbar_ideal", by.out, xbar_ideal.ports_in); },
        both_rams(true, true));
    add(
        "coherence", [&](initiator& by) { wires.connect("coherence", by.out, coherence.bus_in); }, both_rams(false));
    SC_THREAD(run);
}

void bench::add(const std::string& name, const std::function<void(initiator&)>& bind,
                const std::vector<target>& windows)
{
    initiators.emplace_back(("initiator" + std::to_string(initiators.size())).c_str(), wheel);
    bind(initiators.back());
    for (target each : windows) {
        each.name = name + each.name;
        each.from = &initiators.back();
        targets.push_back(each);
    }
}

void run_bench(const std::function<void(bench&)>& body)
{
    bool ran = false;
    bench test("bench", [&](bench& b) {
        body(b);
        ran = true;
    });
    sc_core::sc_start();
    ASSERT_TRUE(ran);
}

} // namespace loas::protocol
