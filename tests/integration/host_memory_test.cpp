// The host as an initiator of the memory system: coherent with a layer that runs, with the memory's timing; and what a
// debugger and a trace see meanwhile.
#include "platform/machine/board.h"
#include "tests/integration/harness.h"

#include "tests/support/random.h"
#include "tests/support/transaction_trace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

using namespace loas;
using namespace loas::integration;
using observe::counter;

namespace
{

const std::string timed = "cpu.memory=timed";

reference::reference_layer random_layer(std::uint64_t seed, unsigned m, unsigned k, unsigned n)
{
    support::random_source random(seed);
    reference::reference_layer layer = matrix(m, k, n);
    for (auto& word : layer.spikes)
        word = static_cast<std::uint16_t>(random.chance(1, 3) ? random.below(16) : 0);
    for (auto& weight : layer.weights)
        weight = static_cast<std::int8_t>(random.chance(1, 4) ? random.between(-128, 127) : 0);
    layer.threshold = 30;
    layer.bias.assign(n, 1);
    return layer;
}

std::uint32_t submit(loas_device& device, const loaded_layer& loaded)
{
    const loas_descriptor descriptor = loaded.descriptor();
    std::uint32_t ticket = 0;
    EXPECT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
    return ticket;
}

void finish(loas_device& device, loaded_layer& loaded, const reference::reference_layer& layer, std::uint32_t ticket)
{
    ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
    ASSERT_EQ(loaded.read_output().spikes, reference::run_reference(layer).spikes);
}

/// Nanoseconds that a read of 4 bytes takes.
std::uint64_t read_ns(const loas_hal& hal, std::uint64_t address)
{
    std::uint32_t value = 0;
    const std::uint64_t before = hal.time_ns(hal.context);
    EXPECT_EQ(hal.dma_read(hal.context, &value, address, 4), LOAS_OK);
    return hal.time_ns(hal.context) - before;
}

std::uint64_t allocated(const loas_hal& hal, std::uint64_t bytes)
{
    std::uint64_t address = 0;
    EXPECT_EQ(hal.dma_alloc(hal.context, bytes, 64, &address), LOAS_OK);
    return address;
}

/// Reads and writes of a region at random, each compared with what is known to be there.
void use_memory(const loas_hal& hal, std::uint64_t region, std::vector<std::uint8_t>& known, std::uint64_t seed,
                unsigned accesses)
{
    support::random_source random(seed);
    std::vector<std::uint8_t> data;
    for (unsigned i = 0; i < accesses; ++i) {
        const std::uint64_t first = random.below(known.size());
        data.resize(std::min<std::uint64_t>(1 + random.below(100), known.size() - first));
        const auto here = known.begin() + static_cast<std::ptrdiff_t>(first);
        if (random.chance(1, 2)) {
            for (auto& byte : data)
                byte = static_cast<std::uint8_t>(random.below(256));
            ASSERT_EQ(hal.dma_write(hal.context, region + first, data.data(), data.size()), LOAS_OK);
            std::copy(data.begin(), data.end(), here);
        } else {
            ASSERT_EQ(hal.dma_read(hal.context, data.data(), region + first, data.size()), LOAS_OK);
            ASSERT_TRUE(std::equal(data.begin(), data.end(), here)) << "access " << i << " at offset " << first;
        }
        if (random.chance(1, 20))
            hal.wait_interrupt(hal.context, random.below(300));
    }
}

} // namespace

struct host_case {
    std::string_view accelerator;
    std::vector<std::string> memory;
};

class host_memory : public testing::TestWithParam<host_case>
{
protected:
    static std::vector<std::string> overrides()
    {
        std::vector<std::string> all = GetParam().memory;
        all.insert(all.end(), {timed, "accelerator=" + std::string(GetParam().accelerator)});
        return all;
    }
};

// A cache so small that lines of host and layer push each other out.
TEST_P(host_memory, is_coherent_with_a_layer_that_runs)
{
    const reference::reference_layer layer = for_design(GetParam().accelerator, random_layer(3, 40, 300, 30));
    machine_run run(overrides());
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        std::vector<std::uint8_t> known(20000);
        const std::uint64_t region = allocated(hal, known.size());
        ASSERT_EQ(hal.dma_write(hal.context, region, known.data(), known.size()), LOAS_OK);
        for (unsigned round = 0; round < 3; ++round) {
            const std::uint32_t ticket = submit(device, loaded);
            use_memory(hal, region, known, round, 300);
            finish(device, loaded, layer, ticket);
        }
        for (int i = 0; i < 200; ++i) { // what the last reads have pushed out is on its way; these hit, and take time
            std::uint8_t byte = 0;
            ASSERT_EQ(hal.dma_read(hal.context, &byte, region, 1), LOAS_OK);
        }
    }));
    EXPECT_EQ(run.outcomes.size(), 3u);
}

