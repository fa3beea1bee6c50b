#include "tests/bench/floor_kernel.h"

#include "models/functional/lanes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace loas::bench
{
namespace
{

constexpr std::size_t steps = floor_kernel::timesteps;
constexpr std::ptrdiff_t safe_additions = 65535 / 128; ///< of magnitudes to 16-bit sums

struct neuron {
    std::int32_t threshold, leak_q8;
    bool single_spike_mask;
};

/// A number for each pixel of a tile.
template <std::size_t pixels> struct lanes {
    typedef std::uint16_t shorts __attribute__((vector_size(2 * pixels)));
    static constexpr std::size_t half = pixels / 2; ///< wider numbers in two vectors: no machine has longer ones
    typedef std::uint16_t half_shorts __attribute__((vector_size(2 * half)));
    typedef std::int32_t half_ints __attribute__((vector_size(4 * half)));
    typedef std::uint8_t half_bytes __attribute__((vector_size(half)));
    struct ints {
        half_ints of[2];
    };
};

/// Adds the weights' magnitudes; the lanes of two timesteps lie in the two bytes of a short.
template <std::size_t pixels>
LOAS_INLINE void accumulate(const floor_kernel::entry* first, const floor_kernel::entry* last, int sign,
                            const std::uint16_t* window, std::size_t pair_step,
                            typename lanes<pixels>::ints (&sums)[steps])
{
    using shorts = typename lanes<pixels>::shorts;
    while (first != last) {
        const floor_kernel::entry* stop = first + std::min(last - first, safe_additions);
        shorts part[steps] = {};
        for (; first != stop; ++first) {
            const shorts magnitude = shorts{} + first->magnitude();
            const std::uint16_t* from = window + first->place();
            for (std::size_t pair = 0; pair < steps / 2; ++pair) {
                shorts spiking;
                std::memcpy(&spiking, from + pair * pair_step, sizeof spiking);
                part[2 * pair] += spiking & magnitude;
                part[2 * pair + 1] += spiking >> 8 & magnitude;
            }
        }
        for (std::size_t t = 0; t < steps; ++t) {
            typename lanes<pixels>::half_shorts halves[2];
            std::memcpy(halves, &part[t], sizeof halves);
            for (std::size_t h = 0; h < 2; ++h) {
                const auto wide = __builtin_convertvector(halves[h], typename lanes<pixels>::half_ints);
                sums[t].of[h] += sign > 0 ? wide : -wide;
            }
        }
    }
}

template <std::size_t pixels>
LOAS_INLINE void fire(const typename lanes<pixels>::ints (&sums)[steps], const neuron& how, std::uint8_t* words)
{
    for (std::size_t h = 0; h < 2; ++h) {
        typename lanes<pixels>::half_ints potential = {}, spikes = {};
        for (std::size_t t = 0; t < steps; ++t) {
            const auto x = sums[t].of[h] + potential;
            const auto spiking = x > how.threshold;
            spikes |= spiking & static_cast<std::int32_t>(1 << t);
            potential = ~spiking & (x * how.leak_q8 >> 8);
        }
        if (how.single_spike_mask)
            spikes &= (spikes & (spikes - 1)) != 0;
        const auto bytes = __builtin_convertvector(spikes, typename lanes<pixels>::half_bytes);
        std::memcpy(words + h * sizeof bytes, &bytes, sizeof bytes);
    }
}

template <std::size_t pixels>
LOAS_INLINE void compute_columns(const std::vector<floor_kernel::entry>& entries,
                                 const std::vector<std::size_t>& starts, const std::uint16_t* window,
                                 std::size_t pair_step, const neuron& how, std::uint8_t* words)
{
    for (std::size_t n = 0; 2 * n + 2 < starts.size(); ++n) {
        const floor_kernel::entry *positive = entries.data() + starts[2 * n],
                                  *negative = entries.data() + starts[2 * n + 1],
                                  *end = entries.data() + starts[2 * n + 2];
        typename lanes<pixels>::ints sums[steps] = {};
        accumulate<pixels>(positive, negative, 1, window, pair_step, sums);
        accumulate<pixels>(negative, end, -1, window, pair_step, sums);
        fire<pixels>(sums, how, words + n * pixels);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void compute_8(const std::vector<floor_kernel::entry>& entries,
                                         const std::vector<std::size_t>& starts, const std::uint16_t* window,
                                         std::size_t pair_step, const neuron& how, std::uint8_t* words)
{
    compute_columns<8>(entries, starts, window, pair_step, how, words);
}

LOAS_FOR_ALL_VECTOR_UNITS void compute_16(const std::vector<floor_kernel::entry>& entries,
                                          const std::vector<std::size_t>& starts, const std::uint16_t* window,
                                          std::size_t pair_step, const neuron& how, std::uint8_t* words)
{
    compute_columns<16>(entries, starts, window, pair_step, how, words);
}

LOAS_FOR_ALL_VECTOR_UNITS void compute_32(const std::vector<floor_kernel::entry>& entries,
                                          const std::vector<std::size_t>& starts, const std::uint16_t* window,
                                          std::size_t pair_step, const neuron& how, std::uint8_t* words)
{
    compute_columns<32>(entries, starts, window, pair_step, how, words);
}

/// Joins of a column's chunk, of `weights` weights each, with the rows of all pixels of a tile.
template <std::size_t pixels>
LOAS_INLINE const std::uint32_t* count_joins(const std::uint32_t* first, const std::uint32_t* last, std::size_t weights,
                                             const std::uint32_t* place, const std::uint8_t* window,
                                             std::uint8_t* matches)
{
    typedef std::uint8_t bytes __attribute__((vector_size(pixels)));
    for (; first != last; ++first) {
        bytes sum = {};
        for (std::size_t i = 0; i < weights; ++i, ++place) {
            bytes spiking;
            std::memcpy(&spiking, window + *place, sizeof spiking);
            sum += spiking;
        }
        std::memcpy(matches + *first * pixels, &sum, sizeof sum);
    }
    return place;
}

template <std::size_t pixels>
LOAS_INLINE void count_all(const floor_kernel::counting_plan& plan, const std::uint8_t* window, std::uint8_t* matches)
{
    const std::uint32_t* place = plan.places.data();
    for (std::size_t weights = 1; weights + 1 < plan.starts.size(); ++weights) {
        const std::uint32_t *first = plan.joins.data() + plan.starts[weights],
                            *last = plan.joins.data() + plan.starts[weights + 1];
        place = count_joins<pixels>(first, last, weights, place, window, matches);
    }
}

LOAS_FOR_ALL_VECTOR_UNITS void count_8(const floor_kernel::counting_plan& plan, const std::uint8_t* window,
                                       std::uint8_t* matches)
{
    count_all<8>(plan, window, matches);
}

LOAS_FOR_ALL_VECTOR_UNITS void count_16(const floor_kernel::counting_plan& plan, const std::uint8_t* window,
                                        std::uint8_t* matches)
{
    count_all<16>(plan, window, matches);
}

LOAS_FOR_ALL_VECTOR_UNITS void count_32(const floor_kernel::counting_plan& plan, const std::uint8_t* window,
                                        std::uint8_t* matches)
{
    count_all<32>(plan, window, matches);
}

/// Spike words to lanes, and to whether they spike at all.
LOAS_FOR_ALL_VECTOR_UNITS void spread(const std::uint8_t* words, std::size_t count, std::uint16_t* __restrict lanes,
                                      std::uint8_t* __restrict spiking)
{
    for (std::size_t pair = 0; pair < steps / 2; ++pair)
        for (std::size_t i = 0; i < count; ++i)
            lanes[pair * count + i] = static_cast<std::uint16_t>((words[i] >> 2 * pair & 1U) * 0xFFU |
                                                                 (words[i] >> (2 * pair + 1) & 1U) * 0xFF00U);
    if (spiking != nullptr)
        for (std::size_t i = 0; i < count; ++i)
            spiking[i] = words[i] != 0;
}

} // namespace

std::vector<std::uint16_t> unpack(const packed_spikes& packed, std::size_t channels)
{
    const std::size_t pixels = packed.masks.size() / packed.mask_words;
    std::vector<std::uint16_t> words(pixels * channels);
    for (std::size_t pixel = 0; pixel < pixels; ++pixel)
        for (std::size_t channel = 0, taken = 0; channel < channels; ++channel)
            if ((packed.masks[pixel * packed.mask_words + channel / 64] >> channel % 64 & 1) != 0) {
                const std::uint8_t byte = packed.values[pixel * packed.slot_bytes + taken / 2];
                words[pixel * channels + channel] = taken++ % 2 == 0 ? byte & 0xF : byte >> 4;
            }
    return words;
}

floor_kernel::floor_kernel(const reference::reference_layer& layer) : m_layer(layer)
{
    if (layer.timesteps != steps || layer.pool != 1 || layer.reset != reference::neuron_reset::hard || layer.currents || !layer.bias.empty() ||
        !layer.thresholds.empty() || layer.kernel_h != layer.kernel_w || layer.stride_h != layer.stride_w || layer.pad_h != layer.pad_w)
        throw std::invalid_argument("floor kernel: not a layer that it is made for");
    const std::size_t stride = layer.stride_h, kernel = layer.kernel_h;
    const std::size_t padded_height = layer.in_height + 2U * layer.pad_h,
                      padded_width = layer.in_width + 2U * layer.pad_w;
    m_out_height = (padded_height - kernel) / stride + 1;
    m_out_width = (padded_width - kernel) / stride + 1;
    m_matrix = kernel == 1 && stride == 1 && layer.pad_h == 0;
    m_phases = stride * stride;
    m_plane_width = (padded_width + stride - 1) / stride;
    m_plane = m_plane_width * ((padded_height + stride - 1) / stride);
    m_positions = (m_out_height - 1) * m_plane_width + m_out_width;
    m_tile_pixels = m_positions <= 8 ? 8 : m_positions <= 16 ? 16 : 32;
    m_window = m_tile_pixels + (kernel - 1) / stride * (m_plane_width + 1);
    const std::size_t inputs = kernel * kernel * layer.in_channels;
    // Sums in 32 bits must not overflow, even times the leak, nor places leave their 24 bits.
    if (inputs * 127 * steps * 256 > 0x7FFFFFFF || layer.in_channels * m_phases * m_window >> 24 != 0)
        throw std::invalid_argument("floor kernel: the layer is too large for its sums");

    for (std::size_t n = 0; n < layer.out_channels; ++n)
        for (const int sign : {1, -1}) {
            m_starts.push_back(m_entries.size());
            // In the order of places: neighbours in memory are met together.
            for (std::size_t channel = 0; channel < layer.in_channels; ++channel)
                for (std::size_t ky = 0; ky < kernel; ++ky)
                    for (std::size_t kx = 0; kx < kernel; ++kx) {
                        const int weight = layer.weights[n * inputs + (ky * kernel + kx) * layer.in_channels + channel];
                        if (weight * sign > 0)
                            m_entries.emplace_back(place_of(channel, ky, kx, m_window), weight * sign);
                    }
        }
    m_starts.push_back(m_entries.size());
    plan_counting();
    m_planes.resize(m_matrix ? 0 : layer.in_channels * m_phases * m_plane + m_window);
    m_window_lanes.resize(steps / 2 * layer.in_channels * m_phases * m_window);
    m_window_words.resize(layer.in_channels * m_phases * m_window);
    m_window_spiking.resize(layer.in_channels * m_phases * m_window);
    m_words.resize(layer.out_channels * m_tile_pixels);
    m_matches.resize(layer.out_channels * m_chunks * m_tile_pixels);
    m_packed.mask_words = (layer.out_channels + 63) / 64;
    m_packed.slot_bytes = (layer.out_channels + 1) / 2;
    m_packed.masks.resize(m_out_height * m_out_width * m_packed.mask_words);
    m_packed.values.resize(m_out_height * m_out_width * m_packed.slot_bytes);
    m_layer.weights.clear();
}

void floor_kernel::plan_counting()
{
    const std::size_t kernel = m_layer.kernel_h, channels = m_layer.in_channels, inputs = kernel * kernel * channels;
    m_chunks = (inputs + chunk_inputs - 1) / chunk_inputs;
    std::array<std::vector<std::uint32_t>, chunk_inputs + 1> joins, places; // by the number of weights
    std::vector<std::uint32_t> of_join;
    for (std::size_t chunk = 0; chunk < m_chunks; ++chunk) // neighbours read the same part of the window
        for (std::size_t n = 0; n < m_layer.out_channels; ++n) {
            of_join.clear();
            for (std::size_t k = chunk * chunk_inputs; k < std::min((chunk + 1) * chunk_inputs, inputs); ++k)
                if (m_layer.weights[n * inputs + k] != 0)
                    of_join.push_back(static_cast<std::uint32_t>(
                        place_of(k % channels, k / channels / kernel, k / channels % kernel, m_window)));
            joins[of_join.size()].push_back(static_cast<std::uint32_t>(chunk * m_layer.out_channels + n));
            places[of_join.size()].insert(places[of_join.size()].end(), of_join.begin(), of_join.end());
        }
    m_plan.starts.assign(1, 0);
    for (std::size_t weights = 0; weights <= chunk_inputs; ++weights) {
        m_plan.joins.insert(m_plan.joins.end(), joins[weights].begin(), joins[weights].end());
        m_plan.places.insert(m_plan.places.end(), places[weights].begin(), places[weights].end());
        m_plan.starts.push_back(m_plan.joins.size());
    }
}

/// Where a padded pixel of a channel lies among planes of `plane` pixels.
std::size_t floor_kernel::place_of(std::size_t channel, std::size_t padded_y, std::size_t padded_x,
                                   std::size_t plane) const
{
    const std::size_t stride = m_layer.stride_h;
    return (channel * m_phases + padded_y % stride * stride + padded_x % stride) * plane +
           padded_y / stride * m_plane_width + padded_x / stride;
}

void floor_kernel::lay_out(const std::vector<std::uint16_t>& spikes)
{
    const std::size_t channels = m_layer.in_channels, channel_stride = m_phases * m_plane;
    for (std::size_t y = 0, pixel = 0; y < m_layer.in_height; ++y)
        for (std::size_t x = 0; x < m_layer.in_width; ++x, ++pixel) {
            std::uint8_t* to = m_planes.data() + place_of(0, y + m_layer.pad_h, x + m_layer.pad_w, m_plane);
            const std::uint16_t* from = spikes.data() + pixel * channels;
            for (std::size_t channel = 0; channel < channels; ++channel)
                to[channel * channel_stride] = static_cast<std::uint8_t>(from[channel]);
        }
}

/// What the tile from output position `first` on reads, without gaps: it fits in a cache.
void floor_kernel::fill_window(const std::vector<std::uint16_t>& spikes, std::size_t first, bool counting)
{
    const std::size_t planes = m_layer.in_channels * m_phases;
    const std::size_t pixels = m_matrix ? std::min(m_tile_pixels, m_positions - first) : m_window;
    for (std::size_t plane = 0; plane < planes; ++plane) {
        std::uint8_t* to = m_window_words.data() + plane * m_window;
        if (m_matrix)
            for (std::size_t i = 0; i < pixels; ++i)
                to[i] = static_cast<std::uint8_t>(spikes[(first + i) * planes + plane]);
        else
            std::memcpy(to, m_planes.data() + plane * m_plane + first, pixels);
    }
    spread(m_window_words.data(), planes * m_window, m_window_lanes.data(),
           counting ? m_window_spiking.data() : nullptr);
}

const packed_spikes& floor_kernel::run(const std::vector<std::uint16_t>& spikes, match_reader* reader)
{
    const neuron how{m_layer.threshold, static_cast<std::int32_t>(m_layer.leak_q8), m_layer.single_spike_mask};
    if (!m_matrix)
        lay_out(spikes);
    const auto compute = m_tile_pixels == 8 ? compute_8 : m_tile_pixels == 16 ? compute_16 : compute_32;
    const auto count = m_tile_pixels == 8 ? count_8 : m_tile_pixels == 16 ? count_16 : count_32;
    for (std::size_t first = 0; first < m_positions; first += m_tile_pixels) {
        fill_window(spikes, first, reader != nullptr);
        compute(m_entries, m_starts, m_window_lanes.data(), m_window_lanes.size() / (steps / 2), how, m_words.data());
        if (reader != nullptr) {
            count(m_plan, m_window_spiking.data(), m_matches.data());
            reader->counted(*this, first, m_matches.data());
        }
        for (std::size_t i = 0; i < m_tile_pixels && first + i < m_positions; ++i)
            if ((first + i) % m_plane_width < m_out_width)
                pack(first + i, m_words.data() + i);
    }
    return m_packed;
}

/// words: of the columns, a tile apart.
void floor_kernel::pack(std::size_t position, const std::uint8_t* words)
{
    const std::size_t pixel = position / m_plane_width * m_out_width + position % m_plane_width;
    std::uint8_t* values = m_packed.values.data() + pixel * m_packed.slot_bytes;
    std::size_t taken = 0;
    unsigned held = 0;
    for (std::size_t word = 0, n = 0; word < m_packed.mask_words; ++word) {
        std::uint64_t mask = 0;
        for (std::size_t bit = 0; bit < 64 && n < m_layer.out_channels; ++bit, ++n) {
            const unsigned spikes = words[n * m_tile_pixels];
            if (spikes == 0)
                continue;
            mask |= std::uint64_t{1} << bit;
            held |= spikes << 4 * (taken % 2);
            if (taken++ % 2 == 1) {
                *values++ = static_cast<std::uint8_t>(held);
                held = 0;
            }
        }
        m_packed.masks[pixel * m_packed.mask_words + word] = mask;
    }
    if (taken % 2 == 1)
        *values = static_cast<std::uint8_t>(held);
}

} // namespace loas::bench
