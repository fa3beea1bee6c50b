// The folder of a sweep: torn lines, damaged lines, other sweeps, two at a time.
#include "tests/unit/sweep/sweep_files.h"

#include "platform/sweep/store.h"

#include <sys/stat.h>

namespace
{

using namespace sweep_test;
using sweep::store;

const sweep::identity ours{"base = \"/b\"\n[axes]\n\"tppe.count\" = [1, 2, 3, 4, 5]\n", 5, "abc"};

std::string line_of(std::size_t index, const std::string& axes)
{
    return R"({"index":)" + std::to_string(index) + R"(,"axes":{)" + axes + R"(},"status":"stuck","reason":"it waits"})";
}

std::string line(std::size_t index)
{
    return line_of(index, R"("tppe.count":)" + std::to_string(index + 1));
}

class sweep_store : public sweep_files
{
protected:
    void SetUp() override
    {
        sweep_files::SetUp();
        m_out = m_folder / "out" / "deep";
        m_points = m_out / sweep::points_file;
    }
    std::string mistake_of(bool resume, const sweep::identity& which = ours) const
    {
        try {
            store s(m_out, which, resume);
        } catch (const text::user_error& e) {
            return e.what();
        }
        return "";
    }
    void append_raw(const std::string& text) const { std::ofstream(m_points, std::ios::app) << text; }

