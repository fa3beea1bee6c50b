#include "compute/join_array.h"

#include <algorithm>
#include <cstdlib>
#include <type_traits>

namespace loas::compute
{
namespace
{

using functional::low_bits;
using functional::lowest_bit;
using functional::popcount;

// A number for each tile of a block; 32-bit ones for half of them: compilers take vectors that are longer than the
// machine's apart, lane by lane.
using short_lanes = std::int16_t __attribute__((vector_size(32)));
using half_shorts = std::int16_t __attribute__((vector_size(16)));
using half_ints = std::int32_t __attribute__((vector_size(32)));
constexpr std::size_t half = join_array::lanes / 2;

/// Not as a result: how a vector is returned depends on the vector unit.
template <class To, class From> LOAS_INLINE void load(To& lanes, const From* from)
{
    std::memcpy(&lanes, from, sizeof lanes);
}

/// What a block is told to do: weights of a column on these inputs, in order.
struct walk {
    const std::uint32_t* inputs;
    const std::int8_t* weights;
    std::size_t weight_count;
    unsigned chunk_bits_log2;
    const std::int16_t* where;   ///< from input 0 on
    const std::uint64_t* counts; ///< likewise
    std::int32_t* sums;          ///< lanes of the set
    std::uint16_t* matches;      ///< [chunk][lane], 0 before
};

// What a weight on an input means for all tiles of a block together, in the parts of 64 bits: matches, words that miss
// a spike, missing spikes. Those of 2^15 weights may be added up.
constexpr std::uint64_t counts_of(std::uint64_t matches, std::uint64_t corrections, std::uint64_t correction_adds)
{
    return matches | corrections << 20 | correction_adds << 40;
}
constexpr std::size_t safe_additions = 1U << 15;

// In this order in the memory of a set, each with room for 32-bit lanes; the timesteps' corrections follow.
enum set_vector : std::size_t { pseudo_sum, pseudo_low, pseudo_high, correction_low, correction_high, correction_sums };

/// Adds the weights to the sums of as many tiles as sum_lanes has. fours: timesteps in fours. Returns the inputs'
/// counts. One loop, whose end is the only branch: how many weights lie in a word or a chunk cannot be foretold.
template <class sum_lanes, class match_lanes, unsigned fours> LOAS_INLINE std::uint64_t add_weights(const walk& w)
{
    constexpr unsigned steps = 4 * fours;
    constexpr std::size_t set_step = join_array::lanes, input_step = set_step * (1 + steps);
    using number = std::conditional_t<sizeof(sum_lanes) == sizeof(match_lanes), std::int16_t, std::int32_t>;
    std::int32_t* sums = w.sums;
    sum_lanes pseudo, low, high, lowest, highest, corrections[steps];
    load(pseudo, sums + pseudo_sum * set_step);
    load(low, sums + pseudo_low * set_step);
    load(high, sums + pseudo_high * set_step);
    load(lowest, sums + correction_low * set_step);
    load(highest, sums + correction_high * set_step);
    for (unsigned t = 0; t < steps; ++t)
        load(corrections[t], sums + (correction_sums + t) * set_step);

    const std::uint32_t* inputs = w.inputs;
    const std::int8_t* column = w.weights;
    const std::uint64_t* counts = w.counts;
    const std::int16_t* where = w.where;
    std::uint16_t* all_matches = w.matches;
    const std::size_t weight_count = w.weight_count;
    const unsigned chunk_bits_log2 = w.chunk_bits_log2;
    std::uint64_t counted = 0;
    for (std::size_t i = 0; i < weight_count; ++i) {
        const std::size_t k = inputs[i];
        const std::int16_t* input = where + k * input_step;
        const sum_lanes weights = sum_lanes{} + static_cast<number>(column[i]);
        counted += counts[k];
        match_lanes here, matches;
        load(here, input);
        std::uint16_t* of_chunk = all_matches + (k >> chunk_bits_log2) * join_array::lanes;
        load(matches, of_chunk);
        matches -= here;
        std::memcpy(of_chunk, &matches, sizeof matches);
        pseudo += __builtin_convertvector(here, sum_lanes) & weights;
        low = low < pseudo ? low : pseudo;
        high = high > pseudo ? high : pseudo;
        for (unsigned t = 0; t < steps; ++t) {
            load(here, input + (1 + t) * join_array::lanes);
            corrections[t] += __builtin_convertvector(here, sum_lanes) & weights;
            lowest = lowest < corrections[t] ? lowest : corrections[t];
            highest = highest > corrections[t] ? highest : corrections[t];
        }
    }

    const auto keep = [sums](const sum_lanes& lanes, std::size_t at) {
        std::memcpy(sums + at * set_step, &lanes, sizeof lanes);
    };
    keep(pseudo, pseudo_sum);
    keep(low, pseudo_low);
    keep(high, pseudo_high);
    keep(lowest, correction_low);
    keep(highest, correction_high);
    for (unsigned t = 0; t < steps; ++t)
        keep(corrections[t], correction_sums + t);
    return counted;
}

// One for each width and number of timesteps that is worth it, for each kind of vector unit.
LOAS_FOR_ALL_VECTOR_UNITS std::uint64_t add_4_short(const walk& w)
{
    return add_weights<short_lanes, short_lanes, 1>(w);
}
LOAS_FOR_ALL_VECTOR_UNITS std::uint64_t add_16_short(const walk& w)
{
    return add_weights<short_lanes, short_lanes, 4>(w);
}
LOAS_FOR_ALL_VECTOR_UNITS std::uint64_t add_4_int(const walk& w)
{
    return add_weights<half_ints, half_shorts, 1>(w);
}
LOAS_FOR_ALL_VECTOR_UNITS std::uint64_t add_16_int(const walk& w)
{
    return add_weights<half_ints, half_shorts, 4>(w);
}

/// From the spike words of sixteen tiles to where they match and miss spikes, and how many do. No words are left: the
/// next rows begin with silence.
LOAS_FOR_ALL_VECTOR_UNITS void spread_inputs(std::uint16_t* words, std::size_t inputs, unsigned timesteps,
                                             std::size_t input_step, std::int16_t* where, std::uint64_t* counts)
{
    const auto ones = [](const short_lanes& lanes) {
        std::uint64_t quarters[4];
        std::memcpy(quarters, &lanes, sizeof quarters);
        return popcount(quarters[0]) + popcount(quarters[1]) + popcount(quarters[2]) + popcount(quarters[3]);
    };
    const auto all_ones = static_cast<std::int16_t>((1U << timesteps) - 1);
    for (std::size_t i = 0; i < inputs; ++i, words += join_array::lanes, where += input_step) {
        short_lanes word;
        load(word, words);
        constexpr short_lanes silence{};
        std::memcpy(words, &silence, sizeof silence);
        const short_lanes matching = word != 0;
        std::memcpy(where, &matching, sizeof matching);
        for (unsigned t = 0; t < timesteps; ++t) {
            const short_lanes missing = matching & (word << static_cast<short>(15 - t) >= 0);
            std::memcpy(where + (1 + t) * join_array::lanes, &missing, sizeof missing);
        }
        const unsigned matches = ones(matching) / 16;
        counts[i] = counts_of(matches, matches - ones(word == all_ones) / 16, matches * timesteps - ones(word));
    }
}

/// Whether no sum of some of the weights leaves 16 bits.
bool fits_16_bits(const std::int8_t* weights, std::size_t count)
{
    if (count <= 0x7FFF / 128)
        return true;
    int all = 0;
    for (std::size_t i = 0; i < count; ++i)
        all += std::abs(weights[i]);
    return all <= 0x7FFF;
}

/// The positions of the mask's bits, in order. Some at a time and too many, which the next ones replace: `to` has room
/// for four more.
void find_inputs(const std::uint64_t* mask, std::size_t words, std::uint32_t* to)
{
    for (std::size_t word = 0; word < words; ++word) {
        std::uint64_t left = mask[word];
        const unsigned count = popcount(left);
        for (unsigned first = 0; first < count; first += 4)
            for (unsigned i = first; i < first + 4; ++i, left &= left - 1)
                to[i] = static_cast<std::uint32_t>(64 * word) +
                        static_cast<std::uint32_t>(__builtin_ctzll(left | std::uint64_t{1} << 63));
        to += count;
    }
}

/// Of each lane: matches in all of some chunks of some columns, and chunks that have any. matches:
/// [column][chunk][lane], column_step from one column to the next.
LOAS_FOR_ALL_VECTOR_UNITS void count_chunks(const std::uint16_t* matches, std::size_t columns, std::size_t column_step,
                                            std::size_t chunks, std::uint32_t* all, std::uint32_t* with_matches)
{
    for (std::size_t first = 0; first < join_array::lanes; first += half) {
        half_ints sum{}, any{};
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
                half_shorts seen;
                load(seen, matches + column * column_step + chunk * join_array::lanes + first);
                sum += __builtin_convertvector(seen, half_ints);
                any -= __builtin_convertvector(half_shorts(seen != 0), half_ints);
            }
        std::memcpy(all + first, &sum, sizeof sum);
        std::memcpy(with_matches + first, &any, sizeof any);
    }
}

/// Sums of a set from 16 to 32 bits, in place.
LOAS_FOR_ALL_VECTOR_UNITS void widen(std::int32_t* sums, std::size_t vectors)
{
    for (std::size_t i = 0; i < vectors; ++i, sums += join_array::lanes) {
        half_shorts narrow[2];
        std::memcpy(narrow, sums, sizeof narrow);
        for (std::size_t h = 0; h < 2; ++h) {
            const half_ints wide = __builtin_convertvector(narrow[h], half_ints);
            std::memcpy(sums + h * half, &wide, sizeof wide);
        }
    }
}

/// O[t] = pseudo - correction[t] + bias, [t][lane]; `step` numbers from one t to the next.
LOAS_FOR_ALL_VECTOR_UNITS void read_currents(const std::int32_t* sums, unsigned timesteps, std::int32_t bias,
                                             std::int32_t* currents, std::size_t step)
{
    using bits = std::uint32_t __attribute__((vector_size(32))); // 32-bit adders wrap
    for (std::size_t first = 0; first < join_array::lanes; first += half) {
        bits pseudo;
        load(pseudo, sums + pseudo_sum * join_array::lanes + first);
        pseudo += static_cast<std::uint32_t>(bias);
        for (unsigned t = 0; t < timesteps; ++t) {
            bits correction;
            load(correction, sums + (correction_sums + t) * join_array::lanes + first);
            correction = pseudo - correction;
            std::memcpy(currents + t * step + first, &correction, sizeof correction);
        }
    }
}

/// What accumulators of so many bits would have made of sums that ran from low to high, [lane].
LOAS_FOR_ALL_VECTOR_UNITS void check_width(const std::int32_t* low, const std::int32_t* high, unsigned bits,
                                           std::uint64_t& overflows, std::uint64_t& max_abs)
{
    const std::int32_t limit = bits < 32 ? std::int32_t{1} << (bits - 1) : 0;
    std::uint32_t largest = 0, beyond = 0;
    for (std::size_t lane = 0; lane < join_array::lanes; ++lane) {
        largest =
            std::max({largest, 0 - static_cast<std::uint32_t>(low[lane]), static_cast<std::uint32_t>(high[lane])});
        beyond += static_cast<std::uint32_t>(low[lane] < -limit) | static_cast<std::uint32_t>(high[lane] >= limit);
    }
    if (limit != 0)
        overflows += beyond;
    max_abs = std::max<std::uint64_t>(max_abs, largest);
}

} // namespace

