#include "tests/unit/sw/dense_layer.h"

#include <algorithm>
#include <cmath>

namespace loas_test
{

static int64_t floor_leak(int64_t x, int leak_q8)
{
    const int64_t product = x * leak_q8;
    return (product - ((product % 256 + 256) % 256)) / 256;
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
                const int64_t limit = thresholds.empty() ? threshold : thresholds[size_t(n)];
                int64_t u = 0;
                for (int t = 0; t < timesteps; t++) {
                    const int64_t v = currents[size_t(((y * out_w() + x) * out_c + n) * timesteps + t)] + u;
                    const bool spike = v > limit;
                    if (!spike || delayed_reset) {
                        u = floor_leak(v, leak_q8) - (spike ? limit : 0);
                    } else {
                        u = soft_reset ? floor_leak(v - limit, leak_q8) : 0;
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

std::vector<int64_t> decayed(std::vector<int64_t> currents, int64_t synapse_q16, size_t timesteps)
{
    for (size_t i = 0; i < currents.size(); i++) {
        if (i % timesteps != 0) {
            currents[i] += int64_t(std::floor(double(currents[i - 1]) * double(synapse_q16) / 65536));
        }
    }
    return currents;
}

} // namespace loas_test
