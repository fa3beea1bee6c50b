// The published evaluation: the scoreboard is within its promised distance of what was published, and the page in the
// project is what the command writes.
#include "platform/published/scoreboard.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

using namespace loas;

namespace
{

#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t networks = 1;
#else
constexpr std::size_t networks = 3;
#endif

// The one of the page; under the sanitizers of one network, with fewer seeds and without machines. The tests share it;
// it takes a minute.
const published::scoreboard& board()
{
#ifdef __SANITIZE_ADDRESS__
    static const published::scoreboard made =
        published::make_scoreboard({{"alexnet"}, 2, LOAS_SOURCE_DIR "/scenarios", false});
#else
    static const published::scoreboard made =
        published::make_scoreboard({{}, published::default_seeds, LOAS_SOURCE_DIR "/scenarios"});
#endif
    return made;
}

} // namespace

#ifndef __SANITIZE_ADDRESS__
// VGG16 on designs for ANNs and of dense weights: of the dense folds each published layer is exact, SparTen's cycles
// are near, and the factors from one ratio to the other are those of the figures.
TEST(scoreboard, has_designs_of_other_kinds)
{
    const auto json = nlohmann::json::parse(published::to_json(board()));
    std::map<std::string, nlohmann::json> of;
    for (const auto& network : json["networks"]) {
        EXPECT_EQ(network["others"].empty(), network["name"] != "vgg16");
        for (const auto& each : network["others"])
            of[each["design"]] = each;
    }
    ASSERT_EQ(of.size(), 6u);
    std::size_t exact = 0;
    for (const auto& layer : of["ptb"]["layers"])
        if (layer.contains("published_cycles")) {
            EXPECT_EQ(layer["accounting_cycles"], layer["published_cycles"]) << layer["name"];
            ++exact;
        }
    EXPECT_EQ(exact, 5u);
    const auto& sparten = of["sparten-ann"]["layers"].back();
    EXPECT_NEAR(sparten["accounting_cycles"].get<double>() / sparten["published_cycles"].get<double>(), 1, 0.05);
    const auto total = [&](const char* design, const char* figure) {
        return of.at(design)["layers"].back()[figure].get<double>();
    };
    EXPECT_GT(total("ptb", "accounting_cycles"), 3 * total("ptb", "literal_cycles"));
    EXPECT_FALSE(of["spinalflow"]["layers"].back().contains("accounting_cycles"));
    const std::string page = published::to_markdown(board());
    EXPECT_NE(page.find(fmt::format("| {:.2f} |\n\n**Energy of an event",
                                    total("ptb", "literal_cycles") / total("loas", "literal_cycles"))),
              std::string::npos);
}
#endif

TEST(scoreboard, is_near_the_published_evaluation)
{
    const auto json = nlohmann::json::parse(published::to_json(board()));
    ASSERT_EQ(json["networks"].size(), networks);
    EXPECT_TRUE(json["golden_equal"]);
    for (const auto& network : json["networks"]) {
        if (network["name"] == "resnet19")
            continue; // a prediction
        for (const auto& median : network["median_cycle_deviation_percent"])
            EXPECT_LE(median.get<double>(), 5.0) << network["name"];
        for (const auto& layer : network["layers"]) {
            // Of the late layers those of 2 x 2 pixels are further off, see the page.
            if (const std::string name = layer["name"]; name == "V-L8" || name == "V-L9" || name == "V-L10") {
                for (const char* form : {"normal", "ft"})
                    EXPECT_LE(std::abs(layer[form]["deviation_percent"]["cycles"].get<double>()), 3.0) << name;
            }
            EXPECT_TRUE(layer["counts_matched"]) << layer["name"];
            // DRAM traffic follows from shapes and counts, to what is printed in the authors' files; but in the layers
            // with the fewest weights a tile some tiles are empty in our placement, which then hit in the buffer.
            const bool sparse_tiles = layer["name"] == "V-L12" || layer["name"] == "V-L13" || layer["name"] == "total";
            for (const char* form : {"normal", "ft"})
                EXPECT_LE(std::abs(layer[form]["deviation_percent"]["dram"].get<double>()), sparse_tiles ? 0.3 : 1e-4)
                    << layer["name"];
        }
        const auto& total = network["layers"].back();
        ASSERT_EQ(total["name"], "total");
        for (const char* form : {"normal", "ft"}) {
            const auto& deviation = total[form]["deviation_percent"];
            EXPECT_LE(std::abs(deviation["cycles"].get<double>()), 2.0) << network["name"] << form;
            EXPECT_LE(std::abs(deviation["matches"].get<double>()), 1.0) << network["name"] << form;
            EXPECT_LE(std::abs(deviation["dram"].get<double>()), 1.0) << network["name"] << form;
            EXPECT_LE(std::abs(deviation["sram"].get<double>()), 5.0) << network["name"] << form;
            const double energy = total[form]["accounting_energy"], published = total[form]["published_energy"];
            EXPECT_NEAR(energy / published, 1.0, 0.05) << network["name"] << form; // matches too are placement's
        }
    }
}