join_array::join_array(std::size_t tiles, const tppe_parameters& parameters)
    : m_tiles(tiles), m_blocks(functional::whole_lanes(tiles) / lanes), m_chunk_words(parameters.chunk_bits / 64),
      m_widths(parameters.widths), m_sets(parameters.accumulator_sets), m_all_matches(m_blocks * lanes),
      m_chunks_with_matches(m_blocks * lanes)
{
}

void join_array::configure(unsigned timesteps, std::size_t inputs)
{
    m_timesteps = timesteps;
    m_fours = timesteps <= 4 ? 1 : max_timesteps / 4;
    m_mask_words = functional::chunks_of(inputs, m_chunk_words * std::size_t{64}) * m_chunk_words;
    m_chunks = m_mask_words / m_chunk_words;
    m_inputs = m_mask_words * 64;
    m_matches.resize(m_blocks * m_sets.size() * m_chunks * lanes);
    m_input_step = lanes * (1 + 4 * m_fours);
    m_set_vectors = correction_sums + 4 * m_fours;
    m_masks.assign(m_tiles * m_mask_words, 0);
    m_words.assign(m_blocks * m_inputs * lanes, 0);
    m_where.assign(m_blocks * m_inputs * m_input_step, 0);
    m_counts.assign(m_blocks * m_inputs, 0);
    m_sums.assign(m_sets.size() * m_blocks * m_set_vectors * lanes, 0);
    m_currents.assign(m_sets.size() * m_timesteps * all_lanes(), 0);
    m_rows_spread = true;
    m_seen = {};
    m_known_inputs.clear();
    m_known_masks.clear();
    m_known = 0;
}