// The host looks for the record in memory all the time, also when the queue begins the next layer.
TEST_P(host_memory, is_where_the_host_looks_for_the_end_of_layers)
{
    const reference::reference_layer layer = for_design(GetParam().accelerator, random_layer(4, 20, 200, 20));
    machine_run run(overrides());
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        for (unsigned round = 0; round < 10; ++round) {
            std::uint32_t ticket = 0;
            for (unsigned i = 0; i < 3; ++i)
                ticket = submit(device, loaded);
            ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, nullptr), LOAS_OK);
            ASSERT_EQ(loaded.read_output().spikes, reference::run_reference(layer).spikes);
        }
    }));
    EXPECT_EQ(run.outcomes.size(), 30u);
}

const std::vector<std::string> small_cache = {"cache.size_kib=8", "cache.ways=4", "cache.mshrs=2",
                                              "cache.write_buffers=2", "dram.channels=2"};

std::vector<host_case> every_design()
{
    std::vector<host_case> cases;
    for (const std::string_view word : config::design_words())
        cases.push_back({word, small_cache});
    return cases;
}

INSTANTIATE_TEST_SUITE_P(designs, host_memory, testing::ValuesIn(every_design()));
INSTANTIATE_TEST_SUITE_P(memories, host_memory,
                         testing::Values(host_case{"loas", {"memory.backend=fixed"}},
                                         host_case{"loas", {"memory.backend=ideal"}}, host_case{"loas", {"timing=lt"}},
                                         host_case{"gamma-snn", {"cpu.quantum_ns=1"}},
                                         host_case{"loas", {"dram.ideal=true"}},
                                         host_case{"loas", {"cache.ideal=true"}}));

TEST(host_memory, takes_the_latency_of_an_idle_dram_and_of_a_hit)
{
    machine_run run({timed, "dram.t_refi_ns=0"});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const std::uint64_t at = allocated(hal, 4096);
        const auto dram = config::default_scenario({}).dram;
        const double idle = memory::backend_facts_of("dram").idle_latency_ns({}, dram);
        const auto cold = static_cast<double>(read_ns(hal, at));
        EXPECT_GE(cold, idle);
        EXPECT_LE(cold, idle + 10); // look-up, crossbar, clock edges
        EXPECT_LE(read_ns(hal, at + 4), 5u) << "the same line, now in the cache";
    }));
}

TEST(host_memory, has_a_fixed_latency_unless_it_is_timed)
{
    machine_run run({});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const std::uint64_t at = allocated(hal, 4096);
        EXPECT_EQ(read_ns(hal, at), 20u);
        EXPECT_EQ(read_ns(hal, at), 20u);
    }));
}

// Both feel it: the host's reads take longer than alone, and the layer takes longer than with a host that rests.
TEST(host_memory, contends_with_a_layer)
{
    const reference::reference_layer layer = random_layer(5, 64, 700, 60);
    machine_run run({timed, "dram.channels=1", "dram.t_refi_ns=0", "cache.size_kib=16", "cache.ways=4"});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const std::uint64_t region = allocated(hal, 1 << 20);
        const auto read_many = [&](std::uint64_t first) {
            std::uint64_t total = 0;
            for (std::uint64_t i = 0; i < 100; ++i)
                total += read_ns(hal, region + first + i * 4096 % (1 << 19));
            return total;
        };
        finish(device, loaded, layer, submit(device, loaded)); // what the cache keeps is the same for the next two
        finish(device, loaded, layer, submit(device, loaded));
        const std::uint64_t idle = read_many(0);
        const std::uint32_t ticket = submit(device, loaded);
        const std::uint64_t busy = read_many(1 << 19);
        finish(device, loaded, layer, ticket);
        EXPECT_GT(busy, idle);
    }));
    ASSERT_EQ(run.outcomes.size(), 3u);
    EXPECT_GT(run.outcomes[2].counters[counter::cycles], run.outcomes[1].counters[counter::cycles]);
}

// What the host wrote is in the cache only, when the work of a layer there is abandoned.
TEST(host_memory, survives_a_layer_that_fails)
{
    const reference::reference_layer layer = small_layer();
    machine_run run({timed});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const std::vector<std::uint8_t> data(1000, 0xA5);
        const std::uint64_t region = allocated(hal, data.size());
        ASSERT_EQ(hal.dma_write(hal.context, region, data.data(), data.size()), LOAS_OK);
        loas_descriptor bad = loaded.descriptor();
        const std::uint64_t pointers =
            bad.weight_address + loas_weight_layout(LOAS_WEIGHTS_COLUMNS, 9, 70).pointer_offset;
        fail_with_bad_tensor(device, bad, pointers + 4, {0xFF, 0xFF, 0xFF, 0x7F}, pointers + 4);
        std::vector<std::uint8_t> back(data.size());
        ASSERT_EQ(hal.dma_read(hal.context, back.data(), region, back.size()), LOAS_OK);
        EXPECT_EQ(back, data);
        run_good(device, loaded, layer);
    }));
}

