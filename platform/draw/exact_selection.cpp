#include "platform/draw/exact_selection.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace loas::draw
{
namespace
{

constexpr unsigned most_exchanged = 5;

constexpr auto comes_before = [](const candidate& a, const candidate& b) { // no function: it is to be inlined
    return a.key < b.key || (a.key == b.key && a.index < b.index);
};

/// Buckets of equal width for keys, few of which fall into each; small enough for the host's cache.
class key_buckets
{
public:
    template <class iterator, class key_function> key_buckets(iterator first, iterator last, key_function key_of)
    {
        constexpr std::size_t most_buckets = 1 << 14;
        double most = m_least = key_of(*first);
        for (iterator each = first; each != last; ++each) {
            const double key = key_of(*each);
            m_least = key < m_least ? key : m_least;
            most = key > most ? key : most;
        }
        m_count = std::min(static_cast<std::size_t>(last - first) / 2 + 1, most_buckets);
        m_scale = most > m_least ? static_cast<double>(m_count - 1) / (most - m_least) : 0;
    }

    std::size_t count() const { return m_count; }
    std::size_t of(double key) const { return static_cast<std::size_t>((key - m_least) * m_scale); }

private:
    double m_least, m_scale;
    std::size_t m_count;
};

/// Brings elements to the front, sorted, that come before all others and add up to the target, if all do: most elements
/// are never taken, and need not be sorted. Returns their number.
std::size_t sort_front(std::vector<candidate>& candidates, std::uint64_t target)
{
    struct bucket {
        std::uint64_t sum = 0; ///< of the multiplicities
        std::size_t end = 0;   ///< first their number
    };
    if (candidates.empty())
        return 0;
    const key_buckets split(candidates.begin(), candidates.end(), [](const candidate& each) { return each.key; });
    std::vector<bucket> buckets(split.count());
    for (const candidate& each : candidates) {
        bucket& of = buckets[split.of(each.key)];
        of.sum += each.multiplicity;
        ++of.end;
    }
    std::uint64_t sum = 0;
    std::size_t used = 0, front = 0;
    for (; used < buckets.size() && sum < target; ++used) {
        sum += buckets[used].sum;
        buckets[used].end = front += buckets[used].end;
    }
    std::partition(candidates.begin(), candidates.end(),
                   [&](const candidate& each) { return split.of(each.key) < used; });
    std::vector<candidate> ordered(front);
    for (std::size_t i = 0; i < front; ++i)
        ordered[--buckets[split.of(candidates[i].key)].end] = candidates[i];
    for (std::size_t i = 0; i < used; ++i) // what was the end of a bucket is its beginning now
        std::sort(&ordered[buckets[i].end], ordered.data() + (i + 1 < used ? buckets[i + 1].end : front), comes_before);
    std::copy(ordered.begin(), ordered.end(), candidates.begin());
    return front;
}

/// Adding the next elements of a multiplicity that are not taken, or giving back the last that are.
struct move {
    std::int64_t change = 0;            ///< of the sum
    std::vector<std::size_t> positions; ///< nearest to the border first
};

/// The moves of each multiplicity at the border. Elements are in order up to `sorted`.
std::vector<move> moves_at(const std::vector<candidate>& candidates, std::size_t border, std::size_t sorted)
{
    std::uint32_t most = 0;
    for (const candidate& each : candidates)
        most = std::max(most, each.multiplicity);
    std::vector<move> add(most + std::size_t{1}), give_back(most + std::size_t{1});
    const auto room_in = [](std::vector<move>& side, std::uint32_t multiplicity, int sign) -> move& {
        side[multiplicity].change = sign * static_cast<std::int64_t>(multiplicity);
        return side[multiplicity];
    };
    for (std::size_t at = border; at < candidates.size(); ++at) {
        std::vector<std::size_t>& nearest = room_in(add, candidates[at].multiplicity, 1).positions;
        if (at >= sorted && nearest.size() == most_exchanged) {
            if (!comes_before(candidates[at], candidates[nearest.back()]))
                continue;
            nearest.pop_back();
        }
        if (nearest.size() < most_exchanged)
            nearest.insert(std::upper_bound(nearest.begin(), nearest.end(), at,
                                            [&](std::size_t a, std::size_t b) {
                                                return comes_before(candidates[a], candidates[b]);
                                            }),
                           at);
    }
    for (std::size_t at = border; at-- > 0;)
        if (move& m = room_in(give_back, candidates[at].multiplicity, -1); m.positions.size() < most_exchanged)
            m.positions.push_back(at);
    std::vector<move> moves;
    for (const std::vector<move>* side : {&add, &give_back})
        for (const move& m : *side)
            if (m.change != 0)
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

double smallest_key(const std::vector<double>& keys, std::size_t n)
{
    const key_buckets split(keys.begin(), keys.end(), [](double key) { return key; });
    std::vector<std::size_t> counts(split.count());
    for (const double key : keys)
        ++counts[split.of(key)];
    std::size_t bucket = 0;
    for (; n >= counts[bucket]; ++bucket)
        n -= counts[bucket];
    std::vector<double> near;
    near.reserve(counts[bucket]);
    for (const double key : keys)
        if (split.of(key) == bucket)
            near.push_back(key);
    const auto at = near.begin() + static_cast<std::ptrdiff_t>(n);
    std::nth_element(near.begin(), at, near.end());
    return *at;
}

selection_result take_exactly(std::vector<candidate> candidates, std::uint64_t target)
{
    const std::size_t sorted = sort_front(candidates, target);
    selection_result result;
    std::size_t border = 0;
    // Elements that count for nothing are as likely taken as their neighbours in the order.
    while (border < sorted && result.sum < target && result.sum + candidates[border].multiplicity <= target)
        result.sum += candidates[border++].multiplicity;

    std::vector<candidate> added;
    std::vector<std::size_t> given_back;
    if (result.sum < target) {
        const std::vector<move> moves = moves_at(candidates, border, sorted);
        const exchange best(moves, static_cast<std::int64_t>(target - result.sum));
        for (std::size_t i = 0; i < moves.size(); ++i)
            for (std::size_t j = 0; j < best.times()[i]; ++j) {
                const std::size_t at = moves[i].positions[j];
                if (moves[i].change > 0)
                    added.push_back(candidates[at]);
                else
                    given_back.push_back(at);
                result.sum += static_cast<std::uint64_t>(moves[i].change);
            }
        std::sort(added.begin(), added.end(), comes_before);
    }
    result.indices.reserve(border + added.size());
    for (std::size_t i = 0; i < border; ++i)
        if (std::find(given_back.begin(), given_back.end(), i) == given_back.end())
            result.indices.push_back(candidates[i].index);
    for (const candidate& each : added)
        result.indices.push_back(each.index);
    return result;
}

} // namespace loas::draw
