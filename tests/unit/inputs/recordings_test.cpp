// Recordings of events, and NIR's data files, as inputs of a network.
#include "tests/unit/inputs/network_inputs.h"

#include "tests/unit/formats/nir_writer.h"
#include "tests/unit/formats/npz_writer.h"

namespace
{

using namespace loas;
using inputs::input_set;
using inputs::open_inputs;
using network::map_shape;
using test::network_inputs;
using test::npy_bytes;
using test::scratch_file;
using test::user_error_of;
using test::zeros;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string event(unsigned t, unsigned x, unsigned y, unsigned p)
{
    const auto byte = [](unsigned value) { return static_cast<char>(value); };
    return {byte(t), byte(t >> 8), byte(x), byte(p), byte(y)};
}
constexpr const char* event_type = "[('timestamp', '<u2'), ('x', '|u1'), ('p', '|b1'), ('y', '|u1')]";

std::string events_file(const std::string& events)
{
    std::string file = npy_bytes("?", "(" + std::to_string(events.size() / 5) + ",)", events);
    const std::size_t at = file.find("'?'");
    const std::string type = event_type;
    file.replace(at, 3, type);
    file.erase(file.find("}") + 1, type.size() - 3); // blanks
    return file;
}

TEST_F(network_inputs, events_become_frames)
{
    m_images.write(events_file(event(1010, 1, 0, 1) + event(1000, 0, 0, 0) + event(1019, 1, 0, 1) + event(1012, 1, 0, 1)));
    const map_shape camera{3, 2, 1, 2};
    m_workload.timesteps = 2; // of 9.5 each
    input_set set = open(camera);
    EXPECT_TRUE(set.are_binary());
    // [timestep][column][channel]
    EXPECT_THAT(set.numbers(0), ElementsAre(1, 0, 0, 0, 0, 0, 0, 1));
    EXPECT_THAT(set.warnings(), ElementsAre(HasSubstr("2 of 4 events fall on a pixel and timestep that had one")));
    EXPECT_THAT(set.told(), ElementsAre("1 recording with 4 events, in 2 timesteps of 9.5 in the unit of t (microseconds "
                                        "as a rule), equal shares of each (workload.event_step says how long one is): 1 "
                                        "to 3 events a timestep"));
    m_workload.event_counts = true;
    EXPECT_THAT(open(camera).numbers(0), ElementsAre(1, 0, 0, 0, 0, 0, 0, 3));
    EXPECT_FALSE(open(camera).are_binary());
    m_workload.event_step = 5;
    EXPECT_EQ(open(camera, false).timesteps(), 4u);
    EXPECT_EQ(open(camera, false).timesteps_reason(), ", as the longest recording has");
    EXPECT_THAT(open(camera, false).told(), ElementsAre(HasSubstr("in 4 timesteps of 5 in the unit of t (microseconds as a "
                                                                  "rule): 0 to 2 events a timestep")));
    EXPECT_THAT(open(camera).warnings(), ElementsAre("3 of 4 events come after timestep 2 and are left out; "
                                                     "workload.event_step=9.6 takes all, or more workload.timesteps"));
    m_workload.event_step = 9.6;
    EXPECT_THAT(open(camera).warnings(), IsEmpty());
    m_workload.event_step = 5;
    EXPECT_THAT(error_of({3, 2, 1, 1}), HasSubstr("network whose Input is (1, H, W) or (2, H, W)"));
    EXPECT_THAT(error_of({3, 3, 1, 2}), HasSubstr("network whose Input"));
    m_images.write(npy_bytes("|u1", "(2, 4)", zeros(8)));
    EXPECT_THAT(error_of(camera), HasSubstr("if its rows are events, they must be records with the fields x, y, t and p"));
    m_images.write(events_file(event(1, 1, 0, 0) + event(1, 0, 1, 0)));
    EXPECT_THAT(error_of(camera), HasSubstr("event 1 has y = 1, but the network's input has 0..0 there"));
}

TEST_F(network_inputs, recordings_of_an_archive)
{
    m_workload.images = m_archive.path();
    const map_shape camera{3, 1, 1, 2};
    test::write_archive(m_archive.path(),
                        {{"arr_0.npy", events_file(event(0, 1, 0, 1))}, {"arr_1.npy", events_file("")},
                         {"labels.npy", npy_bytes("|u1", "(2,)", {1, 0})}},
                        true);
    const input_set set = open(camera);
    EXPECT_EQ(set.count(), 2u);
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 1, 0, 0)) << "one channel takes both polarities";
    EXPECT_THAT(set.numbers(1), Each(0));
    EXPECT_THAT(set.warnings(), ElementsAre("1 of 2 recordings hold no events: their inputs are silent"));
    EXPECT_THAT(set.told(), ElementsAre(HasSubstr("2 recordings with 1 events, in 2 timesteps of 0 in")));
    EXPECT_THAT(set.labels(), ElementsAre(1, 0));
    // As others write them: an array for each field.
    test::write_archive(m_archive.path(),
                        {{"t.npy", npy_bytes("|u1", "(2,)", {7, 9})}, {"x.npy", npy_bytes("|u1", "(2,)", {1, 0})},
                         {"y.npy", npy_bytes("|u1", "(2,)", zeros(2))}, {"p.npy", npy_bytes("|i1", "(2,)", {-1, 1})}},
                        true);
    EXPECT_THAT(open({3, 2, 1, 2}).numbers(0), ElementsAre(0, 0, 1, 0, 0, 1, 0, 0));
    // With its label, and what is no field: y is a place and no class.
    test::write_archive(m_archive.path(),
                        {{"t.npy", npy_bytes("|u1", "(1,)", {7})}, {"x.npy", npy_bytes("|u1", "(1,)", {1})},
                         {"y.npy", npy_bytes("|u1", "(1,)", {0})}, {"sensor.npy", npy_bytes("|u1", "(1,)", {3})},
                         {"labels.npy", npy_bytes("|u1", "(1,)", {5})}},
                        true);
    EXPECT_THAT(open(camera).labels(), ElementsAre(5));
}