class debug_access : public testing::TestWithParam<const char*>
{
};

// Outputs stay in the cache until the layer ends: what is seen of them before that is seen there.
TEST_P(debug_access, sees_in_the_middle_of_a_layer_what_the_host_would_see)
{
    const reference::reference_layer layer = random_layer(6, 64, 300, 64);
    machine_run run({std::string("cpu.memory=") + GetParam()});
    unsigned seen_early = 0;
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        const loas_hal& hal = *device.hal;
        const std::uint64_t output = loaded.descriptor().output_address;
        const std::uint32_t ticket = submit(device, loaded);
        std::vector<std::uint8_t> by_debug(512), by_host(512);
        while (hal.wait_interrupt(hal.context, 500) == LOAS_E_TIMEOUT) {
            ASSERT_TRUE(run.machine().debug_read(output, by_debug.data(), by_debug.size()));
            const bool written =
                std::any_of(by_debug.begin(), by_debug.end(), [](std::uint8_t byte) { return byte != 0; });
            seen_early += written ? 1 : 0;
            if (std::string(GetParam()) == "timed")
                continue; // the host's own reads take time
            ASSERT_EQ(hal.dma_read(hal.context, by_host.data(), output, by_host.size()), LOAS_OK);
            ASSERT_EQ(by_debug, by_host);
        }
        finish(device, loaded, layer, ticket);
        ASSERT_TRUE(run.machine().debug_read(output, by_debug.data(), by_debug.size()));
        ASSERT_EQ(hal.dma_read(hal.context, by_host.data(), output, by_host.size()), LOAS_OK);
        EXPECT_EQ(by_debug, by_host);
    }));
    EXPECT_GT(seen_early, 0u);
}

INSTANTIATE_TEST_SUITE_P(kinds, debug_access, testing::Values("fixed", "timed"));

TEST(debug_access, reaches_memory_and_devices_and_nothing_else)
{
    machine_run run({timed});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const std::uint64_t at = allocated(hal, 64);
        const std::uint32_t value = 0x12345678;
        ASSERT_EQ(hal.dma_write(hal.context, at, &value, 4), LOAS_OK);
        std::uint32_t back = 0;
        EXPECT_TRUE(run.machine().debug_read(at, &back, 4));
        EXPECT_EQ(back, value) << "a changed line of the cache";
        EXPECT_TRUE(run.machine().debug_read(machine::board::accelerator.base + LOAS_REG_ID, &back, 4));
        EXPECT_EQ(back, LOAS_ID_VALUE);
        EXPECT_FALSE(run.machine().debug_read(0x200000, &back, 4));
    }));
}

TEST(transaction_trace, tells_of_every_transaction_who_wanted_what_and_how_long_it_took)
{
    const reference::reference_layer layer = small_layer();
    support::transaction_trace host({"cpu_to_bus"}), queue({"queue_to_bus"}), memory({"accelerator_to_memory"});
    machine_run run({}, {host.maker(), queue.maker(), memory.maker()});
    ASSERT_TRUE(run.run_with(layer, [&](loas_device& device, loaded_layer& loaded) {
        host.transactions.clear();
        std::uint32_t id = 0;
        const loas_hal& hal = *device.hal;
        ASSERT_EQ(hal.read32(hal.context, machine::board::accelerator.base + LOAS_REG_ID, &id), LOAS_OK);
        ASSERT_NE(hal.write32(hal.context, 0x200000, id), LOAS_OK);
        run_good(device, loaded, layer);
    }));
    ASSERT_GE(host.transactions.size(), 2u);
    EXPECT_EQ(host.transactions[0].text(), "cpu_to_bus: host reads 4 bytes at 0x40000000, 10 ns, OK");
    EXPECT_EQ(host.transactions[1].text(), "cpu_to_bus: host writes 4 bytes at 0x200000, 0 ns, refused");
    ASSERT_EQ(queue.transactions.size(), 2u); // a descriptor, a completion
    EXPECT_EQ(queue.transactions[0].record.bytes, sizeof(loas_descriptor));
    EXPECT_EQ(queue.transactions[1].record.command, tlm::TLM_WRITE_COMMAND);
    EXPECT_EQ(queue.transactions[1].record.by.what, kernel::unit::dispatcher);
    EXPECT_EQ(queue.transactions[1].link.initiator, "machine.queue.dma_out");
    std::uint64_t bytes = 0;
    for (const auto& each : memory.transactions) {
        EXPECT_TRUE(each.record.by.what == kernel::unit::tile || each.record.by.what == kernel::unit::shared ||
                    each.record.by.what == kernel::unit::compressor)
            << each.text();
        EXPECT_NE(each.record.kind, observe::operand::count);
        EXPECT_GT(each.record.end_ps, each.record.begin_ps) << each.text();
        bytes += each.record.bytes;
    }
    EXPECT_EQ(bytes, run.outcomes.at(0).counters.group_total("request_bytes")) << "nothing passes unseen";
}
