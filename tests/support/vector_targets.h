// What Highway compiles for each kind of vector unit, on each that this machine has.
#pragma once

#include "models/functional/lanes.h"

#include <hwy/targets.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>

namespace loas::support
{

/// Calls test() once for each of these kinds, which what is tested takes meanwhile.
template <class Test> void on_each_vector_unit(Test test)
{
    std::set<std::size_t> seen;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        SCOPED_TRACE(hwy::TargetName(target));
        hwy::SetSupportedTargetsForTest(target);
        test();
        EXPECT_TRUE(seen.insert(hwy::GetChosenTarget().GetIndex()).second) << "the unit of another call was taken";
        if (::testing::Test::HasFailure())
            break;
    }
    hwy::SetSupportedTargetsForTest(0);
}

} // namespace loas::support
