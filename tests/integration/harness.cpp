#include "tests/integration/harness.h"

#include "abi/loas_board.h"
#include "driver/loas_interrupts.h"
#include "models/kernel/protocol_checker.h"
#include "platform/designs/design.h"
#include "tests/support/random.h"
#include "tests/support/random_layer.h"

#include <gtest/gtest.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace loas::integration
{

namespace
{

config::scenario checked_scenario(std::vector<std::string> overrides)
{
    overrides.emplace_back("run.check_protocol=true");
    return config::default_scenario(overrides);
}

} // namespace

machine_run::machine_run(const std::vector<std::string>& overrides,
                         const std::vector<kernel::observer_maker>& observers)
    : m_scenario(checked_scenario(overrides)), m_machine("machine", m_scenario, {}, observers)
{
    m_machine.set_observer(this);
}

machine_run::~machine_run()
{
    EXPECT_EQ(m_machine.violations(), std::vector<std::string>());
    EXPECT_GT(m_machine.links().transactions(), 0u);
    if (!m_machine.stuck()) {
        EXPECT_EQ(m_machine.links().open(), std::vector<std::string>());
    }
}

bool machine_run::run(const std::function<void(const loas_hal&)>& program)
{
#ifdef __SANITIZE_ADDRESS__
    if (m_scenario.dram.lose_response != 0)
        __lsan_disable(); // threads that wait for ever keep what they have
#endif
    m_machine.set_program(program, [] { sc_core::sc_stop(); });
    sc_core::sc_start();
    m_machine.rethrow();
    return m_machine.program_finished();
}

bool machine_run::run_with(const reference::reference_layer& layer,
                           const std::function<void(loas_device& device, loaded_layer& loaded)>& program)
{
    return run([&](const loas_hal& hal) {
        loas_device device{};
        open_device(hal, device, 4);
        loaded_layer loaded(device, layer);
        program(device, loaded);
    });
}

void machine_run::layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome)
{
    outcomes.push_back(outcome);
    cookies.push_back(descriptor.cookie);
    if (outcome.status == LOAS_STATUS_OK)
        check_counters(outcome);
}

/// What holds for every layer on every machine. That cycles add up by cause is checked by the accelerator itself.
void machine_run::check_counters(const observe::layer_outcome& outcome)
{
    using observe::counter;
    const observe::counter_set& counters = outcome.counters;
    const std::uint64_t tiles = m_scenario.tppe.count;
    EXPECT_EQ(counters[counter::busy_cycles] + counters.group_total("stall_cycles"), counters[counter::cycles] * tiles);
    EXPECT_EQ(counters.group_total("scheduler_cycles"), counters[counter::cycles]);
    EXPECT_EQ(outcome.utilisation.cycles(), counters[counter::cycles]);

    const bool cached =
        memory::backend_facts_of(m_scenario.memory.backend).cached && m_scenario.timing == config::timing::at;
    const std::uint64_t line = m_scenario.cache.line_bytes;
    for (std::size_t i = 0; i < observe::operand_count; ++i) {
        const auto kind = static_cast<observe::operand>(i);
        const std::uint64_t requested = counters[of(counter::request_bytes, kind)];
        const std::uint64_t lines = counters[of(counter::cache_hits, kind)] + counters[of(counter::cache_misses, kind)];
        if (!cached) {
            EXPECT_EQ(lines, 0u);
            continue;
        }
        EXPECT_GE(lines * line, requested) << "kind " << i;
        if (i < observe::read_operand_count) { // what is read misses by whole lines
            EXPECT_EQ(counters[of(counter::dram_read, kind)], counters[of(counter::cache_misses, kind)] * line)
                << "kind " << i;
        } else { // a line written as a whole is not read
            EXPECT_LE(counters[of(counter::dram_read, kind)], counters[of(counter::cache_misses, kind)] * line);
        }
    }
    EXPECT_EQ(counters[counter::cache_requests],
              counters.group_total("cache_hits") + counters.group_total("cache_misses"));
    const observe::channel_statistics dram = outcome.memory.all_channels();
    if (!cached || m_scenario.dram.ideal)
        return;
    // What a timed host writes and reads is in the traffic of cache and channels, and has no kind.
    const bool alone = m_scenario.cpu.memory == config::host_memory::fixed;
    EXPECT_LE(counters.group_total("dram_write_bytes"), counters[counter::write_backs] * line);
    if (alone) {
        EXPECT_EQ(counters.group_total("dram_write_bytes"), counters[counter::write_backs] * line);
    }
    const std::uint64_t burst = m_scenario.dram.burst_bytes();
    EXPECT_GE(dram.reads * burst, counters.group_total("dram_read_bytes"));
    EXPECT_GE(dram.writes * burst, counters.group_total("dram_write_bytes"));
    if (alone) {
        EXPECT_EQ(dram.row_hits + dram.row_misses + dram.row_conflicts + dram.forwarded_reads + dram.merged_writes,
                  dram.reads + dram.writes);
    }
    const double layer_ns = static_cast<double>(counters[counter::cycles]) * 1000 / m_scenario.clock_mhz;
    const double peak_bytes = layer_ns * m_scenario.dram.peak_bytes_per_ns();
    EXPECT_LE(static_cast<double>((dram.reads - dram.forwarded_reads + dram.writes - dram.merged_writes) * burst),
              peak_bytes);
}

