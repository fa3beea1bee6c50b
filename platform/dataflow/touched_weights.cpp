// Which fibers of B a run of a layer takes, first and last.
#include "platform/dataflow/fibers.h"

#include <algorithm>

namespace loas::dataflow
{

touched_fibers fiber_counter::touched_weights(const loop_order& order, const formats& format)
{
    const fiber_sizes& sizes = sizes_of(format);
    touched_fibers touched;
    if (order.outside(loop::n, loop::k)) { // columns: each step of the loops outside takes all of them, one after another
        std::uint64_t bits = 0;
        for (std::size_t n = 0; n < m_grouped.n; ++n)
            bits += m_weights_by_column.length(n) > 0 ? sizes.columns[n] : 0;
        touched.sizes_bits.push_back(bits);
        if (!m_grouped.spikes.places.empty())
            touched.first = touched.last = {0};
        return touched;
    }
    // Rows: a row is taken at the steps of those of m, k and t outside n at which its input has a spike.
    std::vector<std::uint64_t> first(m_grouped.k), last(m_grouped.k); // such steps
    const bool by_m = order.outside(loop::m, loop::n), by_t = order.outside(loop::t, loop::n);
    const auto step_of = [&](std::uint64_t m, std::uint64_t k, std::uint64_t t) {
        std::uint64_t step = 0;
        for (const loop each : order.loops)
            if (each == loop::m)
                step = step * m_grouped.m + m;
            else if (each == loop::k)
                step = step * m_grouped.k + k;
            else if (each == loop::t)
                step = step * m_layer.t + t;
        return step;
    };
    touched.sizes_bits = sizes.input_weights;
    for (std::size_t k = 0; k < m_grouped.k; ++k) {
        if (m_grouped.weights.length(k) == 0 || m_input_words[k] == 0)
            continue;
        touched.first.push_back(static_cast<std::uint32_t>(k));
        first[k] = ~std::uint64_t{0};
        for (std::size_t i = m_spikes_by_input.first[k]; i < m_spikes_by_input.first[k + 1]; ++i)
            for_each_bit(m_spikes_by_input.words[i], [&](unsigned t) {
                const std::uint64_t step = step_of(by_m ? m_spikes_by_input.places[i] : 0, k, by_t ? t : 0);
                first[k] = std::min(first[k], step);
                last[k] = std::max(last[k], step);
            });
    }
    touched.last = touched.first;
    std::sort(touched.first.begin(), touched.first.end(), [&](std::uint32_t a, std::uint32_t b) { return first[a] < first[b]; });
    std::sort(touched.last.begin(), touched.last.end(), [&](std::uint32_t a, std::uint32_t b) { return last[a] < last[b]; });
    return touched;
}

} // namespace loas::dataflow
