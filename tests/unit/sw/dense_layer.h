// The arithmetic of one layer on dense arrays, the straightforward way: what packing, descriptors and encoding are
// tested against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas_test
{

// A neuron of the host: what decays of its synapses and of its potential, in parts of 2^16.
struct dense_neuron {
    int64_t threshold, rest, start, leak_q16, synapse_q16;
};

// words[pixel][channel], weights[N][K], k = (kh, kw, c).
struct dense_layer {
    int in_h = 1, in_w = 1, in_c = 1, out_c = 1;
    int kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0;
    int pool = 1, timesteps = 4;
    bool soft_reset = false, delayed_reset = false, mask_single = false;
    int leak_q8 = 128;
    int64_t threshold = 0;
    std::vector<int64_t> thresholds; // empty: `threshold` for all
    std::vector<dense_neuron> neurons; // [m][n], in the place of leak and thresholds; empty: none
    std::vector<int> weights;
    std::vector<int64_t> bias; // empty: none

    int out_h() const { return (in_h + 2 * pad_h - kernel_h) / stride_h + 1; }
    int out_w() const { return (in_w + 2 * pad_w - kernel_w) / stride_w + 1; }

    // O[m][n][t]; input(y, x, c, t) is asked for real pixels only
    template <typename Input> std::vector<int64_t> currents(Input input) const;
    std::vector<int64_t> currents_of_words(const std::vector<uint16_t>& words) const;
    // neuron, pooling, masking: words[pooled pixel][n]
    std::vector<uint16_t> spikes(const std::vector<int64_t>& currents) const;
};

template <typename Input> std::vector<int64_t> dense_layer::currents(Input input) const
{
    std::vector<int64_t> result;
    for (int y = 0; y < out_h(); y++) {
        for (int x = 0; x < out_w(); x++) {
            for (int n = 0; n < out_c; n++) {
                for (int t = 0; t < timesteps; t++) {
                    int64_t sum = bias.empty() ? 0 : *(bias.begin() + n);
                    for (int kh = 0; kh < kernel_h; kh++) {
                        for (int kw = 0; kw < kernel_w; kw++) {
                            int iy = y * stride_h + kh - pad_h, ix = x * stride_w + kw - pad_w;
                            if (iy < 0 || ix < 0 || iy >= in_h || ix >= in_w) {
                                continue;
                            }
                            for (int c = 0; c < in_c; c++) {
                                sum += input(iy, ix, c, t) *
                                       int64_t{*(weights.begin() + ((n * kernel_h + kh) * kernel_w + kw) * in_c + c)};
                            }
                        }
                    }
                    result.push_back(sum);
                }
            }
        }
    }
    return result;
}

} // namespace loas_test
