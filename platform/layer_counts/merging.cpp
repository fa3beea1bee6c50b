#include "platform/layer_counts/merging.h"

#include "models/functional/bits.h"

#include <algorithm>

namespace loas::dataflow
{

fiber_merger::rounds fiber_merger::merge()
{
    rounds to;
    std::uint64_t next = 0, takes = m_fibers.size() > m_ways ? (m_fibers.size() - 2) % (m_ways - 1) + 2 : m_ways;
    const auto elements_of_oldest = [&](std::uint64_t count) {
        std::uint64_t elements = 0;
        for (std::uint64_t i = 0; i < count; ++i)
            for (const std::uint64_t word : m_made[i])
                elements += functional::popcount(word);
        return elements;
    };
    while (m_fibers.size() - next + m_made.size() > m_ways) {
        const std::uint64_t kept = m_made.size() + 1 == m_ways ? m_made.size() : 0; // no more may wait
        const std::uint64_t fibers = std::min<std::uint64_t>(m_fibers.size() - next, takes - kept), made = takes - fibers;
        std::vector<std::uint64_t> places(m_words);
        const auto merge_in = [&](const std::uint64_t* of) {
            for (std::size_t word = 0; word < m_words; ++word)
                places[word] |= of[word];
        };
        for (const std::uint64_t end = next + fibers; next < end; ++next)
            merge_in(m_fibers[next]);
        to.elements += elements_of_oldest(made);
        for (std::uint64_t i = 0; i < made; ++i) {
            merge_in(m_made.front().data());
            m_made.pop_front();
        }
        m_made.push_back(std::move(places));
        ++to.again;
        takes = m_ways;
    }
    to.elements += elements_of_oldest(m_made.size());
    m_made.clear();
    m_fibers.clear();
    return to;
}

} // namespace loas::dataflow
