#include "models/designs/ptb/line_steps.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::designs
{
namespace
{

constexpr unsigned any_distance = 65535;

/// Bit w: a spike in window w.
std::uint16_t windows_of(std::uint16_t spikes, unsigned window)
{
    unsigned active = 0;
    for (unsigned rest = spikes, w = 0; rest != 0; rest >>= window, ++w)
        active |= unsigned{(rest & functional::low_bits(window)) != 0} << w;
    return static_cast<std::uint16_t>(active);
}

unsigned cycles_of(const line_step& step, const ptb_parameters& array)
{
    switch (array.line_cycles) {
    case ptb_line::active:
        return std::max(most_active(step.first.spikes, array), most_active(step.second.spikes, array));
    case ptb_line::window:
        return array.window;
    default:
        return 1;
    }
}

} // namespace

unsigned most_active(std::uint16_t spikes, const ptb_parameters& array)
{
    unsigned most = 0;
    for (unsigned rest = spikes; rest != 0; rest >>= array.window)
        most = std::max(most, functional::popcount(rest & functional::low_bits(array.window)));
    return most;
}

void find_lines(functional::span<const std::uint64_t> bitmaps, std::size_t inputs, unsigned first_timestep,
                unsigned timesteps, std::vector<line>& lines)
{
    const std::size_t words = functional::words_of(inputs);
    const std::uint64_t* first = bitmaps.data() + first_timestep * words;
    lines.clear();
    for (std::size_t word = 0; word < words; ++word) {
        std::uint64_t any = 0;
        for (unsigned t = 0; t < timesteps; ++t)
            any |= first[t * words + word];
        for (; any != 0; any &= any - 1) {
            const unsigned bit = functional::lowest_bit(any);
            unsigned spikes = 0;
            for (unsigned t = 0; t < timesteps; ++t)
                spikes |= static_cast<unsigned>(first[t * words + word] >> bit & 1) << t;
            lines.push_back({static_cast<std::uint32_t>(word * 64 + bit), static_cast<std::uint16_t>(spikes)});
        }
    }
}

void pair_lines(const std::vector<line>& lines, const ptb_parameters& array, std::vector<line_step>& steps)
{
    const std::size_t distance = array.pair_distance == any_distance ? lines.size() : array.pair_distance;
    const auto all_windows = static_cast<std::uint16_t>(functional::low_bits(array.columns));
    std::vector<std::uint16_t> windows(lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
        windows[i] = windows_of(lines[i].spikes, array.window);
    std::vector<char> taken(lines.size(), 0);
    steps.clear();
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (taken[i] != 0)
            continue;
        line_step step{lines[i], {}, 1};
        const std::size_t end = windows[i] == all_windows ? i : std::min(lines.size(), i + 1 + distance);
        for (std::size_t j = i + 1; j < end; ++j)
            if (taken[j] == 0 && (windows[i] & windows[j]) == 0) {
                taken[j] = 1;
                step.second = lines[j];
                break;
            }
        step.cycles = cycles_of(step, array);
        steps.push_back(step);
    }
}

} // namespace loas::designs
