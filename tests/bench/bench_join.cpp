// The inner-join units against the floor: the plain kernel that computes the same function as fast as we can make it.
// Layer of the shape and sparsity of the published V-L8 (VGG16 layer 7 of the publication's files); figures and machine
// are in README.md. Compare ratios within one run, not times between machines.
#include "compute/inner_join.h"
#include "support/random.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <cstring>
#include <systemc>

using namespace loas;

namespace
{

constexpr std::size_t rows = 16, inputs = 2304, columns = 512, timesteps = 4;
constexpr double non_silent = 1 - 0.8682, non_zero = 1 - 0.96754; // published, after masking single spikes
constexpr std::size_t mask_words = inputs / 64;

struct layer_data {
    std::vector<std::uint16_t> spikes = std::vector<std::uint16_t>(rows * inputs);
    std::vector<std::int8_t> weights = std::vector<std::int8_t>(columns * inputs);
    std::vector<compute::fiber_packet> row_fibers{rows};
    std::vector<compute::fiber_packet> column_fibers{columns};

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
            pack(row_fibers[m], &spikes[m * inputs]);
        for (std::size_t n = 0; n < columns; ++n)
            pack(column_fibers[n], &weights[n * inputs]);
    }

    template <class T> static void pack(compute::fiber_packet& fiber, const T* dense)
    {
        fiber.reset(0, mask_words);
        std::vector<T> values;
        for (std::size_t k = 0; k < inputs; ++k)
            if (dense[k] != 0) {
                fiber.mask()[k / 64] |= std::uint64_t{1} << k % 64;
                values.push_back(dense[k]);
            }
        std::memcpy(fiber.allocate_values(values.size(), sizeof(T)), values.data(), values.size() * sizeof(T));
    }
};

layer_data& data()
{
    static layer_data instance;
    return instance;
}

/// The floor: for each column walk its non-zero weights, masked vector adds into 16 rows x T accumulators.
void floor_kernel(benchmark::State& state)
{
    struct entry {
        std::uint32_t input;
        std::int32_t weight;
    };
    std::vector<std::vector<entry>> sparse(columns);
    for (std::size_t n = 0; n < columns; ++n)
        for (std::uint32_t k = 0; k < inputs; ++k)
            if (data().weights[n * inputs + k] != 0)
                sparse[n].push_back({k, data().weights[n * inputs + k]});
    std::vector<std::int32_t> lanes(inputs * rows * timesteps); // 0 or -1: [k][row][t]
    for (std::size_t m = 0; m < rows; ++m)
        for (std::size_t k = 0; k < inputs; ++k)
            for (std::size_t t = 0; t < timesteps; ++t)
                lanes[(k * rows + m) * timesteps + t] = -(data().spikes[m * inputs + k] >> t & 1);
    for (auto _ : state)
        for (std::size_t n = 0; n < columns; ++n) {
            std::int32_t sums[rows * timesteps] = {};
            for (const entry& e : sparse[n]) {
                const std::int32_t* lane = &lanes[e.input * rows * timesteps];
                for (std::size_t i = 0; i < rows * timesteps; ++i)
                    sums[i] += lane[i] & e.weight;
            }
            benchmark::DoNotOptimize(sums);
        }
}

/// Sixteen inner-join units with literal timing, joined column by column.
void inner_join_units(benchmark::State& state)
{
    std::vector<compute::inner_join_unit> units(rows, compute::inner_join_unit({}, 128, 1, {}));
    std::uint64_t joins = 0;
    for (auto _ : state) {
        for (std::size_t m = 0; m < rows; ++m) {
            units[m].configure(timesteps, inputs);
            const auto row =
                compute::fiber_packet::parse(static_cast<unsigned char*>(data().row_fibers[m].data()), mask_words);
            units[m].load_row(row.mask, reinterpret_cast<const std::uint16_t*>(row.values), row.value_count);
        }
        for (compute::fiber_packet& fiber : data().column_fibers) {
            const auto column = compute::fiber_packet::parse(static_cast<unsigned char*>(fiber.data()), mask_words);
            for (auto& unit : units) {
                std::int32_t currents[timesteps];
                unit.join({0, 0, inputs / 128, true}, column);
                unit.drain();
                unit.read(0, currents);
                benchmark::DoNotOptimize(currents);
            }
        }
        joins += rows * columns * (inputs / 128);
    }
    state.counters["joins_per_s"] = benchmark::Counter(static_cast<double>(joins), benchmark::Counter::kIsRate);
}

} // namespace

BENCHMARK(floor_kernel)->Unit(benchmark::kMillisecond);
BENCHMARK(inner_join_units)->Unit(benchmark::kMillisecond);

int sc_main(int argc, char** argv) // the room's modules want the kernel, though nothing is simulated here
{
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    return sc_core::sc_elab_and_sim(argc, argv);
}
