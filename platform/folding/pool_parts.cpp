// Pools that padding keeps from becoming part of a sum; see passes.h.
#include "platform/folding/linear_maths.h"
#include "platform/folding/passes.h"

namespace loas::lowering
{

namespace
{

constexpr unsigned max_channels = 65535;

/// Behind the parts of the pool's windows, window place after window place: channels of the same map.
linear_op on_parts(const linear_op& sum, const pool_op& pool)
{
    const unsigned places = pool.kernel_h * pool.kernel_w;
    linear_op to = sum;
    to.in_channels = sum.in_channels * places;
    to.weights.clear();
    const std::size_t of_output = sum.inputs();
    for (std::size_t n = 0; n < sum.out_channels; ++n)
        for (unsigned place = 0; place < places; ++place)
            for (std::size_t i = 0; i < of_output; ++i)
                to.weights.push_back(pool.factor * sum.weights[n * of_output + i]);
    return to;
}

} // namespace

void pool_by_parts(graph& network)
{
    network.each([&](std::size_t node) {
        graph_node& here = network.nodes[node];
        const linear_op* sum = here.as<linear_op>();
        if (sum == nullptr || here.from.size() != 1 || !here.in)
            return;
        const std::size_t before = here.from[0];
        const pool_op* pool = network.nodes[before].as<pool_op>();
        if (pool == nullptr || network.nodes[before].gone() || !network.nodes[before].in ||
            network.user_of(before) != node || network.nodes[before].from.size() != 1)
            return;
        const std::size_t giver = network.nodes[before].from[0];
        const neuron_op* neuron = network.nodes[giver].as<neuron_op>();
        if (neuron == nullptr || !neuron->spikes) // nobody has parts of an input
            return;
        const std::optional<std::size_t> user = network.user_of(node);
        if (!user || network.nodes[*user].as<neuron_op>() == nullptr)
            return; // in a sum of branches
        const std::size_t channels = std::size_t{here.in->channels} * pool->kernel_h * pool->kernel_w;
        if (channels > max_channels || is_too_large(sum->out_channels, channels, sum->kernel_h, sum->kernel_w))
            return;
        std::vector<std::size_t> from;
        std::vector<map_part> parts;
        for (unsigned row = 0; row < pool->kernel_h; ++row)
            for (unsigned column = 0; column < pool->kernel_w; ++column) {
                from.push_back(giver);
                parts.push_back({pool->stride_h, pool->stride_w, static_cast<int>(row) - static_cast<int>(pool->pad_h),
                                 static_cast<int>(column) - static_cast<int>(pool->pad_w)});
            }
        here.op = on_parts(*sum, *pool);
        here.in->channels = static_cast<unsigned>(channels);
        here.notes.push_back("takes every pixel of the windows of " + network.nodes[before].title() +
                             " as a channel of its own, as its padding is 0 where further windows of that are not");
        network.fold(before, node, giver, "each weight stands at every place of its window");
        here.from = std::move(from);
        here.parts = std::move(parts);
    });
}

} // namespace loas::lowering
