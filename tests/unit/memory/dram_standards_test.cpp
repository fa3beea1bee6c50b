// Each file of scenarios/memory on the DRAM alone, against the command checker, which is driven by the same data.
// 20,000 requests a file and policy here; LOAS_DRAM_REQUESTS says another number (2,500,000: ten million a file, by
// hand).
#include "models/memory/dram/command_checker.h"
#include "models/memory/dram/replay.h"
#include "platform/config/scenario.h"

#include "tests/support/random.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace loas;

namespace
{

std::vector<std::filesystem::path> standards()
{
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(LOAS_SOURCE_DIR "/scenarios/memory"))
        if (entry.path().extension() == ".toml")
            files.push_back(entry.path());
    return files;
}

std::size_t request_count()
{
    const char* const given = std::getenv("LOAS_DRAM_REQUESTS");
    return given != nullptr ? std::stoull(given) : 20000;
}

/// Jumps and short runs, three of ten written.
std::vector<dram::replay_request> random_requests(unsigned burst_bytes, std::uint64_t seed)
{
    support::random_source random(seed);
    std::vector<dram::replay_request> requests(request_count());
    std::uint64_t address = 0;
    for (dram::replay_request& request : requests) {
        address = random.chance(3, 10) ? address + burst_bytes : random.below(std::uint64_t{1} << 28);
        request = {0, address, random.chance(3, 10)};
    }
    return requests;
}

std::vector<dram::parameters> policies(const dram::parameters& standard)
{
    std::vector<dram::parameters> all(4, standard);
    all[1].refresh = dram::refresh_kind::per_bank;
    all[1].refresh_postponed = 4;
    all[2].page = dram::page_policy::closed;
    all[2].refresh_postponed = dram::max_postponed;
    all[3].scheduler = dram::scheduling::fcfs;
    all[3].refresh = dram::refresh_kind::per_bank;
    return all;
}

} // namespace

TEST(dram_standards, break_no_rule_of_their_own)
{
    EXPECT_EQ(standards().size(), 8u);
    std::uint64_t seed = 1;
    for (const std::filesystem::path& file : standards()) {
        SCOPED_TRACE(file.filename());
        const dram::parameters standard = config::load_unchecked({file}, {}).dram;
        EXPECT_EQ(dram::mistake_in(standard).text, "");
        for (const dram::parameters& policy : policies(standard)) {
            dram::command_checker checker(policy);
            dram::replay_options options;
            options.observer = &checker;
            const dram::replay_result result =
                dram::replay(policy, random_requests(policy.burst_bytes(), seed++), options);
            EXPECT_EQ(checker.violations(), std::vector<std::string>());
            EXPECT_GT(checker.commands(), result.requests);
            EXPECT_EQ(result.all.requests, request_count());
        }
    }
}

TEST(dram_standards, sequential_reads_use_most_of_the_peak)
{
    for (const std::filesystem::path& file : standards()) {
        SCOPED_TRACE(file.filename());
        const dram::parameters standard = config::load_unchecked({file}, {}).dram;
        std::vector<dram::replay_request> requests(std::size_t{20000} * standard.channels);
        for (std::size_t i = 0; i < requests.size(); ++i)
            requests[i].address = i * standard.burst_bytes();
        const dram::replay_result result = dram::replay(standard, requests);
        EXPECT_GE(result.share_of_peak, 0.75);
        EXPECT_LE(result.share_of_peak, 1);
        EXPECT_GE(result.row_hit_share, 0.9);
    }
}
