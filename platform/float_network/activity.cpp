#include "platform/float_network/activity.h"

#include "platform/float_network/beside_float.h"
#include "platform/float_network/float_network.h"

#include <algorithm>

namespace loas::float_network
{
namespace
{

/// Of the rows of a layer's product, summed up over inputs: a pixel counts as often as windows see it.
struct silence {
    double inputs = 0, silent = 0, zeros = 0; ///< numbers; silent: as a part of the blocks, zeros: of the timesteps
};

/// How many windows see each place of a side, times the taps with which they do.
std::vector<double> seen_of(unsigned size, unsigned outputs, unsigned kernel, unsigned stride, unsigned padding)
{
    std::vector<double> seen(size);
    for (std::size_t out = 0; out < outputs; ++out)
        for (std::size_t tap = 0; tap < kernel; ++tap)
            if (const std::size_t at = out * stride + tap; at >= padding && at - padding < size)
                ++seen[at - padding];
    return seen;
}

/// What a neuron did, or padding: the shares of timesteps and of blocks of them without a spike.
struct rest {
    double zeros = 1, silent = 1;
};

/// Of the neurons of a map, [channel][row][column].
struct silent_map {
    network::map_shape shape;
    std::vector<rest> rests;

    rest at(unsigned channel, long row, long column) const
    {
        return row >= 0 && column >= 0 && row < long{shape.height} && column < long{shape.width}
                   ? rests[(channel * std::size_t{shape.height} + static_cast<std::size_t>(row)) * shape.width +
                           static_cast<std::size_t>(column)]
                   : rest{};
    }
};

silent_map silent_map_of(const network::map_shape& shape, const std::vector<double>& values, unsigned timesteps,
                         unsigned block)
{
    silent_map map{shape, std::vector<rest>(shape.size())};
    const unsigned blocks = (timesteps + block - 1) / block;
    for (std::size_t i = 0; i < map.rests.size(); ++i) {
        unsigned zeros = blocks * block, silent = 0; // of the last block what is behind the input, too
        for (unsigned first = 0; first < timesteps; first += block) {
            const unsigned before = zeros;
            for (unsigned t = first; t < std::min(first + block, timesteps); ++t)
                zeros -= values[t * map.rests.size() + i] != 0;
            silent += zeros == before;
        }
        map.rests[i] = {static_cast<double>(zeros) / (blocks * block), static_cast<double>(silent) / blocks};
    }
    return map;
}

void add_layer(silence& to, const lowering::layer_model& layer, const std::vector<silent_map>& maps,
               const std::vector<lowering::layer_source>& sources)
{
    const std::vector<double> rows =
        seen_of(layer.in_height, layer.out_height(), layer.kernel_h, layer.stride_h, layer.pad_h);
    const std::vector<double> columns =
        seen_of(layer.in_width, layer.out_width(), layer.kernel_w, layer.stride_w, layer.pad_w);
    double all = static_cast<double>(layer.out_height()) * layer.out_width() *
                 static_cast<double>(layer.weights.size() / layer.out_channels);
    to.inputs += all;
    double seen_in_all = 0; // the rest is padding
    for (const lowering::layer_source& from : sources)
        for (unsigned channel = 0; channel < maps[from.layer].shape.channels; ++channel)
            for (std::size_t row = 0; row < rows.size(); ++row)
                for (std::size_t column = 0; column < columns.size(); ++column) {
                    const double seen = rows[row] * columns[column];
                    const rest found = maps[from.layer].at(
                        channel, from.first_row + static_cast<long>(row * from.step_h),
                        from.first_column + static_cast<long>(column * from.step_w));
                    seen_in_all += seen;
                    to.zeros += seen * found.zeros;
                    to.silent += seen * found.silent;
                }
    to.zeros += all - seen_in_all;
    to.silent += all - seen_in_all;
}

} // namespace

std::vector<lowering::input_activity> activities_of(const lowering::lowered_network& lowered,
                                                    const inputs::input_set& inputs, std::size_t count,
                                                    unsigned timesteps, unsigned block, double input_scale)
{
    const float_network network(*lowered.as_read, lowered.speech);
    const lowering::network_model& model = *lowered.model;
    std::vector<std::size_t> nodes = lowered.spike_nodes; // of layer 0, the encoder or the input, and those behind it
    if (model.takes_spikes)
        nodes.insert(nodes.begin(), network.nodes().order.front());
    std::vector<silence> taken(model.layers.size());
    for (std::size_t i = 0; i < count; ++i) {
        const float_activity activity = network.run(float_input(inputs, i, input_scale), timesteps);
        std::vector<silent_map> maps;
        for (const std::size_t node : nodes)
            maps.push_back(silent_map_of(*network.nodes().nodes[node].out, activity.values[node], timesteps, block));
        for (std::size_t layer = 0; layer < taken.size(); ++layer) {
            const std::vector<lowering::layer_source>& sources = model.layers[layer].sources;
            add_layer(taken[layer], model.layers[layer], maps,
                      sources.empty() ? std::vector<lowering::layer_source>{{layer}} : sources);
        }
    }
    std::vector<lowering::input_activity> result;
    for (const silence& each : taken)
        result.push_back({each.zeros / each.inputs, each.silent / each.inputs});
    return result;
}

} // namespace loas::float_network
