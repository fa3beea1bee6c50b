// A network with branches through all of it: from a NIR file to the result, on each design.
#include "platform/config/scenario.h"
#include "platform/designs/design.h"
#include "platform/run/simulate.h"
#include "tests/unit/formats/nir_writer.h"
#include "tests/unit/lowering/branching_network.h"

namespace
{

using namespace loas;
using test::branching_network;

void write_nir(const std::string& path, const formats::nir_graph& graph)
{
    test::nir_writer file(path);
    for (const formats::nir_node& node : graph.nodes) {
        file.node(node.name, node.type);
        for (const auto& [name, array] : node.arrays)
            file.floats("/node/nodes/" + node.name + "/" + name, {array.shape.begin(), array.shape.end()},
                        array.values);
    }
    file.edges(graph.edges);
}

/// A neuron of the host, an identity, a projection that takes every other pixel, spikes added up, and a readout of two
/// layers.
branching_network network()
{
    branching_network net({1, 6, 6, {}}, 3);
    const std::string start = net.lif({net.conv({"input"}, 3, 3, 1, 1)});
    const std::string inner = net.cuba({net.conv({start}, 3, 3, 1, 1)});
    const std::string same = net.lif({net.conv({inner}, 3, 3, 1, 1), start});
    const std::string down = net.lif({net.conv({same}, 4, 3, 2, 1)});
    const std::string half = net.lif({net.conv({down}, 4, 3, 1, 1), net.conv({same}, 4, 1, 2, 0)});
    net.output({net.affine({half, down}, 5), net.affine({same}, 5)});
    return net;
}

class branches : public testing::TestWithParam<std::string>
{
};

TEST_P(branches, run_golden_equal)
{
    const test::scratch_file nir("branches.nir"), images("images.npy");
    write_nir(nir.path(), network().builder.graph);
    std::string pixels;
    for (int i = 0; i < 2 * 36; ++i)
        pixels += static_cast<char>(i * 37 % 17);
    images.write(test::npy_bytes("|u1", "(2, 6, 6)", pixels));
    const config::scenario scenario = config::default_scenario(
        {"accelerator=" + GetParam(), "workload.network=" + nir.path(), "workload.images=" + images.path(),
         "workload.time_step=1", "workload.reset=hard", "workload.float_images=2"});
    run::host_times times;
    run::told tells;
    tells.quiet = true;
    const results::run_result result = run::simulate(scenario, {}, tells, times);
    EXPECT_EQ(result.golden(), "equal") << result.golden_differences.front();
    ASSERT_EQ(result.layers.size(), 5u);
    const std::size_t sources[] = {0, 2, 0, 2, 3};
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_GT(result.layers[i].spikes, 0u) << "a test in which something happens";
        ASSERT_EQ(result.layers[i].joined.has_value(), sources[i] > 0) << i;
        ASSERT_EQ(result.layers[i].host_neurons.has_value(), i == 0) << i;
        if (!result.layers[i].joined)
            continue;
        EXPECT_EQ(result.layers[i].joined->sources.size(), sources[i]) << i;
        EXPECT_GT(result.layers[i].joined->written_bytes, 0u);
        EXPECT_GT(result.layers[i].joined->host_ns, 0u);
    }
    EXPECT_EQ(result.layers[0].host_neurons->read_bytes, 2u * 4 * 36 * 3 * 4) << "currents of 2 images";
    EXPECT_EQ(result.floats.layers.size(), 5u);
    for (const results::float_layer& layer : result.floats.layers)
        EXPECT_LT(layer.disagreement, 0.1) << layer.name;
    const results::run_result again = results::from_json(results::to_json(result));
    EXPECT_EQ(results::to_json(again), results::to_json(result));
}

INSTANTIATE_TEST_SUITE_P(designs, branches, testing::ValuesIn([] {
                             std::vector<std::string> words;
                             for (const designs::design* each : designs::all())
                                 if (!each->bytes) // of an ANN
                                     words.emplace_back(each->word);
                             return words;
                         }()),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
