// The inner-join units, alone, against the floor.
// Layer of the shape and sparsity of the published V-L8 (VGG16 layer 7 of the publication's files); figures and machine
// are in README.md. Compare ratios within one run, not times between machines.
#include "tests/bench/floor_kernel.h"

#include "models/compute/column_timing.h"
#include "models/compute/join_array.h"
#include "tests/support/random.h"

#include <benchmark/benchmark.h>

#include <algorithm>

using namespace loas;

namespace
{

constexpr std::size_t rows = 16, inputs = 2304, columns = 512, timesteps = 4;
constexpr double non_silent = 1 - 0.8682, non_zero = 1 - 0.96754; // published, after masking single spikes
constexpr std::size_t mask_words = inputs / 64;

struct layer_data {
    std::vector<std::uint16_t> spikes = std::vector<std::uint16_t>(rows * inputs);
    std::vector<std::int8_t> weights = std::vector<std::int8_t>(columns * inputs);
    std::vector<compute::row_fiber> row_fibers{rows};
    std::vector<compute::column_fiber> column_fibers{columns};

    layer_data()
    {
        support::random_source random(1);
        const auto happens = [&](double share) {
            return random.below(1000000) < static_cast<std::uint64_t>(share * 1e6);
        };
        for (auto& word : spikes)
            word = happens(non_silent) ? static_cast<std::uint16_t>(random.between(1, 15)) : std::uint16_t{0};
        for (auto& weight : weights)
            weight = happens(non_zero) ? static_cast<std::int8_t>(random.between(1, 127)) : std::int8_t{0};
        for (std::size_t m = 0; m < rows; ++m)
            pack(row_fibers[m], m, &spikes[m * inputs]);
        for (std::size_t n = 0; n < columns; ++n)
            pack(column_fibers[n], n, &weights[n * inputs]);
    }

    template <class T> static void pack(compute::fiber<T>& fiber, std::size_t id, const T* dense)
    {
        fiber.reset(static_cast<std::uint32_t>(id), mask_words);
        std::vector<T> values;
        for (std::size_t k = 0; k < inputs; ++k)
            if (dense[k] != 0) {
                fiber.mask()[k / 64] |= std::uint64_t{1} << k % 64;
                values.push_back(dense[k]);
            }
        fiber.rank_mask();
        std::copy(values.begin(), values.end(), fiber.values());
    }
};

layer_data& data()
{
    static layer_data instance;
    return instance;
}

/// The floor of this layer (floor_kernel.h).
void floor(benchmark::State& state)
{
    reference::reference_layer layer;
    layer.timesteps = timesteps;
    layer.in_height = rows;
    layer.in_channels = inputs;
    layer.out_channels = columns;
    layer.threshold = 128;
    layer.weights = data().weights;
    bench::floor_kernel kernel(layer);
    for (auto _ : state)
        benchmark::DoNotOptimize(kernel.run(data().spikes));
}

/// Sixteen inner-join units with literal timing, joined column by column: what the tiles do without the module around
/// it.
void inner_join_units(benchmark::State& state)
{
    compute::join_array units(rows, {});
    const compute::column_timing timing{compute::join_parameters{}};
    compute::column_timing::result took;
    std::uint64_t joins = 0;
    for (auto _ : state) {
        units.configure(timesteps, inputs);
        for (std::size_t m = 0; m < rows; ++m)
            units.load_row(m, data().row_fibers[m].look());
        for (const compute::column_fiber& fiber : data().column_fibers) {
            const compute::column_view column = fiber.look();
            units.join({{&column, 1}, 0, 0, inputs / 128, true, rows, {}});
            timing.join(units.matches(0, 0, 0), inputs / 128, 128, took);
            benchmark::DoNotOptimize(took);
            benchmark::DoNotOptimize(units.read(0, 1));
        }
        joins += rows * columns * (inputs / 128);
    }
    state.counters["joins_per_s"] = benchmark::Counter(static_cast<double>(joins), benchmark::Counter::kIsRate);
}

} // namespace

BENCHMARK(floor)->Unit(benchmark::kMillisecond);
BENCHMARK(inner_join_units)->Unit(benchmark::kMillisecond);