    fs::path m_out, m_points;
};

TEST_F(sweep_store, lines_are_added_and_sorted_at_the_end)
{
    {
        store s(m_out, ours, false);
        for (const std::size_t i : {3u, 0u, 4u})
            s.append(i, line(i));
        EXPECT_EQ(text_of(m_points), line(3) + "\n" + line(0) + "\n" + line(4) + "\n");
        s.sort();
    }
    EXPECT_EQ(text_of(m_points), line(0) + "\n" + line(3) + "\n" + line(4) + "\n");
    EXPECT_NE(mistake_of(false).find("--resume goes on with it"), std::string::npos);
    store again(m_out, ours, true);
    EXPECT_EQ(again.finished(), (std::vector<bool>{true, false, false, true, true}));
    again.append(1, line(1));
    again.sort();
    EXPECT_EQ(sweep::point_lines(m_out, 5).size(), 4U);
    EXPECT_EQ(std::distance(fs::directory_iterator(m_out), fs::directory_iterator()), 2);
}

TEST_F(sweep_store, a_line_torn_anywhere_is_cut)
{
    const std::string whole = line(2) + "\n", last = line(1) + "\n";
    for (std::size_t bytes = 0; bytes < last.size(); ++bytes) {
        fs::remove_all(m_out);
        {
            store s(m_out, ours, false);
            s.append(2, line(2));
        }
        append_raw(last.substr(0, bytes));
        store s(m_out, ours, true);
        EXPECT_EQ(text_of(m_points), whole) << bytes;
        EXPECT_FALSE(s.finished()[1]);
        s.append(1, line(1));
        EXPECT_EQ(text_of(m_points), whole + last);
    }
}

TEST_F(sweep_store, damage_within_is_told_and_nothing_is_cut)
{
    {
        store s(m_out, ours, false);
        s.append(2, line(2));
    }
    append_raw(line(7) + "\n" + line(1) + "\n"); // of 5 points
    const std::string before = text_of(m_points);
    EXPECT_NE(mistake_of(true).find("points.jsonl:2: not the line of a point of this sweep"), std::string::npos);
    EXPECT_EQ(text_of(m_points), before);
}

// By hand: workload, axis, two that vary together, seeds; and the constraint leaves out the first workload with 2 tiles.
TEST_F(sweep_store, axes_and_indices_are_those_of_the_sweep)
{
    const sweep::identity wide{"base = \"/b\"\nworkloads = [\"/w/one.toml\", \"/w/two.toml\"]\nseeds = 2\n"
                               "\n[axes]\n\"tppe.count\" = [2, 4]\n"
                               "\n[[zip]]\n\"plif.latency\" = [1, 2]\n\"cache.policy\" = [\"lru\", \"lru\"]\n",
                               12, "abc"};
    const std::string one = R"("workload":"one.toml","tppe.count":4,"plif.latency":1,"cache.policy":"lru","seed":)",
                      two = R"("workload":"two.toml","tppe.count":2,"plif.latency":2,"cache.policy":"lru","seed":)";
    const auto told = [&](std::vector<std::string> lines) {
        fs::remove_all(m_out);
        {
            store s(m_out, wide, false);
        }
        for (const std::string& each : lines)
            append_raw(each + "\n");
        const std::string mistake = mistake_of(true, wide);
        return mistake.substr(std::min(mistake.size(), m_points.string().size()));
    };
    EXPECT_EQ(told({line_of(0, one + "1"), line_of(6, two + "1")}), "");
    EXPECT_EQ(told({line_of(6, two + "1"), line_of(1, one + "2"), line_of(0, one + "1")}), "") << "not sorted";
    const std::string wrong = ": not the line of a point of this sweep: ", way_out = "; without it, --resume computes the "
                                                                                     "point again";
    EXPECT_EQ(told({line_of(0, one + "1"), line_of(1, one + "3")}),
              ":2" + wrong + "axes.seed = 3 is no value of this axis" + way_out);
    EXPECT_EQ(told({line_of(0, one + "1.5"), line_of(1, one + "2")}),
              ":1" + wrong + "axes.seed = 1.5 is no value of this axis" + way_out);
    EXPECT_EQ(told({line_of(0, R"("workload":"one.toml")")}), ":1" + wrong + "axes.tppe.count is not where it must be" + way_out);
    EXPECT_EQ(told({line_of(0, one + R"(1,"other":1)")}), ":1" + wrong + "axes.other is no axis" + way_out);
    const std::string index = "which is not that of the point with these axes" + way_out;
    EXPECT_EQ(told({line_of(1, one + "1"), line_of(0, one + "2")}), ":2" + wrong + "index is 0, " + index);
    EXPECT_EQ(told({line_of(11, one + "1")}), ":1" + wrong + "index is 11, " + index);
    EXPECT_EQ(told({line_of(12, one + "1")}), ":1" + wrong + "index is 12 of 12 points" + way_out);
    EXPECT_EQ(told({line_of(0, one + "1"), line_of(1, one + "2"), "{\"index\":"}), "") << "the end may be torn";
    std::string other = line_of(0, one + "1");
    other.replace(other.find("waits"), 5, "hangs");
    EXPECT_EQ(told({line_of(0, one + "1"), other}), ":2: of point 0 another line stands above");
    // Files of one name cannot be told apart by it.
    fs::remove_all(m_out);
    const sweep::identity twins{"base = \"/b\"\n\n[[zip]]\n\"layer.bias_file\" = [\"/a/x\", \"/b/x\"]\n", 2, "abc"};
    store(m_out, twins, false).append(1, line_of(1, R"("layer.bias_file":"x")"));
    EXPECT_EQ(mistake_of(true, twins), "");
}

TEST_F(sweep_store, a_point_that_stands_twice_counts_once)
{
    {
        store s(m_out, ours, false);
    }
    append_raw(line(2) + "\n" + line(2) + "\n" + line(0) + "\n");
    store s(m_out, ours, true);
    s.sort();
    EXPECT_EQ(text_of(m_points), line(0) + "\n" + line(2) + "\n");
}

TEST_F(sweep_store, another_sweep_is_refused_with_what_differs)
{
    {
        store s(m_out, ours, false);
    }
    EXPECT_EQ(sweep::read_identity(m_out).fingerprint, "abc");
    EXPECT_EQ(sweep::read_identity(m_out).points, 5U);
    EXPECT_EQ(sweep::to_text(sweep::read_identity(m_out)), sweep::to_text(ours));
    const std::string told = mistake_of(true, {"base = \"/c\"\n", 5, "abd"});
    EXPECT_NE(told.find("holds another sweep"), std::string::npos);
    EXPECT_NE(told.find("here:  base = \"/c\""), std::string::npos) << told;
    fs::remove(m_out / sweep::sweep_file);
    EXPECT_NE(mistake_of(true).find("sweep.toml: no such file"), std::string::npos);
    write("out/deep/sweep.toml", "base = 3\n");
    EXPECT_NE(mistake_of(true).find("not written by loas-vp sweep"), std::string::npos);
}

TEST_F(sweep_store, resuming_nothing_begins)
{
    EXPECT_EQ(mistake_of(true), "");
    EXPECT_TRUE(fs::exists(m_points));
}

TEST_F(sweep_store, one_sweep_at_a_time)
{
    store s(m_out, ours, false);
    EXPECT_NE(mistake_of(true).find("another sweep is writing there"), std::string::npos);
    s.let_go();
    EXPECT_EQ(mistake_of(true), "");
}

TEST_F(sweep_store, a_folder_of_a_run_or_of_another_sweep_is_replaced_only_by_force)
{
    fs::create_directories(m_out);
    write("out/deep/results.json", "{}");
    EXPECT_NE(mistake_of(false).find("holds the result of a run (results.json); --force replaces it, or give another --out"),
              std::string::npos);
    EXPECT_NE(mistake_of(true).find("holds the result of a run"), std::string::npos);
    {
        store forced(m_out, ours, false, true);
        forced.append(1, line(1));
    }
    EXPECT_FALSE(fs::exists(m_out / "results.json"));
    EXPECT_NE(mistake_of(false).find("--force replaces it"), std::string::npos);
    EXPECT_FALSE(store(m_out, ours, false, true).finished()[1]) << "a sweep that begins again";
}

TEST_F(sweep_store, what_is_no_file_or_no_folder_is_refused)
{
    fs::create_directories(m_out);
    fs::create_symlink("/dev/full", m_points);
    EXPECT_NE(mistake_of(false).find("not a file of points"), std::string::npos);
    EXPECT_NE(mistake_of(true).find("not a file of points"), std::string::npos);
    fs::remove_all(m_out);
    fs::create_directories(m_out);
    ASSERT_EQ(::mkfifo(m_points.c_str(), 0600), 0);
    try {
        sweep::point_lines(m_out, 3);
        ADD_FAILURE() << "a pipe is no file of points";
    } catch (const text::user_error& told) {
        EXPECT_NE(std::string(told.what()).find("points.jsonl: a pipe"), std::string::npos) << told.what();
    }
    fs::remove_all(m_out);
    write("out/deep", "a file");
    EXPECT_NE(mistake_of(false).find("cannot create the folder"), std::string::npos);
}

} // namespace