class nir_data_inputs : public network_inputs
{
protected:
    nir_data_inputs() { m_workload.images = m_file.path(); }

    /// Groups up to the observable; `write` fills it.
    template <class writing>
    void write(const char* type, const writing& fill, const std::vector<std::string>& nodes = {"in", "lif"})
    {
        test::nir_writer file(m_file.path(), test::string_kind::variable_utf8, true);
        file.attribute("/", "__type__", "NIRGraphData");
        file.group("/nodes");
        for (const std::string& node : nodes) {
            const std::string path = "/nodes/" + node;
            file.group(path);
            file.attribute(path, "__type__", "NIRNodeData");
            file.group(path + "/observables");
            file.group(path + "/observables/spikes");
            file.attribute(path + "/observables/spikes", "__type__", type);
            fill(file, path + "/observables/spikes");
        }
    }
    input_set open(bool timesteps_given = true) { return open_inputs(m_workload, m_shape, timesteps_given, "in"); }
    std::string error() { return user_error_of([&] { open().numbers(0); }); }

    scratch_file m_file{"data.h5"};
    map_shape m_shape{3, 2, 1, 2}; // two channels of two pixels
};

TEST_F(nir_data_inputs, grids_of_timesteps)
{
    // neurons of timestep 0, then 1; of sample 0, then 1: neuron 2 is pixel 0 of channel 1
    const std::vector<double> data{0, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0};
    const auto grid = [&](test::nir_writer& file, const std::string& path) {
        file.numbers(path + "/data", {2, 2, 4}, data, H5T_STD_I8LE, true);
        file.attribute(path, "dt", 0.5);
    };
    write("TimeGriddedData", grid);
    m_workload.time_step = 0.5;
    input_set set = open(false);
    EXPECT_EQ(set.count(), 2u);
    EXPECT_EQ(set.timesteps(), 2u);
    EXPECT_EQ(set.time_step(), 0.5);
    EXPECT_TRUE(set.are_binary() && set.over_time());
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 1, 0, 0, 1, 0, 0, 1)); // channels of a pixel together
    EXPECT_THAT(set.numbers(1), ElementsAre(0, 0, 0, 0, 0, 0, 1, 0));
    EXPECT_THAT(set.warnings(), IsEmpty());
    EXPECT_THAT(set.settings(), ElementsAre("workload.images=" + m_file.path() + ":in/spikes"));
    m_workload.time_step = 1;
    EXPECT_THAT(open(false).warnings(), ElementsAre("a timestep of the inputs is 0.5 long, but workload.time_step = 1"));
    m_workload.timesteps = 3;
    EXPECT_THAT(error(), HasSubstr("holds 2 timesteps, fewer than workload.timesteps = 3"));
    m_shape = {3, 2, 1, 1};
    EXPECT_THAT(error(), HasSubstr("in/spikes is of 4 neurons, but the network's input is (2, 1, 1), 2"));
    m_workload.images = m_file.path() + ":lif";
    EXPECT_THAT(error(), HasSubstr("lif/spikes is of 4 neurons"));
    m_workload.images = m_file.path() + ":lif/v";
    EXPECT_THAT(error(), HasSubstr("'lif' has no observable 'v'. It has in/spikes, lif/spikes; FILE.h5:NODE/OBSERVABLE"));
    m_workload.images = m_file.path();
    write("TimeGriddedData", grid, {"a", "b"});
    EXPECT_THAT(error(), HasSubstr("no node is called 'in', as the network's Input. It has a/spikes, b/spikes"));
    write("Spikes", grid);
    EXPECT_THAT(error(), HasSubstr("its attribute '__type__' is 'Spikes', expected TimeGriddedData, EventData or"));
    write("TimeGriddedData", [&](test::nir_writer& file, const std::string& path) {
        file.numbers(path + "/data", {4, 4}, data, H5T_STD_I8LE);
    });
    EXPECT_THAT(error(), HasSubstr("/data: shape is (4, 4), expected (samples, timesteps, neurons)"));
    write("TimeGriddedData", [&](test::nir_writer& file, const std::string& path) {
        file.numbers(path + "/data", {2, 2, 4}, data, H5T_STD_I8LE);
    });
    EXPECT_THAT(error(), HasSubstr("/nodes/in/observables/spikes: has no attribute 'dt'"));
    test::nir_writer(m_file.path()).edges({});
    EXPECT_THAT(error(), HasSubstr("/node: is a network; inputs are in a file of nir.write_data"));
}

