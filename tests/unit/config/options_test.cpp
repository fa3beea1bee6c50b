// What must hold for every parameter of the table, also for those added later; and damaged files.
#include "tests/unit/config/scenario_files.h"

#include "platform/config/options.h"
#include "platform/listing/options_table.h"

#include <algorithm>
#include <string>
#include <vector>

namespace
{

using namespace config_test;

/// A valid value of the option that differs from v.
value other_value(const option& o, const value& v)
{
    if (const auto* x = std::get_if<bool>(&v))
        return !*x;
    if (const auto* x = std::get_if<std::int64_t>(&v)) {
        const auto top = static_cast<std::int64_t>(o.maximum);
        return *x == top ? static_cast<std::int64_t>(o.minimum) : top;
    }
    if (std::holds_alternative<double>(v))
        return o.minimum + (o.maximum - o.minimum) / 3.0; // needs all its digits
    if (!o.words.empty())
        return std::string(o.words.back()); // differs where there is a choice and the first is the default
    return o.is_path() ? std::string("/elsewhere/a \"quoted\" \\ name.npy")
                       : std::string("gr\u00fc\u00dfe \"x\" \\ # y");
}

// --- the table of options ---------------------------------------------------------------------------------------

// A sweep makes the rows once and gives their scenario the values of point after point.
TEST_F(scenario_files, rows_stay_those_of_their_scenario_when_it_is_assigned)
{
    scenario s;
    const std::vector<option> rows = options_of(s);
    scenario other;
    const std::vector<option> others = options_of(other);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const value changed = other_value(others[i], others[i].get());
        others[i].set(changed);
        s = other;
        EXPECT_EQ(rows[i].get(), changed) << rows[i].key;
        s = scenario();
        rows[i].set(changed);
        EXPECT_EQ(options_of(s)[i].get(), changed) << rows[i].key;
    }
}

TEST_F(scenario_files, every_default_is_allowed_and_every_range_is_enforced)
{
    scenario s;
    for (const option& o : options_of(s)) {
        EXPECT_EQ(o.problem(o.get()), "") << o.key;
        const std::string key(o.key);
        std::vector<value> wrong;
        if (o.is_integer())
            wrong = {static_cast<std::int64_t>(o.minimum) - 1, static_cast<std::int64_t>(o.maximum) + 1, INT64_MAX};
        else if (o.is_number())
            wrong = {o.minimum > 0 ? o.minimum / 2 : -1e-9, -1 - o.minimum, o.maximum * 2};
        else if (!o.words.empty())
            wrong = {std::string("no_such_word")};
        for (const value& v : wrong) {
            const std::string text = to_toml(v);
            EXPECT_TRUE(contains(mistake(key + " = " + text), "case.toml:1: " + key + " = ")) << key << " " << text;
            const std::string plain = std::holds_alternative<std::string>(v) ? std::get<std::string>(v) : text;
            EXPECT_TRUE(contains(mistake("", {key + "=" + plain}), key + " = ")) << key << " " << text;
        }
        if (o.is_integer() || o.is_number()) {
            o.set(o.is_integer() ? value(static_cast<std::int64_t>(o.maximum)) : value(o.maximum));
            EXPECT_EQ(o.problem(o.get()), "") << o.key << ": the member must hold the maximum";
        }
    }
}

TEST_F(scenario_files, rows_are_unique_grouped_and_complete)
{
    scenario s;
    std::vector<std::string> keys, tables;
    for (const option& o : options_of(s)) {
        EXPECT_EQ(std::count(keys.begin(), keys.end(), std::string(o.key)), 0) << o.key;
        keys.emplace_back(o.key);
        if (tables.empty() || tables.back() != o.table_name()) {
            EXPECT_EQ(std::count(tables.begin(), tables.end(), std::string(o.table_name())), 0) << o.key;
            tables.emplace_back(o.table_name());
        }
        EXPECT_FALSE(o.help.empty()) << o.key;
        EXPECT_FALSE(o.source.empty()) << o.key;
    }
}

