// Branches that take spikes as they are, in 8 bits.
#pragma once

#include "platform/network/graph.h"

#include <cstddef>
#include <string>
#include <vector>

namespace loas::lowering
{

using namespace network;

/// A branch whose weights that are not 0 are all the same, as those of an identity, or of an average of spikes.
struct unit_branch {
    std::string source; ///< "'n0'", the node whose spikes it takes
    double weight = 0;
};

/// Of the weights of a layer of branches, in node `weights`; the largest weight first. Empty: it has one source.
std::vector<unit_branch> unit_branches(const graph& network, std::size_t weights);

/// A scale, at least `scale`, with which the weight of the first of these branches is a whole number: a spike that
/// comes as it is should count exactly as often as the file says. It is at most an eighth coarser, as the other weights
/// pay for it; where it would be more, it is `scale`.
double scale_for_units(const std::vector<unit_branch>& units, double scale);

/// What scale makes of branches whose weights are no whole numbers with it; "": nothing.
std::string rounded_units(const std::vector<unit_branch>& units, double scale);

} // namespace loas::lowering
