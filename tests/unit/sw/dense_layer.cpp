#include "tests/unit/sw/dense_layer.h"

#include <algorithm>
#include <cmath>

namespace loas_test
{

static int64_t part_of(int64_t x, int64_t part_q16)
{
    return int64_t(std::floor(double(x) * double(part_q16) / 65536));
}

std::vector<int64_t> dense_layer::currents_of_words(const std::vector<uint16_t>& words) const
{
    return currents([&](int y, int x, int c, int t) { return words.at(size_t((y * in_w + x) * in_c + c)) >> t & 1; });
}

std::vector<uint16_t> dense_layer::spikes(const std::vector<int64_t>& currents) const
{
    const int rows = out_h() / pool, columns = out_w() / pool;
    std::vector<uint16_t> words(size_t(rows * columns * out_c));
    for (int y = 0; y < rows * pool; y++) {
        for (int x = 0; x < columns * pool; x++) {
            for (int n = 0; n < out_c; n++) {
                const size_t m = size_t(y * out_w() + x), i = m * size_t(out_c) + size_t(n);
                const dense_neuron of = neurons.empty() ? dense_neuron{thresholds.empty() ? threshold : thresholds[size_t(n)],
                                                                       0, 0, 256 * leak_q8, 0}
                                                        : neurons[i];
                int64_t u = of.start, current = 0;
                for (int t = 0; t < timesteps; t++) {
                    current = part_of(current, of.synapse_q16) + currents[i * size_t(timesteps) + size_t(t)];
                    const int64_t v = current + of.rest + u;
                    const bool spike = v > of.threshold;
                    if (!spike || delayed_reset) {
                        u = part_of(v, of.leak_q16) - (spike ? of.threshold : 0);
                    } else {
                        u = soft_reset ? part_of(v - of.threshold, of.leak_q16) : 0;
                    }
                    if (spike) {
                        words[size_t((y / pool * columns + x / pool) * out_c + n)] |= uint16_t(1 << t);
                    }
                }
            }
        }
    }
    if (mask_single) {
        std::replace_if(
            words.begin(), words.end(), [](unsigned w) { return __builtin_popcount(w) == 1; }, 0);
    }
    return words;
}

} // namespace loas_test
