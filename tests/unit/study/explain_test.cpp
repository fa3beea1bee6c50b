// What could be ideal, of every design: parameters that the design has, causes that the result file has.
#include "platform/study/explain.h"

#include "models/observe/counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace loas;

namespace
{

std::vector<study::bound> bounds_of(const std::string& accelerator, const std::string& fidelity = "literal")
{
    return study::bounds_of(config::default_scenario({"accelerator=" + accelerator, "fidelity=" + fidelity}));
}

std::set<std::string> names_of(const std::vector<study::bound>& bounds)
{
    std::set<std::string> names;
    for (const study::bound& each : bounds)
        names.insert(each.name);
    return names;
}

const std::set<std::string> of_memory = {"crossbars", "DRAM", "cache misses", "memory as a whole", "all of these"};

} // namespace

TEST(explain, each_design_has_bounds_of_its_own)
{
    const std::map<std::string, std::set<std::string>> expected = {
        {"loas", {"laggy prefix-sum", "empty joins", "imbalance between rows", "output compressor"}},
        {"loas-nmtk", {"laggy prefix-sum", "empty joins", "imbalance between rows", "output compressor"}},
        {"sparten-snn", {"empty joins", "chunk buffers", "neurons and compressor"}},
        {"gospa-snn", {"stream of spikes", "imbalance between PEs", "neurons and compressor"}},
        {"gamma-snn", {"fill of the merger", "rounds of merging", "neurons and compressor"}},
        {"dense-snn", {"neurons and compressor"}},
    };
    for (auto [accelerator, names] : expected) {
        names.insert(of_memory.begin(), of_memory.end());
        EXPECT_EQ(names_of(bounds_of(accelerator)), names) << accelerator;
    }
    EXPECT_EQ(names_of(bounds_of("gamma-snn", "published")),
              (std::set<std::string>{"imbalance between rows", "all of these"}));
    EXPECT_EQ(names_of(bounds_of("loas-nmtk", "published")),
              (std::set<std::string>{"imbalance between columns", "all of these"}));
}

TEST(explain, bounds_name_causes_and_parameters_that_exist)
{
    for (const designs::design* each_design : designs::all()) {
        const std::string accelerator(each_design->word);
        const config::scenario base = config::default_scenario({"accelerator=" + accelerator});
        for (const study::bound& each : study::bounds_of(base)) {
            EXPECT_NO_THROW(config::overridden(base, each.overrides)) << accelerator << ": " << each.name;
            for (const std::string& cause : each.causes) {
                bool known = false;
                for (std::size_t i = 0; i < observe::counter_count; ++i) {
                    const observe::counter_info& info = observe::info_of(static_cast<observe::counter>(i));
                    known = known || (info.group == "stall_cycles" && info.name == cause);
                }
                EXPECT_TRUE(known) << accelerator << ": " << cause;
            }
        }
    }
}
