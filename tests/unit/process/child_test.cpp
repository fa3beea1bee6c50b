// The launcher: what a child answers, how it ends, and that none is left behind.
#include "platform/process/child.h"
#include "platform/process/progress.h"

#include "platform/process/host_limit.h"
#include "platform/process/stop_signals.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

using namespace loas;
using process::child;
using process::child_outcome;
using process::child_setup;
using process::exit_code;

namespace
{

std::string sleeps_for_ever()
{
    for (;;)
        ::pause();
}

} // namespace

TEST(child, answers_or_says_what_went_wrong)
{
    const std::string large(3'000'000, 'x'); // more than a pipe holds
    const child_outcome good = child([&] { return large; }).finish();
    EXPECT_EQ(good.code, exit_code::good);
    EXPECT_EQ(good.answer, large);
    const child_outcome mistaken = child([]() -> std::string { throw text::user_error("so"); }).finish();
    EXPECT_EQ(mistaken.code, exit_code::user_mistake);
    EXPECT_EQ(mistaken.answer, "so");
    EXPECT_EQ(child([]() -> std::string { throw std::logic_error(""); }).finish().code, exit_code::our_bug);
    EXPECT_EQ(child([]() -> std::string {
                  ::raise(SIGKILL);
                  return "";
              })
                  .finish()
                  .signal,
              SIGKILL);
}

TEST(child, standard_error_is_kept_when_asked_for)
{
    child_setup setup;
    setup.keep_errors = true;
    const child_outcome ended = child(
                                    [] {
                                        std::fputs("a word\n", stderr);
                                        std::puts("nobody reads this");
                                        return std::string("answer");
                                    },
                                    setup)
                                    .finish();
    EXPECT_EQ(ended.errors, "a word\n");
    EXPECT_EQ(ended.answer, "answer");
}

TEST(child, limits_stop_what_is_not_trusted)
{
    child_setup setup;
    setup.limits = process::child_limits{1, std::uint64_t{64} << 20};
    const child_outcome late = child(
                                   []() -> std::string {
                                       for (volatile unsigned i = 0;;)
                                           i = i + 1;
                                   },
                                   setup)
                                   .finish();
    EXPECT_EQ(late.signal, SIGXCPU);
}

TEST(child, programs_of_others)
{
    const child_outcome said = child({"sh", "-c", "echo out; echo err >&2; exit 7"}).finish();
    EXPECT_EQ(said.status(), 7);
    EXPECT_EQ(said.answer, "out\n");
    EXPECT_EQ(said.errors, "err\n");
    EXPECT_EQ(child({"sh", "-c", "kill -9 $$"}).finish().status(), 128 + SIGKILL);
    try {
        child({"no-such-program-here"});
        ADD_FAILURE() << "it was started";
    } catch (const text::user_error& error) {
        EXPECT_STREQ(error.what(), "no-such-program-here: cannot be started: No such file or directory");
    }
}

TEST(child, none_is_left_behind)
{
    {
        const child forgotten(sleeps_for_ever);
        process::child_pool pool;
        pool.start(0, sleeps_for_ever);
        pool.start(1, sleeps_for_ever);
    }
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1); // no child any more
}

TEST(child_pool, hands_out_who_ended_and_stops_who_is_late)
{
    process::child_pool pool(0.2);
    pool.start(10, sleeps_for_ever);
    pool.start(11, [] { return std::string("quick"); });
    std::vector<process::child_pool::ended> all;
    while (pool.size() > 0)
        for (process::child_pool::ended& each : pool.wait())
            all.push_back(std::move(each));
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].id, 11u);
    EXPECT_EQ(all[0].outcome.answer, "quick");
    EXPECT_FALSE(all[0].outcome.timed_out);
    EXPECT_EQ(all[1].id, 10u);
    EXPECT_TRUE(all[1].outcome.timed_out);
    EXPECT_EQ(all[1].outcome.signal, SIGKILL);
}

TEST(host_limit, of_a_child_is_told_to_its_parent)
{
    const child_outcome ended = child([] {
                                    const process::host_limit limit(0.05, "--host-timeout 0.05", [] { return "It sleeps."; });
                                    return sleeps_for_ever();
                                }).finish();
    EXPECT_EQ(ended.code, exit_code::stuck);
    EXPECT_EQ(ended.answer, "--host-timeout 0.05: the simulation has not ended within 0.05 s of this computer's time. It "
                            "sleeps.");
}

TEST(host_limit, empty_folders_of_a_result_go)
{
    std::string folder = "/tmp/limit_XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const auto waits = [&] {
        process::remove_when_interrupted({folder});
        const process::host_limit limit(0.01, "a limit", nullptr);
        sleeps_for_ever();
    };
    EXPECT_EXIT(waits(), testing::ExitedWithCode(static_cast<int>(exit_code::stuck)), "^loas-vp: a limit: the simulation");
    EXPECT_NE(::rmdir(folder.c_str()), 0) << "it is there no longer";
}

TEST(progress, says_nothing_where_it_is_not_wanted)
{
    testing::internal::CaptureStderr();
    {
        process::progress unwanted("layers", 2, false);
        unwanted.update(1);
        unwanted.update(2, " done");
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}