void join_array::load_row(std::size_t tile, const fiber_packet::view& row)
{
    if (m_rows_spread) {
        std::fill(m_masks.begin(), m_masks.end(), 0);
        m_rows_spread = false;
    }
    const auto* words = reinterpret_cast<const std::uint16_t*>(row.values);
    std::uint16_t* lane = &m_words[tile / lanes * m_inputs * lanes + tile % lanes];
    std::copy_n(row.mask, m_mask_words, &m_masks[tile * m_mask_words]);
    for (std::size_t word = 0; word < m_mask_words; ++word)
        for (std::uint64_t left = row.mask[word]; left != 0; left &= left - 1)
            lane[(64 * word + lowest_bit(left)) * lanes] = *words++;
}

void join_array::join(const join_broadcast& broadcast)
{
    if (!m_rows_spread) {
        m_rows_spread = true;
        spread_inputs(m_words.data(), m_blocks * m_inputs, m_timesteps, m_input_step, m_where.data(), m_counts.data());
    }
    if (broadcast.first_chunk == 0) {
        start_sets(broadcast);
        for (std::size_t block = 0; block < m_blocks; ++block)
            join_columns(block, broadcast);
    }
    for (std::size_t first = 0; first < m_tiles; first += lanes)
        count_chunks(matches(first, broadcast.first_set, broadcast.first_chunk), broadcast.column_count,
                     m_chunks * lanes, broadcast.chunks, &m_all_matches[first], &m_chunks_with_matches[first]);
}

