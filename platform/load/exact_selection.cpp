#include "load/exact_selection.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <map>

namespace loas::load
{
namespace
{

constexpr unsigned most_exchanged = 5;

/// Adding the next elements of a multiplicity that are not taken, or giving back the last that are.
struct move {
    std::int64_t change; ///< of the sum
    std::vector<std::size_t> positions;
};

/// The moves of each multiplicity at the border, positions nearest to it first.
std::vector<move> moves_at(const std::vector<candidate>& sorted, std::size_t border)
{
    std::map<std::uint32_t, move> add, give_back;
    const auto note = [&](std::map<std::uint32_t, move>& side, std::size_t at, int sign) {
        const std::uint32_t multiplicity = sorted[at].multiplicity;
        move& m = side[multiplicity];
        m.change = sign * static_cast<std::int64_t>(multiplicity);
        if (multiplicity > 0 && m.positions.size() < most_exchanged)
            m.positions.push_back(at);
    };
    for (std::size_t at = border; at < sorted.size(); ++at)
        note(add, at, 1);
    for (std::size_t at = border; at-- > 0;)
        note(give_back, at, -1);
    std::vector<move> moves;
    for (const auto* side : {&add, &give_back})
        for (const auto& [multiplicity, m] : *side)
            if (multiplicity > 0)
                moves.push_back(m);
    return moves;
}

/// How often to make each move so that the changes add up to `missing`, or as nearly as can be.
class exchange
{
public:
    exchange(const std::vector<move>& moves, std::int64_t missing)
        : m_moves(moves), m_now(moves.size()), m_best(moves.size()), m_left(missing)
    {
        for (unsigned limit = 1; limit <= most_exchanged && m_left != 0; ++limit)
            search(0, limit, missing);
    }

    const std::vector<std::size_t>& times() const { return m_best; }

private:
    void search(std::size_t from, unsigned further, std::int64_t missing)
    {
        if (std::abs(missing) < std::abs(m_left)) {
            m_left = missing;
            m_best = m_now;
        }
        for (std::size_t i = from; further > 0 && m_left != 0 && i < m_moves.size(); ++i) {
            if (m_now[i] == m_moves[i].positions.size())
                continue;
            ++m_now[i];
            search(i, further - 1, missing - m_moves[i].change);
            --m_now[i];
        }
    }

    const std::vector<move>& m_moves;
    std::vector<std::size_t> m_now, m_best;
    std::int64_t m_left;
};

} // namespace

selection_result take_exactly(std::vector<candidate> candidates, std::uint64_t target)
{
    std::sort(candidates.begin(), candidates.end(), [](const candidate& a, const candidate& b) {
        return a.key < b.key || (a.key == b.key && a.index < b.index);
    });
    std::uint64_t sum = 0;
    std::size_t border = 0;
    // Elements that count for nothing are as likely taken as their neighbours in the order.
    while (border < candidates.size() && sum < target && sum + candidates[border].multiplicity <= target)
        sum += candidates[border++].multiplicity;

    std::vector<bool> taken(candidates.size());
    std::fill(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(border), true);
    if (sum < target) {
        const std::vector<move> moves = moves_at(candidates, border);
        const exchange best(moves, static_cast<std::int64_t>(target - sum));
        for (std::size_t i = 0; i < moves.size(); ++i)
            for (std::size_t j = 0; j < best.times()[i]; ++j)
                taken[moves[i].positions[j]] = moves[i].change > 0;
    }
    selection_result result;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!taken[i])
            continue;
        result.indices.push_back(candidates[i].index);
        result.sum += candidates[i].multiplicity;
    }
    return result;
}

} // namespace loas::load
