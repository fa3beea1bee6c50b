// Merging more fibers than a merger has ways.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace loas::dataflow
{

/// Merges in rounds. One that is not the last makes one fiber of those that it takes, with an element for each place at
/// which any of them has one, and that is merged once more. Each takes as many as there are ways, but the first so few that
/// all later ones are full: the fewest rounds. What was made waits as long as there are others to take, one less than there are ways at most.
class fiber_merger
{
public:
    /// words: of 64 places of a fiber.
    fiber_merger(std::uint64_t ways, std::size_t words) : m_ways(ways), m_words(words) {}

    void add(const std::uint64_t* places) { m_fibers.push_back(places); }

    struct rounds {
        std::uint64_t again = 0;    ///< beyond the first
        std::uint64_t elements = 0; ///< that are merged once more, each time
    };
    /// Of what was added, in that order; none is left.
    rounds merge();

private:
    std::uint64_t m_ways;
    std::size_t m_words;
    std::vector<const std::uint64_t*> m_fibers;
    std::deque<std::vector<std::uint64_t>> m_made;
};

} // namespace loas::dataflow
