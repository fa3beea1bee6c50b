// Which order is best, and why: sentences that are computed from the figures.
#pragma once

#include "platform/explorer/explore.h"

#include <string>
#include <vector>

namespace loas::explorer
{

/// By what orders are compared.
enum class measure { dram_bytes, cycles, energy_pj };
inline constexpr measure all_measures[] = {measure::dram_bytes, measure::cycles, measure::energy_pj};
const char* name_of(measure by);
double value_of(const buffered_figures& figures, measure by);

/// A point of exploration::points, without those of machines, and what it has.
struct choice {
    std::size_t point = 0;
    double value = 0;
};

/// The least of a layer with a buffer; the first of equal ones.
choice best_of_layer(const exploration& explored, std::size_t layer, unsigned capacity_kib, measure by);

/// Of LoAS's order with t in a word against the best of its rivals, with the largest buffer: less than 1: it wins.
struct lead {
    double ratio;
    std::string rival;
};
lead lead_of(const exploration& explored, const border_step& step, rivals against, measure by);

/// One point for all layers, and the best of each: what mixing orders gains.
struct network_choice {
    choice single;
    double mixed = 0;                ///< the sum of the layers' best
    std::vector<choice> each_layer;
    double gain() const { return mixed > 0 ? single.value / mixed : 1; }
};
network_choice best_of_network(const exploration& explored, unsigned capacity_kib, measure by);

/// Of a layer, with the largest buffer that was asked for; a sentence each.
std::vector<std::string> reasons_of(const exploration& explored, std::size_t layer);
/// Of all layers together; empty of a single one.
std::vector<std::string> reasons_of_network(const exploration& explored);

} // namespace loas::explorer
