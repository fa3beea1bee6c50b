#include "platform/dataflow/sparse_layer.h"

#include "models/functional/bits.h"
#include "models/functional/layer_shape.h"

#include <algorithm>
#include <cstring>

namespace loas::dataflow
{
namespace
{

functional::layer_shape shape_of(const lowering::layer_model& layer, unsigned timesteps)
{
    functional::layer_shape shape;
    shape.timesteps = timesteps;
    shape.in_height = layer.in_height;
    shape.in_width = layer.in_width;
    shape.in_channels = layer.in_channels;
    shape.kernel_h = layer.kernel_h;
    shape.kernel_w = layer.kernel_w;
    shape.stride_h = layer.stride_h;
    shape.stride_w = layer.stride_w;
    shape.pad_h = layer.pad_h;
    shape.pad_w = layer.pad_w;
    shape.pool = layer.pool;
    shape.out_height = layer.out_height();
    shape.out_width = layer.out_width();
    shape.pooled_height = shape.out_height / layer.pool;
    shape.pooled_width = shape.out_width / layer.pool;
    shape.m = shape.out_height * shape.out_width;
    shape.k = std::uint64_t{layer.kernel_h} * layer.kernel_w * layer.in_channels;
    shape.n = layer.out_channels;
    return shape;
}

/// Groups of lines, and within each group of places.
lists grouped_lists(const lists& of, std::uint64_t line_group, std::uint64_t place_group, std::uint64_t places)
{
    const bool spikes = !of.words.empty();
    if (line_group == 1 && place_group == 1 && of.counts.empty()) {
        lists same = of;
        same.counts.assign(of.places.size(), 1);
        for (std::size_t i = 0; i < of.words.size(); ++i)
            same.counts[i] = functional::popcount(of.words[i]);
        return same;
    }
    const std::size_t width = groups_of(places, place_group), lines = groups_of(of.lines(), line_group);
    std::vector<std::uint16_t> word(width);
    std::vector<std::uint32_t> count(width), touched, group_of(places);
    for (std::size_t i = 0; i < places; ++i)
        group_of[i] = static_cast<std::uint32_t>(i / place_group);
    lists to;
    to.first.push_back(0);
    to.places.reserve(of.places.size());
    to.counts.reserve(of.places.size());
    to.words.reserve(of.words.size());
    for (std::size_t line = 0; line < lines; ++line) {
        const std::size_t first = line * line_group, last = first + in_group(of.lines(), line_group, line);
        for (std::size_t i = of.first[first]; i < of.first[last]; ++i) {
            const std::uint32_t place = group_of[of.places[i]];
            if (count[place] == 0)
                touched.push_back(place);
            const std::uint16_t bits = spikes ? of.words[i] : std::uint16_t{1};
            word[place] = static_cast<std::uint16_t>(word[place] | bits);
            count[place] += of.counts.empty() ? functional::popcount(bits) : of.counts[i];
        }
        if (line_group > 1)
            std::sort(touched.begin(), touched.end());
        for (const std::uint32_t place : touched) {
            to.places.push_back(place);
            if (spikes)
                to.words.push_back(word[place]);
            to.counts.push_back(count[place]);
            word[place] = 0;
            count[place] = 0;
        }
        touched.clear();
        to.first.push_back(static_cast<std::uint32_t>(to.places.size()));
    }
    return to;
}

} // namespace

lists transposed(const lists& of, std::size_t columns)
{
    lists to;
    to.first.assign(columns + 1, 0);
    for (const std::uint32_t each : of.places)
        ++to.first[each + 1];
    for (std::size_t i = 0; i < columns; ++i)
        to.first[i + 1] += to.first[i];
    to.places.resize(of.places.size());
    to.words.resize(of.words.size());
    to.counts.resize(of.counts.size());
    std::vector<std::uint32_t> next(to.first.begin(), to.first.end() - 1);
    for (std::size_t line = 0; line < of.lines(); ++line)
        for (std::size_t i = of.first[line]; i < of.first[line + 1]; ++i) {
            const std::uint32_t at = next[of.places[i]]++;
            to.places[at] = static_cast<std::uint32_t>(line);
            if (!of.words.empty())
                to.words[at] = of.words[i];
            if (!of.counts.empty())
                to.counts[at] = of.counts[i];
        }
    return to;
}

sparse_layer unfold(const lowering::layer_model& layer, unsigned timesteps, const std::vector<std::uint16_t>& spikes)
{
    const functional::layer_shape shape = shape_of(layer, timesteps);
    const std::vector<std::uint32_t> order = functional::row_order(shape);
    sparse_layer to;
    to.m = order.size();
    to.n = shape.n;
    to.k = shape.k;
    to.t = timesteps;
    to.spikes.first.push_back(0);
    std::vector<functional::pixel_run> runs;
    for (const std::uint32_t row : order) {
        functional::gather_runs(shape, row, runs);
        for (const functional::pixel_run& run : runs)
            for (std::uint64_t i = 0; i < std::uint64_t{run.count} * shape.in_channels; ++i)
                if (const std::uint16_t word = spikes[run.first_pixel * shape.in_channels + i]; word != 0) {
                    to.spikes.places.push_back(static_cast<std::uint32_t>(run.position + i));
                    to.spikes.words.push_back(word);
                }
        to.spikes.first.push_back(static_cast<std::uint32_t>(to.spikes.places.size()));
    }
    lists columns;
    columns.first.push_back(0);
    for (std::size_t n = 0; n < to.n; ++n) {
        const auto* const column = &layer.weights[n * to.k];
        for (std::size_t k = 0; k < to.k; ++k) {
            std::uint64_t some = 0; // most weights are zero: so many at a time
            while (k + sizeof some <= to.k && (std::memcpy(&some, column + k, sizeof some), some == 0))
                k += sizeof some;
            if (k < to.k && column[k] != 0)
                columns.places.push_back(static_cast<std::uint32_t>(k));
        }
        columns.first.push_back(static_cast<std::uint32_t>(columns.places.size()));
    }
    to.weights = transposed(columns, to.k);
    return to;
}

sparse_layer packed(const sparse_layer& layer, unsigned word_timesteps)
{
    sparse_layer to = layer;
    to.t = static_cast<unsigned>(groups_of(layer.t, word_timesteps));
    const auto mask = static_cast<std::uint16_t>(functional::low_bits(word_timesteps));
    for (std::uint16_t& word : to.spikes.words) {
        std::uint16_t packed = 0;
        for (unsigned i = 0; i < to.t; ++i)
            if ((word >> (i * word_timesteps) & mask) != 0)
                packed = static_cast<std::uint16_t>(packed | 1U << i);
        word = packed;
    }
    return to;
}

group_sizes group_of(const unrolling& space)
{
    return {space.units_of(loop::m), space.units_of(loop::n), space.units_of(loop::k)};
}

sparse_layer grouped(const sparse_layer& layer, const group_sizes& sizes)
{
    sparse_layer to;
    to.m = groups_of(layer.m, sizes.m);
    to.n = groups_of(layer.n, sizes.n);
    to.k = groups_of(layer.k, sizes.k);
    to.t = layer.t;
    to.spikes = grouped_lists(layer.spikes, sizes.m, sizes.k, layer.k);
    to.weights = grouped_lists(layer.weights, sizes.k, sizes.n, layer.n);
    return to;
}

} // namespace loas::dataflow
