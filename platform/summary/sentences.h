// The sentences around the tables. Private to this room.
#pragma once

#include "platform/results/result.h"

#include <string>
#include <string_view>

namespace loas::summary
{

using results::layer_result;
using results::run_result;

inline constexpr std::size_t columns = 100; ///< of a line

/// Bytes in a unit that fits, three digits.
std::string bytes(std::uint64_t value);
/// What layers cost the host.
std::string host_text(const run_result& result);
std::string energy_text(const run_result& result, const layer_result& total);
/// What the sums are over.
std::string runs_text(const run_result& result);
/// How a program ended, and what the CPU did meanwhile; "" without one.
std::string program_text(const results::program_result& program);
/// The accelerator without its host.
std::string performance_text(const run_result& result);
/// "published" means two things where both stand side by side.
std::string_view fidelity_text(const run_result& result);
/// The same before all figures.
std::string overflow_warning(const run_result& result, const layer_result& total);
/// What scheduler.spread did; nothing where it is "rows".
std::string spread_text(const run_result& result);
/// Blocks of timesteps, and what they cost: potentials go to memory and back, and weights come anew for each.
std::string blocks_text(const run_result& result, const layer_result& total);
/// The network that ran beside the one that its file describes.
std::string float_text(const run_result& result);

} // namespace loas::summary
