// Stack distances against a list of fibers in the order of their last accesses, which is what they mean.
#include "platform/reuse/stack_distance.h"

#include "platform/reuse/reuse.h"
#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace loas::dataflow
{
namespace
{

class plain_stack
{
public:
    explicit plain_stack(const std::vector<std::uint64_t>& sizes_bits) : m_sizes(sizes_bits) {}

    void forget() { m_fibers.clear(); }
    std::uint64_t access(std::size_t fiber)
    {
        std::uint64_t distance = 0;
        for (std::size_t i = m_fibers.size(); i-- > 0;) {
            distance += m_sizes[m_fibers[i]];
            if (m_fibers[i] == fiber) {
                m_fibers.erase(m_fibers.begin() + static_cast<std::ptrdiff_t>(i));
                m_fibers.push_back(fiber);
                return distance;
            }
        }
        m_fibers.push_back(fiber);
        return no_distance;
    }

private:
    const std::vector<std::uint64_t>& m_sizes;
    std::vector<std::size_t> m_fibers; ///< the last one accessed last
};

/// Accesses in rounds, each of some of the fibers: so many in a thousand. After an equal share of the rounds those so far
/// are left behind, and others come.
struct accesses {
    std::size_t fibers, rounds, shares;
    unsigned in_a_thousand;
    bool fast; ///< what rounds are for
};

// Dense and thin rounds, single accesses, more rounds than are kept apart.
TEST(StackDistance, IsThatOfAPlainStackInBothForms)
{
    const accesses all[] = {
        {40, 300, 1, 500, true},  {200, 60, 1, 300, true},  {7, 900, 1, 300, true},    {300, 600, 1, 10, false},
        {300, 500, 1, 100, true}, {120, 200, 6, 400, true}, {2000, 400, 4, 1, false}, {500, 900, 1, 3, false},
    };
    support::random_source random(3);
    for (const accesses& each : all) {
        std::vector<std::uint64_t> sizes(each.fibers);
        for (std::uint64_t& size : sizes)
            size = random.below(1000);
        const std::size_t at_a_time = each.fibers / each.shares;
        plain_stack plain(sizes);
        access_rounds rounds(sizes);
        access_tree tree(sizes, at_a_time);
        stack_distances either(sizes, at_a_time);
        for (std::size_t round = 0; round < each.rounds; ++round) {
            const std::size_t share = round * each.shares / each.rounds;
            if (share != (round == 0 ? 0 : (round - 1) * each.shares / each.rounds)) {
                plain.forget();
                rounds.forget();
                tree.forget();
                either.forget();
            }
            for (std::size_t fiber = share * at_a_time; fiber < (share + 1) * at_a_time; ++fiber)
                if (random.below(1000) < each.in_a_thousand) {
                    const std::uint64_t distance = plain.access(fiber);
                    ASSERT_EQ(tree.access(fiber), distance) << "fiber " << fiber << " of " << each.fibers << ", round " << round;
                    ASSERT_EQ(either.access(fiber), distance) << "fiber " << fiber << " of " << each.fibers << ", round " << round;
                    if (!rounds.too_slow()) {
                        ASSERT_EQ(rounds.access(fiber), distance)
                            << "fiber " << fiber << " of " << each.fibers << ", round " << round;
                    }
                }
        }
        EXPECT_EQ(!rounds.too_slow(), each.fast) << each.fibers << " fibers, " << each.in_a_thousand << " in a thousand";
    }
}

TEST(CapacityScale, IsABinarySearch)
{
    support::random_source random(4);
    for (const std::size_t count : {0U, 1U, 5U, 80U}) {
        std::vector<std::uint64_t> capacities(count);
        for (std::uint64_t& each : capacities)
            each = random.below(1U << random.below(31));
        std::sort(capacities.begin(), capacities.end());
        const capacity_scale scale(capacities);
        for (unsigned i = 0; i < 2000; ++i) {
            const std::uint64_t bits = i % 2 == 0 && count > 0 ? capacities[random.below(count)] + random.below(3) - 1
                                                               : random.below(std::uint64_t{1} << random.below(63));
            ASSERT_EQ(scale.place_of(bits), static_cast<std::size_t>(std::lower_bound(capacities.begin(), capacities.end(), bits) - capacities.begin()));
        }
    }
}

} // namespace
} // namespace loas::dataflow
