// Whose a file is, by the numbers of its neurons, and what is assumed of it.
#include "platform/lowering/mapper.h"
#include "platform/network/read_graph.h"
#include "tests/unit/lowering/random_network.h"

#include <gmock/gmock.h>

namespace
{

using namespace loas;
using test::graph_builder;
using testing::HasSubstr;

TEST(dialect, is_recognised_by_the_numbers_of_neurons)
{
    const auto of = [](const std::string& name, const std::string& type, double tau, double r) {
        graph_builder builder = test::small_network();
        for (const char* lif : {"lif1", "lif2"}) {
            builder.fill("tau", {1}, tau, lif).fill("r", {1}, r, lif).at(lif).type = type;
        }
        for (auto& [from, to] : builder.graph.edges)
            for (std::string* end : {&from, &to})
                *end = *end == "lif1" ? name : *end;
        builder.at("lif1").name = name;
        network::graph nodes = network::read_graph(builder.graph);
        return lowering::recognise_dialect(nodes, {});
    };
    EXPECT_EQ(of("1", "LIF", 9.99999698e-4, 9.99999714).exporter, "snnTorch");
    EXPECT_EQ(of("1", "LIF", 9.99999698e-4, 9.99999714).reset, lowering::neuron_reset::delayed);
    EXPECT_NEAR(of("1", "LIF", 9.99999698e-4, 9.99999714).time_step, 1e-4, 1e-9);
    EXPECT_EQ(of("_1", "LIF", 2e-4, 1).exporter, "SpikingJelly");
    EXPECT_TRUE(of("_1", "LIF", 2e-4, 1).fires_at_threshold);
    EXPECT_EQ(of("_1", "LIF", 2e-4, 1).reset, lowering::neuron_reset::hard);
    EXPECT_EQ(of("m1", "LIF", 0.01, 1).exporter, "Norse");
    EXPECT_EQ(of("m1", "IF", 0, 1).exporter, "Norse");
    EXPECT_EQ(of("1", "IF", 0, 1).exporter, "Sinabs");
    EXPECT_EQ(of("1", "IF", 0, 1).reset, lowering::neuron_reset::soft);
    EXPECT_EQ(of("lif1", "LIF", 2, 2).exporter, "");
    EXPECT_EQ(of("lif1", "LIF", 2, 2).time_step, 1);
}

TEST(dialect, takes_the_time_step_that_most_neurons_show)
{
    const auto network = [](double r1, double r2, double tau2) {
        graph_builder builder = test::small_network();
        builder.fill("r", {1}, r1, "lif1").fill("tau", {1}, 2, "lif1");
        builder.fill("r", {1}, r2, "lif2").fill("tau", {1}, tau2, "lif2");
        return network::read_graph(builder.graph);
    };
    network::graph agree = network(20, 40, 4); // the gains of lif1 and lif2 are 1 with 0.1
    EXPECT_EQ(lowering::recognise_dialect(agree, {}).time_step, 0.1);
    EXPECT_THAT(agree.warnings, testing::IsEmpty());

    network::graph differ = network(20, 4, 4);
    EXPECT_EQ(lowering::recognise_dialect(differ, {}).time_step, 0.1);
    ASSERT_EQ(differ.warnings.size(), 1u);
    EXPECT_THAT(differ.warnings[0].text,
                HasSubstr("are those of several time steps: 0.1 by 'lif1'; 1 by 'lif2'; 0.1 is taken"));
    EXPECT_THAT(differ.warnings[0].text, HasSubstr("workload.time_step"));

    network::graph given = network(20, 4, 4);
    EXPECT_EQ(lowering::recognise_dialect(given, {1.0, {}}).time_step, 1);
    EXPECT_THAT(given.warnings.at(0).text, HasSubstr("the time step is 1, but gains are those of another: 0.1 by 'lif1'; these are taken as gains that are not 1"));

    network::graph gain = network(3, 4, 4); // a gain of 1.5, and not one of 1 with 0.667
    EXPECT_EQ(lowering::recognise_dialect(gain, {1.0, {}}).time_step, 1);
    EXPECT_THAT(gain.warnings, testing::IsEmpty());
    network::graph both = network(3, 6, 4);
    lowering::recognise_dialect(both, {1.0, {}});
    EXPECT_THAT(both.warnings.at(0).text, HasSubstr("those of another: 0.666666667 by 'lif1', 'lif2'"));

    network::graph too_long = network(0.25, 80, 8); // 8 by lif1, whose own tau is 2
    EXPECT_EQ(lowering::recognise_dialect(too_long, {}).time_step, 0.1);
    ASSERT_EQ(too_long.warnings.size(), 1u);
    EXPECT_THAT(too_long.warnings[0].text, HasSubstr("8 by 'lif1', as its gain is, would be longer than the tau of 'lif1', 2"));

    graph_builder sums = test::small_network(); // an I of r = 1 adds up, and says nothing of time
    sums.fill("r", {1}, 20, "lif1").fill("r", {1}, 1, "lif2").at("lif2").type = "I";
    for (const std::optional<double> step : {std::optional<double>(), std::optional(0.1)}) {
        network::graph read = network::read_graph(sums.graph);
        EXPECT_EQ(lowering::recognise_dialect(read, {step, {}}).time_step, 0.1);
        EXPECT_THAT(read.warnings, testing::IsEmpty());
    }

    graph_builder channels = test::small_network(); // a gain of each channel is no gain of 1
    channels.array("r", {2, 4, 4}, std::vector<double>(32, 20), "lif1").fill("r", {1}, 1, "lif2");
    channels.at("lif1").arrays["r"].values[31] = 30;
    network::graph own = network::read_graph(channels.graph);
    EXPECT_THAT(lowering::recognise_dialect(own, {}).time_step_from, HasSubstr("assumed"));
}

TEST(dialect, says_how_to_give_a_time_step_that_was_assumed)
{
    graph_builder builder = test::small_network();
    builder.at("lif1").type = "CubaLIF";
    builder.fill("r", {1}, 1, "lif1").fill("r", {1}, 1, "lif2").fill("tau", {1}, 0.1, "lif2");
    builder.fill("tau_mem", {1}, 0.01, "lif1").fill("tau_syn", {1}, 0.0005, "lif1").erase("tau", "lif1");
    lowering::map_options options{1, {}, {}, {}, 1};
    EXPECT_THAT(lowering::lower_network(builder.graph, options).nodes.findings.at(0).text,
                HasSubstr("tau_syn is 0.0005, less than the time step of 0.001, which is assumed, as the file looks like "
                          "Norse's (--set workload.time_step=... says another)"));
    options.time_step = 0.001;
    EXPECT_THAT(lowering::lower_network(builder.graph, options).nodes.findings.at(0).text,
                testing::EndsWith("tau_syn is 0.0005, less than the time step of 0.001"));
}

} // namespace