TEST_F(scenario_files, a_dump_loads_to_an_equal_scenario)
{
    for (const char* fidelity : {"literal", "published"}) {
        const scenario s = load("workload = { network = 'n', images = 'i' }", {std::string("fidelity=") + fidelity});
        EXPECT_EQ(load(dump(s)), s) << dump(s);
    }
    scenario changed = load("");
    for (const option& o : options_of(changed)) {
        const value before = o.get();
        const value after = other_value(o, before);
        ASSERT_EQ(o.problem(after), "") << o.key;
        o.set(after);
        EXPECT_TRUE(o.get() != before || o.words.size() == 1) << o.key;
    }
    changed.tppe.columns_per_sync = changed.tppe.accumulator_sets; // 65535 would break a rule
    changed.tppe.chunk_bits = 512;
    changed.accelerator = "dense-snn"; // the last one carries no potentials
    changed.cache.ways = 1;
    changed.dram.banks_per_group = 4;
    changed.dram.lose_response = 0;
    changed.dram.write_low = 1;
    changed.dram.timing.t_refi = 0; // no refresh
    changed.workload.single_spike_mask = false; // blocks have none
    settle(changed);
    changed.accelerator = "dense-snn";              // of bytes there are no networks
    changed.workload.kind = workload_kind::network; // so would a layer of the largest sizes
    const scenario again = load(dump(changed));
    EXPECT_EQ(again, changed);
    EXPECT_EQ(dump(again), dump(changed));
}

TEST_F(scenario_files, a_change_of_any_option_alone_survives_the_dump)
{
    const scenario defaults = load("");
    scenario changed = defaults;
    for (const option& o : options_of(changed)) {
        const value before = o.get();
        o.set(other_value(o, before));
        settle(changed);
        scenario again;
        try {
            again = load(dump(changed));
            EXPECT_EQ(again, changed) << o.key;
        } catch (const loas::text::user_error& e) {
            // Only a rule between two parameters may object.
            EXPECT_TRUE(contains(e.what(), "is more than")) << e.what();
        }
        o.set(before);
    }
    EXPECT_EQ(changed, defaults);
}

TEST_F(scenario_files, effective_values_are_complete_and_free_of_folders)
{
    const scenario s = load("workload.network = 'a/b.nir'");
    scenario copy = s;
    const std::vector<option> options = options_of(copy);
    const auto values = effective_values(s);
    ASSERT_EQ(values.size(), options.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        EXPECT_EQ(values[i].first, options[i].key);
        if (values[i].first == "workload.network")
            EXPECT_EQ(std::get<std::string>(values[i].second), "b.nir");
        else
            EXPECT_EQ(values[i].second, options[i].get()) << values[i].first;
    }
}

TEST_F(scenario_files, the_list_of_options_fits_the_screen_and_is_complete)
{
    const std::string text = loas::listing::options_table(false), json = loas::listing::options_table(true);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        ASSERT_NE(end, std::string::npos);
        EXPECT_LE(end - begin, 100U) << text.substr(begin, end - begin);
        EXPECT_TRUE(end == begin || text[end - 1] != ' ') << text.substr(begin, end - begin);
        begin = end + 1;
    }
    scenario s;
    for (const option& o : options_of(s)) {
        EXPECT_TRUE(contains(text, "\n" + std::string(o.key) + " ")) << o.key;
        EXPECT_TRUE(contains(json, "\"key\": \"" + std::string(o.key) + "\"")) << o.key;
    }
}

// --- robustness -------------------------------------------------------------------------------------------------

TEST_F(scenario_files, damaged_files_load_or_are_told_apart)
{
    write("base.toml", "[queue]\nentries = 32\n");
    const std::string good = "# what if\nname = \"gr\u00fc\u00dfe\"\ninclude = ['base.toml']\nfidelity = 'published'\n"
                             "[workload]\nnetwork = \"a/b.nir\" # net\ninput_scale = 3.9e-3\ntimesteps = 0x4\n"
                             "[tppe]\ncount = 1_6\nlaggy_ideal = false\n[memory]\nbackend = 'ideal'\n";
    EXPECT_EQ(mistake(good), "");
    std::size_t loaded = 0, refused = 0;
    const auto attempt = [&](const std::string& text) {
        try {
            const scenario s = load(text);
            ASSERT_EQ(load(dump(s)), s) << text;
            ++loaded;
        } catch (const loas::text::user_error& e) {
            ASSERT_FALSE(std::string(e.what()).empty());
            ++refused;
        } catch (const std::exception& e) {
            FAIL() << e.what() << "\n" << text;
        }
    };
    for (std::size_t length = 0; length < good.size(); ++length)
        attempt(good.substr(0, length));
    const std::string bytes = std::string(1, '\0') + "\x01\n\r\t \"'#.=[]{},\\09zZ_-+\x7f\x80\xc3\xff";
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char byte : bytes) {
            std::string text = good;
            text[at] = byte;
            attempt(text);
        }
    }
    EXPECT_GT(loaded, 100U);
    EXPECT_GT(refused, 1000U);
}

} // namespace
