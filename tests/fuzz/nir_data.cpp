// NIR's data files as bytes, as inputs of a network: grids, events and events with values.
#include "platform/inputs/input_set.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/formats/load_support.h"
#include "tests/unit/formats/nir_writer.h"

namespace loas::fuzz
{
namespace
{

/// Neurons of the network's Input, and of the seeds.
constexpr network::map_shape input{3, 1, 2, 2};

/// The way to the datasets of a node's only observable.
std::string start(test::nir_writer& writer, const std::string& type)
{
    const std::string place = "/nodes/input/observables/spikes";
    writer.attribute("/", "__type__", "NIRGraphData");
    for (const char* group : {"/nodes", "/nodes/input", "/nodes/input/observables", place.c_str()})
        writer.group(group);
    writer.attribute("/nodes/input", "__type__", "NIRNodeData");
    writer.attribute(place, "__type__", type.c_str());
    return place;
}

std::string grid()
{
    const test::scratch_file file("grid.h5");
    {
        test::nir_writer writer(file.path(), test::string_kind::variable_utf8, true);
        const std::string place = start(writer, "TimeGriddedData");
        writer.attribute(place, "dt", 1e-3);
        writer.floats(place + "/data", {2, 3, 4}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1});
    }
    return file.read();
}

std::string events(bool with_values)
{
    const test::scratch_file file("events.h5");
    {
        test::nir_writer writer(file.path(), test::string_kind::variable_utf8, true);
        const std::string place = start(writer, with_values ? "ValuedEventData" : "EventData");
        writer.attribute(place, "n_neurons", 4);
        writer.attribute(place, "t_max", 8);
        writer.integers(place + "/idx", {2, 3}, {0, 3, -1, 2, 2, 1});
        writer.floats(place + "/time", {2, 3}, {1, 7.5, 0, 2, 2, 8});
        if (with_values)
            writer.floats(place + "/value", {2, 3}, {1, 2, 0, -1, 3, 1});
    }
    return file.read();
}

} // namespace

std::vector<std::string> seeds()
{
    return {grid(), events(false), events(true)};
}

} // namespace loas::fuzz

/// What SystemC's library, behind the table of parameters, would begin with.
extern "C" int sc_main(int, char**)
{
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace loas;
    const fuzz::memory_file file(data, size);
    config::workload_params workload;
    workload.images = file.path();
    fuzz::expect_answer([&] {
        const inputs::input_set set = inputs::open_inputs(workload, fuzz::input, false);
        for (std::size_t i = 0; i < set.count(); ++i)
            if (set.numbers(i).size() != set.frame_size() * (set.over_time() ? set.timesteps() : 1))
                std::abort();
    });
    return 0;
}