void join_array::start_sets(const join_broadcast& broadcast)
{
    for (std::size_t i = 0; i < broadcast.column_count; ++i) {
        const fiber_packet::view& column = broadcast.columns[i];
        const auto set = static_cast<unsigned>(broadcast.first_set + i);
        const auto* weights = reinterpret_cast<const std::int8_t*>(column.values);
        m_sets[set].wide = !fits_16_bits(weights, column.value_count);
        m_sets[set].bias = column.bias;
        m_sets[set].inputs = inputs_of(column, m_sets[set].own_inputs);
        std::fill_n(sums_of(set, 0), m_blocks * m_set_vectors * lanes, 0);
    }
}

const std::uint32_t* join_array::inputs_of(const fiber_packet::view& column, std::vector<std::uint32_t>& own)
{
    if (column.id >= m_known_inputs.size()) {
        m_known_inputs.resize(column.id + std::size_t{1});
        m_known_masks.resize(m_known_inputs.size() * m_mask_words);
    }
    std::vector<std::uint32_t>& known = m_known_inputs[column.id];
    std::uint64_t* mask = &m_known_masks[column.id * m_mask_words];
    if (!known.empty() && std::equal(mask, mask + m_mask_words, column.mask))
        return known.data();
    const bool keep = m_known + column.value_count - known.size() <= most_known;
    std::vector<std::uint32_t>& inputs = keep ? known : own;
    if (keep) {
        m_known += column.value_count + 4 - known.size();
        std::copy_n(column.mask, m_mask_words, mask);
    }
    inputs.resize(column.value_count + 4);
    find_inputs(column.mask, m_mask_words, inputs.data());
    return inputs.data();
}