observe::counter_set counters_of(machine_run& run, const reference::reference_layer& layer)
{
    EXPECT_TRUE(run.run([&](const loas_hal& hal) {
        loas_device device{};
        open_device(hal, device);
        loaded_layer loaded(device, layer);
        const loas_descriptor descriptor = loaded.descriptor();
        std::uint32_t ticket = 0;
        ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
        ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
        const reference::reference_output expected = reference::run_reference(layer);
        EXPECT_EQ(loaded.read_output().spikes, expected.spikes);
        EXPECT_EQ(loas_queue_close(&device), LOAS_OK);
    }));
    EXPECT_EQ(run.outcomes.size(), 1u);
    return run.outcomes.empty() ? observe::counter_set() : run.outcomes[0].counters;
}

reference::reference_layer matrix(unsigned m, unsigned k, unsigned n, unsigned timesteps)
{
    reference::reference_layer layer;
    layer.timesteps = timesteps;
    layer.in_height = m;
    layer.in_channels = k;
    layer.out_channels = n;
    layer.spikes.assign(std::size_t{m} * k, 0);
    layer.weights.assign(std::size_t{k} * n, 0);
    return layer;
}

loaded_layer::loaded_layer(loas_device& device, const reference::reference_layer& layer) : m_device(device)
{
    loas_layer_config& config = m_layer.config;
    config.in_height = static_cast<std::uint16_t>(layer.in_height);
    config.in_width = static_cast<std::uint16_t>(layer.in_width);
    config.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    config.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    config.kernel_h = static_cast<std::uint8_t>(layer.kernel_h);
    config.kernel_w = static_cast<std::uint8_t>(layer.kernel_w);
    config.stride_h = static_cast<std::uint8_t>(layer.stride_h);
    config.stride_w = static_cast<std::uint8_t>(layer.stride_w);
    config.pad_h = static_cast<std::uint8_t>(layer.pad_h);
    config.pad_w = static_cast<std::uint8_t>(layer.pad_w);
    config.pool = static_cast<std::uint8_t>(layer.pool);
    config.timesteps = static_cast<std::uint8_t>(layer.timesteps);
    config.neuron = static_cast<std::uint8_t>(
        (layer.reset == reference::neuron_reset::soft ? LOAS_NEURON_SOFT_RESET : 0U) |
        (layer.reset == reference::neuron_reset::delayed ? LOAS_NEURON_DELAYED_RESET : 0U) |
        (layer.potentials.empty() ? 0U : LOAS_NEURON_CARRY) | (layer.currents ? LOAS_NEURON_CURRENTS : 0U) |
        (layer.thresholds.empty() ? 0U : LOAS_NEURON_THRESHOLDS) | (layer.first_spike ? LOAS_NEURON_FIRST_SPIKE : 0U) |
        (layer.few_spikes ? LOAS_NEURON_FEW_SPIKES : 0U) |
        (layer.bytes && !layer.currents ? LOAS_NEURON_RELU : 0U));
    config.single_spike_mask = layer.single_spike_mask;
    config.leak_q8 = static_cast<std::uint16_t>(layer.leak_q8);
    config.threshold = layer.bytes ? static_cast<std::int32_t>(layer.shift) : layer.threshold;
    m_layer.weights = layer.weights.data();
    m_layer.bias = layer.bias.empty() ? nullptr : layer.bias.data();
    m_layer.thresholds = layer.thresholds.empty() ? nullptr : layer.thresholds.data();

    EXPECT_EQ(loas_spike_tensor_create(&device, &m_input, layer.in_height, layer.in_width, layer.in_channels,
                                       layer.timesteps),
              LOAS_OK);
    m_scratch.resize(loas_layer_scratch_best(&config) + loas_spike_tensor_scratch_best(&m_input));
    EXPECT_EQ(loas_spike_tensor_write(&device, &m_input, layer.spikes.data(), {m_scratch.data(), m_scratch.size()}),
              LOAS_OK);
    EXPECT_EQ(loas_layer_load(&device, &m_layer, {m_scratch.data(), m_scratch.size()}), LOAS_OK);
    if (!layer.potentials.empty()) {
        EXPECT_EQ(device.hal->dma_write(device.hal->context, potentials_address(), layer.potentials.data(),
                                        4 * layer.potentials.size()),
                  LOAS_OK);
        m_potentials = layer.potentials.size();
    }
    loas_layer_descriptor(&m_layer, m_input.address, 0, &m_descriptor);
    m_descriptor.flags |= LOAS_FLAG_INTERRUPT;
}

