// The smallest weights of each layer become 0; see passes.h.
#include "platform/folding/passes.h"

#include "platform/network/node_view.h"

#include <algorithm>
#include <cmath>

namespace loas::lowering
{

void prune_weights(graph& network, double share)
{
    network.each([&](std::size_t at) {
        graph_node& node = network.nodes[at];
        linear_op* op = node.as<linear_op>();
        if (op == nullptr || op->weights.empty())
            return;
        std::vector<double> sizes;
        for (const double weight : op->weights)
            sizes.push_back(std::fabs(weight));
        const auto zeros = static_cast<std::size_t>(std::round(share * static_cast<double>(sizes.size())));
        if (zeros == 0)
            return;
        const auto limit = sizes.begin() + static_cast<std::ptrdiff_t>(zeros - 1);
        std::nth_element(sizes.begin(), limit, sizes.end());
        // Of weights of the same size as the last one the first ones go, so that there are exactly so many zeros.
        std::size_t ties = zeros - static_cast<std::size_t>(std::count_if(
                                       sizes.begin(), sizes.end(), [&](double size) { return size < *limit; }));
        for (double& weight : op->weights)
            if (std::fabs(weight) < *limit || (std::fabs(weight) == *limit && ties > 0 && ties-- > 0))
                weight = 0;
        node.notes.push_back("pruned: its " + std::to_string(zeros) + " smallest of " + std::to_string(sizes.size()) +
                             " weights are 0, those up to " + number_text(*limit));
    });
}

} // namespace loas::lowering