void join_array::join_columns(std::size_t block, const join_broadcast& broadcast)
{
    using observe::counter;
    const auto add_weights = m_fours == 1 ? add_4_short : add_16_short;
    const auto add_weights_wide = m_fours == 1 ? add_4_int : add_16_int;
    walk w{};
    w.chunk_bits_log2 = lowest_bit(64 * std::uint64_t{m_chunk_words});
    w.where = &m_where[block * m_inputs * m_input_step];
    w.counts = &m_counts[block * m_inputs];
    for (std::size_t i = 0; i < broadcast.column_count; ++i) {
        const auto set = static_cast<unsigned>(broadcast.first_set + i);
        const fiber_packet::view& column = broadcast.columns[i];
        w.sums = sums_of(set, block);
        w.matches = &m_matches[(block * m_sets.size() + set) * m_chunks * lanes];
        std::fill_n(w.matches, m_chunks * lanes, std::uint16_t{0});
        for (std::size_t first = 0; first < column.value_count; first += w.weight_count) {
            w.inputs = m_sets[set].inputs + first;
            w.weights = reinterpret_cast<const std::int8_t*>(column.values) + first;
            w.weight_count = std::min(column.value_count - first, safe_additions);
            std::uint64_t counted = 0;
            if (m_sets[set].wide) {
                counted = add_weights_wide(w);
                walk other = w;
                other.where += half;
                other.sums += half;
                other.matches += half;
                add_weights_wide(other);
            } else {
                counted = add_weights(w);
            }
            m_seen[counter::matches] += counted & low_bits(20);
            m_seen[counter::corrections] += counted >> 20 & low_bits(20);
            m_seen[counter::correction_adds] += counted >> 40;
        }
    }
}

std::int32_t* join_array::read(unsigned first_set, unsigned sets)
{
    for (unsigned set = first_set; set < first_set + sets; ++set)
        for (std::size_t block = 0; block < m_blocks; ++block)
            read_block(set, block, &m_currents[set * m_timesteps * all_lanes() + block * lanes]);
    return &m_currents[first_set * m_timesteps * all_lanes()];
}

void join_array::read_block(unsigned set, std::size_t block, std::int32_t* currents)
{
    using observe::counter;
    std::int32_t* sums = sums_of(set, block);
    if (!m_sets[set].wide)
        widen(sums, m_set_vectors);
    read_currents(sums, m_timesteps, m_sets[set].bias, currents, all_lanes());
    const std::int32_t* low = sums + pseudo_low * lanes;
    check_width(low, low + lanes, m_widths.pseudo_bits, m_seen[counter::pseudo_overflows],
                m_seen[counter::max_abs_pseudo]);
    low = sums + correction_low * lanes;
    check_width(low, low + lanes, m_widths.correction_bits, m_seen[counter::correction_overflows],
                m_seen[counter::max_abs_correction]);
}

void join_array::collect(observe::counter_set& counters) const
{
    using observe::counter;
    observe::counter_set mine = m_seen;
    mine[counter::discarded_entries] = mine[counter::matches] - mine[counter::corrections];
    counters.merge_with(mine);
}

} // namespace loas::compute