loaded_layer::~loaded_layer()
{
    loas_layer_unload(&m_device, &m_layer);
    loas_spike_tensor_destroy(&m_device, &m_input);
}

reference::reference_output loaded_layer::read_output()
{
    reference::reference_output output;
    if (loas_layer_has_currents(&m_layer.config)) {
        output.currents.resize(m_layer.currents_bytes / 4);
        EXPECT_EQ(loas_layer_read_currents(&m_device, &m_layer, output.currents.data()), LOAS_OK);
        return output;
    }
    output.potentials.resize(m_potentials);
    if (m_potentials > 0) {
        EXPECT_EQ(m_device.hal->dma_read(m_device.hal->context, output.potentials.data(), potentials_address(),
                                         4 * m_potentials),
                  LOAS_OK);
    }
    const loas_spike_tensor& tensor = m_layer.output;
    output.spikes.resize(std::size_t{tensor.height} * tensor.width * tensor.channels);
    m_scratch.resize(std::max<std::size_t>(m_scratch.size(), loas_spike_tensor_scratch_best(&tensor)));
    EXPECT_EQ(loas_spike_tensor_read(&m_device, &tensor, output.spikes.data(), {m_scratch.data(), m_scratch.size()}),
              LOAS_OK);
    return output;
}

void open_device(const loas_hal& hal, loas_device& device, std::uint32_t entries, std::uint32_t ring)
{
    ASSERT_EQ(loas_device_probe_ring(&device, &hal, LOAS_BOARD_ACCELERATOR_BASE, ring), LOAS_OK);
    ASSERT_EQ(loas_queue_open(&device, entries), LOAS_OK);
    ASSERT_EQ(loas_interrupts_enable(&hal, LOAS_BOARD_PLIC_BASE, LOAS_BOARD_ACCELERATOR_INTERRUPT, 1u << ring),
              LOAS_OK);
}

reference::reference_layer small_layer()
{
    reference::reference_layer layer;
    layer.timesteps = 4;
    layer.in_height = 5;
    layer.in_channels = 70;
    layer.out_channels = 9;
    support::random_source random(77);
    for (unsigned i = 0; i < 5 * 70; ++i)
        layer.spikes.push_back(static_cast<std::uint16_t>(random.below(16)));
    for (unsigned i = 0; i < 9 * 70; ++i)
        layer.weights.push_back(static_cast<std::int8_t>(random.between(-128, 127)));
    layer.threshold = 50;
    layer.bias.assign(9, 3);
    return layer;
}

reference::reference_layer for_design(std::string_view accelerator, reference::reference_layer layer,
                                      std::uint64_t seed)
{
    if (designs::design_called(accelerator).bytes)
        support::make_bytes(seed, layer);
    return layer;
}

loas_completion run_bad(loas_device& device, const loas_descriptor& descriptor)
{
    std::uint32_t ticket = 0;
    loas_completion record{};
    EXPECT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
    EXPECT_EQ(loas_wait(&device, ticket, LOAS_WAIT_POLL, second_ns, &record), LOAS_E_DEVICE);
    return record;
}

void fail_with_bad_tensor(loas_device& device, const loas_descriptor& descriptor, std::uint64_t place,
                          const std::vector<std::uint8_t>& bytes, std::uint64_t blamed)
{
    const loas_hal& hal = *device.hal;
    std::vector<std::uint8_t> good(bytes.size());
    ASSERT_EQ(hal.dma_read(hal.context, good.data(), place, good.size()), LOAS_OK);
    ASSERT_NE(good, bytes);
    ASSERT_EQ(hal.dma_write(hal.context, place, bytes.data(), bytes.size()), LOAS_OK);
    const loas_completion record = run_bad(device, descriptor);
    EXPECT_EQ(record.status, LOAS_STATUS_BAD_TENSOR);
    EXPECT_EQ(record.error_address, blamed);
    ASSERT_EQ(hal.dma_write(hal.context, place, good.data(), good.size()), LOAS_OK);
    ASSERT_EQ(loas_recover(&device), LOAS_OK);
}

void run_good(loas_device& device, loaded_layer& loaded, const reference::reference_layer& layer)
{
    const loas_descriptor descriptor = loaded.descriptor();
    std::uint32_t ticket = 0;
    ASSERT_EQ(loas_submit(&device, &descriptor, &ticket), LOAS_OK);
    ASSERT_EQ(loas_wait(&device, ticket, LOAS_WAIT_INTERRUPT, second_ns, nullptr), LOAS_OK);
    ASSERT_EQ(loaded.read_output().spikes, reference::run_reference(layer).spikes);
}

} // namespace loas::integration
