// What the rounding of a leak does to potentials.
#pragma once

#include <string>
#include <vector>

namespace loas::lowering
{

/// More than this share of a potential is said. A constant input brings a neuron to a potential in proportion to its tau,
/// so that a tau of 5 % more is worth weights of 5 % more: several steps of the int8 weights of the largest ones.
constexpr double coarse_leak = 0.05;

/// Share by which the potential that a constant input leaves after so many timesteps changes when the leak that a timestep
/// leaves, 0..1, is `rounded` and not `exact`; of 0 timesteps: of however many, which is that of tau.
double leak_change(double exact, double rounded, unsigned timesteps);

/// What it does to these tau, in timesteps, in steps of 1 / `one`, in words; "" where it is not coarse.
std::string coarse_leak_text(const std::vector<double>& tau, double one, unsigned timesteps);

} // namespace loas::lowering