// Their cycles are those of the slowest column or row, so they depend on the placement more than LoAS's. SparTen comes
// out low on the mean of any number of workloads; 4 of them know it to 1.2 % only, 32 to 0.4 % (AlexNet).
TEST(scoreboard, rivals_are_near_the_published_evaluation)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "takes minutes under the sanitizers, which see the same code in the other tests";
#endif
    const std::pair<const char*, double> cycle_limits_percent[] = {{"sparten", 5}, {"gospa", 12}, {"gamma", 6}};
    const auto json = nlohmann::json::parse(published::to_json(board()));
    for (const auto& network : json["networks"]) {
        if (network["name"] != "alexnet" && network["name"] != "vgg16")
            continue;
        const auto& total = network["layers"].back()["rivals"];
        for (const auto& [rival, limit] : cycle_limits_percent) {
            const auto& deviation = total[rival]["deviation_percent"];
            EXPECT_LE(std::abs(deviation["cycles"].get<double>()), limit) << network["name"] << rival;
            const auto& cycles = total[rival]["accounting"]["cycles"];
            const double known_to = cycles["standard_error"].get<double>() / cycles["mean"].get<double>();
            EXPECT_LE(known_to, std::string(rival) == "sparten" ? 0.005 : 0.01) << network["name"] << rival;
            EXPECT_LE(std::abs(deviation["dram"].get<double>()), 5.0) << network["name"] << rival;
            EXPECT_LE(std::abs(deviation["sram"].get<double>()), 3.0) << network["name"] << rival;
            const double energy = total[rival]["accounting_energy"], published = total[rival]["published_energy"];
            EXPECT_NEAR(energy / published, 1.0, 0.05) << network["name"] << rival;
        }
    }
}

// The variance as half the mean square of what two workloads differ by.
TEST(scoreboard, says_how_well_a_mean_is_known)
{
    for (const published::network_score& network : board().networks)
        for (const published::rival_score& rival : network.layers.back().rivals) {
            const double count = static_cast<double>(rival.seeds.size());
            double squares = 0;
            for (const auto& one : rival.seeds)
                for (const auto& other : rival.seeds) {
                    const double apart = static_cast<double>(one.cycles) - static_cast<double>(other.cycles);
                    squares += apart * apart;
                }
            const double variance = squares / (2 * count * (count - 1));
            EXPECT_NEAR(rival.rule.cycles.standard_error, std::sqrt(variance / count), 1e-6) << network.name;
            EXPECT_GT(rival.rule.cycles.standard_error, 0) << network.name;
        }
}

// The order of speed that was published holds of our workload, and for the network that was not.
TEST(scoreboard, rivals_are_slower_than_loas)
{
    for (const published::network_score& network : board().networks) {
        const published::layer_score& total = network.layers.back();
        double faster = total.form[0].rule.cycles.mean;
        for (std::size_t i = total.rivals.size(); i-- > 0;) { // Gamma, GoSPA, SparTen
            EXPECT_GT(total.rivals[i].rule.cycles.mean, faster) << network.name << published::rival_designs()[i].title;
            faster = total.rivals[i].rule.cycles.mean;
        }
    }
}

// The hardware is never faster than the accounting, which leaves things out; each step of the walk ends where the
// hardware is.
TEST(scoreboard, walks_from_the_accounting_to_the_hardware)
{
    ASSERT_EQ(board().walks.size(), networks);
    for (const published::walk& walked : board().walks) {
        ASSERT_EQ(walked.steps.size(), 11u) << walked.layer;
        EXPECT_LT(walked.steps.front().cycles, walked.steps.back().cycles);
        for (const published::network_score& network : board().networks)
            for (const published::layer_score& layer : network.layers)
                if (layer.name == walked.layer) {
                    EXPECT_EQ(static_cast<double>(walked.steps.front().cycles) > 0.9 * layer.form[0].rule.cycles.low,
                              true);
                    const double end = static_cast<double>(walked.steps.back().cycles);
                    EXPECT_NEAR(end / static_cast<double>(layer.form[0].literal.cycles), 1.0, 0.01) << walked.layer;
                }
    }
}

TEST(scoreboard, packed_fibers_store_more_information_a_bit)
{
    for (const published::network_score& network : board().networks)
        for (const published::score& form : network.layers.back().form) {
            EXPECT_GT(form.storage.packed_efficiency(), form.storage.csr_efficiency()) << network.name;
            EXPECT_GT(form.storage.packed_efficiency(), form.storage.timestep_bitmask_efficiency()) << network.name;
        }
}

TEST(scoreboard, the_page_is_current)
{
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "takes minutes under the sanitizers: the page is compared in a release build";
#endif
    std::ifstream file(LOAS_SOURCE_DIR "/scenarios/published/RESULTS.md");
    std::stringstream page;
    page << file.rdbuf();
    EXPECT_EQ(page.str(), published::to_markdown(board())) << "loas-vp published --out scenarios/published/RESULTS.md";
}

TEST(scoreboard, fits_the_screen)
{
    std::istringstream lines(published::to_text(board()));
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 100u) << line;
}
