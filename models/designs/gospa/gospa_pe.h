// PE of the GoSPA accelerator: the weights of one column in a tile, and a sum for each row of a block. It takes the
// matched spikes that come over the stream, one a cycle, and adds their weight to the sum of their row.
#pragma once

#include "models/designs/gospa/spike_stream.h"
#include "models/functional/span.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <systemc>
#include <vector>

namespace loas::designs
{

class gospa_pe : public sc_core::sc_module
{
public:
    /// rows, inputs: of a block and of a tile, at most.
    gospa_pe(const sc_core::sc_module_name& name, std::size_t rows, std::size_t inputs);

    void begin_layer() { m_counters = {}; }
    /// Of its column in the tile.
    void load_weights(functional::span<const std::int8_t> weights);
    /// Of the rows of a block.
    void load_sums(functional::span<const std::int32_t> sums);
    /// spikes: those that match, and the end of the stream. Returns the cycle in which the PE has added all of them and
    /// the stream is over.
    std::uint64_t take(functional::span<const matched_spike> spikes, std::uint64_t cycle);
    /// The sums of the first rows.
    void read_sums(functional::span<std::int32_t> sums) const;

    /// Counters of the layer so far.
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    std::vector<std::int8_t> m_weights;
    std::vector<std::int32_t> m_sums;
    observe::counter_set m_counters;
};

} // namespace loas::designs
