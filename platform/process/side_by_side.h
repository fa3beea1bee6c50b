// Work without a simulation on several processors: threads, whose results need no way back.
#pragma once

#include <cstddef>
#include <functional>

namespace loas::process
{

/// Calls work(0) to work(count - 1), at most `jobs` at a time (0: as many as there are processors), and returns when
/// all have returned. work must not touch what another call of it touches. Throws what the first that threw did. No
/// thread is left, so a child may be started afterwards.
void side_by_side(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work);

} // namespace loas::process
