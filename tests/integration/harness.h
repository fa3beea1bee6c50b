// A whole machine for a test: built from overrides of the default scenario, one program on its CPU. One machine run per
// process.
#pragma once

#include "platform/config/scenario.h"
#include "platform/machine/machine.h"
#include "platform/reference/reference.h"
#include "runtime/loas_runtime.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace loas::integration
{

class loaded_layer;

/// Every run is watched: TLM links and DRAM commands are checked, and what the counters of every layer must satisfy.
class machine_run : public observe::layer_observer
{
public:
    explicit machine_run(const std::vector<std::string>& overrides,
                         const std::vector<kernel::observer_maker>& observers = {});
    /// Nothing broke a rule, and nothing is still under way.
    ~machine_run() override;
    machine_run(const machine_run&) = delete;
    machine_run& operator=(const machine_run&) = delete;

    /// Runs the program to its end; a failed assertion in it is a failed test. False: the machine stopped before.
    bool run(const std::function<void(const loas_hal&)>& program);

    /// The same with an open queue of 4 entries and a layer in memory.
    bool run_with(const reference::reference_layer& layer,
                  const std::function<void(loas_device& device, loaded_layer& loaded)>& program);

    machine::machine& machine() { return m_machine; }
    const config::scenario& scenario() const { return m_scenario; }
    void layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome) override;

    std::vector<observe::layer_outcome> outcomes; ///< of every layer that was started
    std::vector<std::uint32_t> cookies;           ///< of their descriptors

private:
    void check_counters(const observe::layer_outcome& outcome);

    config::scenario m_scenario;
    machine::machine m_machine;
};

/// A layer in the machine's memory, ready to be submitted.
class loaded_layer
{
public:
    loaded_layer(loas_device& device, const reference::reference_layer& layer);
    ~loaded_layer();
    loaded_layer(const loaded_layer&) = delete;
    loaded_layer& operator=(const loaded_layer&) = delete;

    loas_descriptor descriptor() const { return m_descriptor; }
    reference::reference_output read_output();

private:
    std::uint64_t potentials_address() const
    {
        return loas_potentials_address(m_layer.config.neuron, m_layer.bias_address, m_layer.config.out_channels);
    }

    loas_device& m_device;
    std::size_t m_potentials = 0; ///< numbers
    loas_layer m_layer{};
    loas_spike_tensor m_input{};
    loas_descriptor m_descriptor{};
    std::vector<std::uint8_t> m_scratch;
};

/// probe and open a queue, the ring's interrupt and no other enabled; fails the test when one of them fails.
void open_device(const loas_hal& hal, loas_device& device, std::uint32_t entries = 16, std::uint32_t ring = 0);

constexpr std::uint64_t second_ns = 1000000000;

/// 5 x 70 inputs, 9 columns, T = 4, dense, with bias.
reference::reference_layer small_layer();

/// The layer as it is, or for a design that takes bytes one of bytes: see support::make_bytes().
reference::reference_layer for_design(std::string_view accelerator, reference::reference_layer layer,
                                      std::uint64_t seed = 1);

/// Runs one layer on a machine of its own use, compares with the golden model and returns its counters.
observe::counter_set counters_of(machine_run& run, const reference::reference_layer& layer);

/// A plain M x K matrix times K x N weights, all zero.
reference::reference_layer matrix(unsigned m, unsigned k, unsigned n, unsigned timesteps = 4);

/// Submits a layer that must fail.
loas_completion run_bad(loas_device& device, const loas_descriptor& descriptor);

/// Bytes of a tensor that the hardware must not believe fail the layer, which blames an address; then they are put
/// right again and the device recovers.
void fail_with_bad_tensor(loas_device& device, const loas_descriptor& descriptor, std::uint64_t place,
                          const std::vector<std::uint8_t>& bytes, std::uint64_t blamed);

/// Submits, waits, compares with the golden model.
void run_good(loas_device& device, loaded_layer& loaded, const reference::reference_layer& layer);

} // namespace loas::integration
