#include "models/cost/component_table.h"

#include <cmath>

namespace loas::cost
{
namespace
{

constexpr double weight_bits = 8;

/// Bits of an offset within a chunk, 7 of 128.
double offset_bits(unsigned chunk_bits)
{
    unsigned bits = 0;
    while (1U << bits < chunk_bits)
        ++bits;
    return bits;
}

/// Adder bits of a Sklansky prefix network over n inputs: n/2 adders at each of log2(n) levels, those of level l l bits
/// wide. The publication does not say which network it is; this one has the least depth, which a result in one cycle
/// asks for.
double prefix_network_bits(unsigned inputs)
{
    const double levels = offset_bits(inputs);
    return inputs / 2.0 * levels * (levels + 1) / 2;
}

/// What a component's size is proportional to. No component of the table but the corrections grows with T: the FIFO
/// keeps positions and weights, and a spike word of T bits is read from the row store only when it is used (which grows
/// with T, as does the P-LIF).
double amount(tppe_component which, const compute::tppe_parameters& size)
{
    switch (which) {
    case tppe_component::pseudo_accumulator: // an adder with its register, one a set
        return 1.0 * size.acc_bits * size.accumulator_sets;
    case tppe_component::correction_accumulators: // the same, one a timestep; 4 x 10 bits are 4 x 10/12 of the pseudo's
        return 1.0 * size.corr_bits * size.max_timesteps * size.accumulator_sets;
    case tppe_component::fast_prefix:
        return prefix_network_bits(size.chunk_bits);
    case tppe_component::laggy_prefix: // adders as wide as an offset, each with its register
        return size.laggy_adders * offset_bits(size.chunk_bits);
    case tppe_component::position_fifo: // registers: the table's power per bit is that of the masks
        return size.fifo_depth * offset_bits(size.chunk_bits);
    case tppe_component::weight_fifo:
        return size.fifo_depth * weight_bits;
    case tppe_component::weight_buffer: // a memory: bits again
        return size.weight_buffer_bytes;
    default: // registers of the two masks
        return size.chunk_bits;
    }
}

} // namespace

const std::array<component, tppe_component_count>& published_tppe()
{
    static constexpr std::array<component, tppe_component_count> table = {{
        {"pseudo_accumulator", 0.000366, 0.029170, 0.007302},
        {"correction_accumulators", 0.001219, 0.097233, 0.024339},
        {"fast_prefix", 0.028632, 1.173427, 0.285931},
        {"laggy_prefix", 0.002328, 0.269661, 0.051493},
        {"position_fifo", 0.000722, 0.101167, 0.014389},
        {"weight_fifo", 0.000825, 0.115619, 0.016445},
        {"weight_buffer", 0.000551, 0.053802, 0.021976},
        {"a_mask", 0.001411, 0.240665, 0.036641},
        {"b_mask", 0.001411, 0.240665, 0.036641},
    }};
    return table;
}

component scaled(component part, double factor, std::string_view name)
{
    part.area_mm2 *= factor;
    part.dynamic_mw *= factor;
    part.leakage_mw *= factor;
    if (!name.empty())
        part.name = name;
    return part;
}

double relative_size(tppe_component which, const compute::tppe_parameters& size)
{
    return amount(which, size) / amount(which, published_tppe_size);
}

component component_of(tppe_component which, const compute::tppe_parameters& size)
{
    double factor = relative_size(which, size);
    // To take a chunk a cycle, each of its cycles needs adders of its own. A run's energy stays: as many additions.
    if (which == tppe_component::laggy_prefix && size.laggy_pipelined)
        factor *= std::ceil(1.0 * size.chunk_bits / size.laggy_adders);
    return scaled(published_tppe()[static_cast<std::size_t>(which)], factor);
}

component accumulator_of(unsigned bits)
{
    const component& published = published_tppe()[static_cast<std::size_t>(tppe_component::pseudo_accumulator)];
    return scaled(published, static_cast<double>(bits) / published_tppe_size.acc_bits, "accumulator");
}

component plif_of(const compute::tppe_parameters& size)
{
    const component adder = accumulator_of(size.acc_bits);
    return scaled(adder, 3.0 * size.max_timesteps, "plif");
}

component tppe_of(const compute::tppe_parameters& size)
{
    component sum{"tppe", 0, 0, 0};
    for (std::size_t i = 0; i < tppe_component_count; ++i) {
        const component part = component_of(static_cast<tppe_component>(i), size);
        sum.area_mm2 += part.area_mm2;
        sum.dynamic_mw += part.dynamic_mw;
        sum.leakage_mw += part.leakage_mw;
    }
    return sum;
}

} // namespace loas::cost