TEST_F(nir_data_inputs, lists_of_events)
{
    std::vector<double> index{2, 0, 0, -1, 1, -1, -1, -1};
    std::vector<double> time{0, 0.3, 0.35, INFINITY, 0.4, INFINITY, INFINITY, INFINITY};
    bool valued = false;
    const auto events = [&](test::nir_writer& file, const std::string& path) {
        file.integers(path + "/idx", {2, 4}, index);
        file.numbers(path + "/time", {2, 4}, time, H5T_IEEE_F64LE);
        if (valued)
            file.numbers(path + "/value", {2, 4}, {5, 6, 7, 0, 8, 0, 0, 0}, H5T_IEEE_F32LE);
        file.attribute(path, "n_neurons", 4);
        file.attribute(path, "t_max", 0.4);
    };
    write("EventData", events);
    input_set set = open(); // two equal shares; what is at t_max is in the last
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 1, 0, 0, 1, 0, 0, 0));
    EXPECT_THAT(set.numbers(1), ElementsAre(0, 0, 0, 0, 0, 0, 1, 0));
    EXPECT_THAT(set.warnings(), ElementsAre(HasSubstr("1 of 4 events fall on a pixel and timestep that had one")));
    EXPECT_THAT(set.told(), ElementsAre(HasSubstr("2 recordings with 4 events, in 2 timesteps of 0.2 in the unit of t_max")));
    m_workload.event_step = m_workload.time_step = 0.1; // 0.3 / 0.1 is a little less than 3
    set = open(false);
    EXPECT_EQ(set.timesteps(), 4u);
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0));
    EXPECT_THAT(set.warnings(), ElementsAre(HasSubstr("1 of 4 events fall"), HasSubstr("1 of 4 events come after timestep 4")));
    valued = true;
    write("ValuedEventData", events);
    EXPECT_THAT(open(false).numbers(0), ElementsAre(0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0)) << "the later one";
    m_workload.event_counts = true;
    EXPECT_EQ(open(false).numbers(0)[12], 13);
    // Nothing at 0: times are those at which timesteps end.
    m_workload.event_counts = false;
    time[0] = 0.1;
    write("EventData", events);
    set = open(false);
    EXPECT_THAT(set.numbers(0), ElementsAre(0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0));
    EXPECT_THAT(set.numbers(1), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0));
    EXPECT_THAT(set.warnings(), IsEmpty());
    EXPECT_THAT(set.told(), ElementsAre(HasSubstr("an event where a timestep ends is of that one")));
    index[1] = 4;
    write("EventData", events);
    EXPECT_THAT(error(), HasSubstr("/idx: event 1 of sample 0 is of neuron 4, but n_neurons is 4"));
    index[1] = 0;
    time[1] = NAN;
    write("EventData", events);
    EXPECT_THAT(error(), HasSubstr("/time: event 1 of sample 0 is at nan, expected 0 to t_max, 0.4"));
    const std::string whole = m_file.read();
    for (const std::size_t size : {whole.size() / 2, whole.size() - 1}) {
        m_file.write(whole.substr(0, size));
        EXPECT_THAT(error(), HasSubstr(m_file.path())) << "cut";
    }
}

} // namespace
