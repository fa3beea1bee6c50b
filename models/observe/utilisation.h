// How busy the tiles of an accelerator were over the time of a layer. Plain C++.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loas::observe
{

/// A bounded number of slices of equal width, whatever the length of the layer: the width doubles when they are full.
/// Integer arithmetic only; what is recorded is neither lost nor rounded. Cycles count from the start of the layer.
class utilisation_timeline
{
public:
    static constexpr std::size_t most_slices = 128;

    /// From begin_cycle to before end_cycle the tiles were busy for busy_tile_cycles, summed over the tiles and taken
    /// as evenly spread. Intervals may come in any order; an empty one only moves the end of the timeline.
    /// @pre end_cycle - begin_cycle < 2^32
    void record(std::uint64_t begin_cycle, std::uint64_t end_cycle, std::uint64_t busy_tile_cycles);

    /// In place of all that was recorded: what cycles(), slice_cycles() and the slices said of another timeline. False,
    /// and nothing changes, if no timeline says so.
    bool restore(std::uint64_t cycles, std::uint64_t slice_cycles, const std::vector<std::uint64_t>& busy);

    /// Largest end_cycle so far; 0: nothing was recorded.
    std::uint64_t cycles() const { return m_cycles; }

    std::uint64_t slice_cycles() const { return std::uint64_t{1} << m_shift; }

    /// Slices up to cycles(); the last one may reach beyond.
    std::uint64_t slices() const { return m_cycles == 0 ? 0 : ((m_cycles - 1) >> m_shift) + 1; }

    std::uint64_t busy_tile_cycles(std::size_t slice) const { return m_busy[slice]; }

    /// Of the tile cycles of a slice, up to cycles(), those that were busy: 0..1.
    double busy_share(std::size_t slice, std::uint64_t tiles) const;

private:
    void widen();

    std::array<std::uint64_t, most_slices> m_busy{};
    std::uint64_t m_cycles = 0;
    unsigned m_shift = 0;
};

} // namespace loas::observe
