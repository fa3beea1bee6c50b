// What of NIR's data files knows HDF5: a part of the library that is loaded when such a file is to be read.
// The layout is that of nir.write_data: groups, whose attribute __type__ says what they are.
#include "platform/formats/hdf5_file.h"
#include "platform/formats/npy.h"
#include "platform/inputs/nir_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace loas::inputs
{
namespace
{

using formats::hdf5_file;
using formats::hdf5_handle;
using formats::nir_node;

constexpr std::size_t numbers_at_once = std::size_t{1} << 24; // 128 MiB
constexpr std::size_t most_text = 256;
constexpr double most_neurons = 4294967295;

/// An attribute of a group, with one element of one of these classes.
hdf5_handle open_attribute(hdf5_file& file, const hdf5_handle& group, const std::string& path, const char* name)
{
    if (H5Aexists(group.get(), name) <= 0)
        file.fail(path, fmt::format("has no attribute '{}'", name));
    hdf5_handle attribute(H5Aopen(group.get(), name, H5P_DEFAULT), H5Aclose);
    const hdf5_handle space(attribute.valid() ? H5Aget_space(attribute.get()) : -1, H5Sclose);
    if (!space.valid() || H5Sget_simple_extent_npoints(space.get()) != 1)
        file.fail(path, fmt::format("its attribute '{}' has no value", name));
    return attribute;
}

std::string text_attribute(hdf5_file& file, const std::string& path, const char* name)
{
    const hdf5_handle group = file.open_group(path);
    const hdf5_handle attribute = open_attribute(file, group, path, name);
    const hdf5_handle type(H5Aget_type(attribute.get()), H5Tclose);
    const auto wrong = [&]() { file.fail(path, fmt::format("its attribute '{}' is no text", name)); };
    if (!type.valid() || H5Tget_class(type.get()) != H5T_STRING)
        wrong();
    if (H5Tis_variable_str(type.get()) > 0) {
        char* text = nullptr;
        if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr)
            wrong();
        std::string copy(text, std::find(text, text + most_text, '\0'));
        H5free_memory(text);
        return copy;
    }
    std::vector<char> text(H5Tget_size(type.get()) + 1);
    if (text.size() > most_text || H5Aread(attribute.get(), type.get(), text.data()) < 0)
        wrong();
    return text.data();
}

double number_attribute(hdf5_file& file, const std::string& path, const char* name)
{
    const hdf5_handle group = file.open_group(path);
    const hdf5_handle attribute = open_attribute(file, group, path, name);
    const hdf5_handle type(H5Aget_type(attribute.get()), H5Tclose);
    const H5T_class_t kind = type.valid() ? H5Tget_class(type.get()) : H5T_NO_CLASS;
    double number = 0;
    if ((kind != H5T_INTEGER && kind != H5T_FLOAT) ||
        H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &number) < 0 || !std::isfinite(number) || !(number > 0))
        file.fail(path, fmt::format("its attribute '{}' is no number above 0", name));
    return number;
}

void put(nir_node& node, const char* name, std::vector<double> values)
{
    const std::size_t count = values.size();
    node.arrays[name] = {{count}, std::move(values)};
}

void put(nir_node& node, const char* name, double value)
{
    put(node, name, std::vector<double>{value});
}

void put_entries(nir_node& node, std::vector<double> begin, std::vector<double> places, std::vector<double> values)
{
    put(node, "begin", std::move(begin));
    put(node, "place", std::move(places));
    if (!std::all_of(values.begin(), values.end(), [](double value) { return value == 1; }))
        put(node, "value", std::move(values));
}

/// Some samples of a dataset [sample][timestep][neuron ...].
std::vector<double> read_samples(hdf5_file& file, const std::string& path, const hdf5_handle& dataset,
                                 const std::vector<std::size_t>& shape, std::size_t first, std::size_t count)
{
    std::vector<hsize_t> start(shape.size()), sizes(shape.begin(), shape.end());
    start[0] = first;
    sizes[0] = count;
    const hdf5_handle in_file(H5Dget_space(dataset.get()), H5Sclose);
    const hdf5_handle here(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose);
    std::size_t numbers = 1;
    for (const hsize_t size : sizes)
        numbers *= size;
    std::vector<double> values(numbers);
    if (H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start.data(), nullptr, sizes.data(), nullptr) < 0 ||
        H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, here.get(), in_file.get(), H5P_DEFAULT, values.data()) < 0)
        file.fail(path, fmt::format("samples {} to {} cannot be read", first, first + count - 1));
    return values;
}

void read_grid(hdf5_file& file, const std::string& group, nir_node& node)
{
    const std::string path = group + "/data";
    std::vector<std::size_t> shape;
    const hdf5_handle dataset = file.open_numbers(path, shape);
    if (shape.size() < 3)
        file.fail(path, "shape is " + formats::shape_text(shape) + ", expected (samples, timesteps, neurons)");
    std::size_t neurons = 1;
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        neurons *= shape[axis];
    const std::size_t samples = shape[0], of_sample = shape[1] * neurons;
    if (samples == 0 || of_sample == 0)
        file.fail(path, "shape is " + formats::shape_text(shape) + ": it holds no inputs");
    put(node, "timesteps", static_cast<double>(shape[1]));
    put(node, "neurons", static_cast<double>(neurons));
    put(node, "length", number_attribute(file, group, "dt"));
    std::vector<double> begin{0}, places, values;
    const std::size_t at_once = std::max<std::size_t>(1, numbers_at_once / of_sample);
    for (std::size_t first = 0; first < samples; first += at_once) {
        const std::size_t count = std::min(at_once, samples - first);
        const std::vector<double> numbers = read_samples(file, path, dataset, shape, first, count);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            if (numbers[i] != 0) {
                places.push_back(static_cast<double>(i % of_sample));
                values.push_back(numbers[i]);
            }
            if (i % of_sample == of_sample - 1)
                begin.push_back(static_cast<double>(places.size()));
        }
    }
    put_entries(node, std::move(begin), std::move(places), std::move(values));
}

/// Lists [sample][event]; index -1 stands where there is no event.
void read_events(hdf5_file& file, const std::string& group, nir_node& node, bool with_values)
{
    const formats::nir_array index = file.read_numbers(group + "/idx"), time = file.read_numbers(group + "/time");
    const formats::nir_array value = with_values ? file.read_numbers(group + "/value") : index;
    if (index.shape.size() != 2 || index.shape[0] == 0)
        file.fail(group + "/idx", "shape is " + formats::shape_text(index.shape) + ", expected (samples, events)");
    for (const auto& [name, array] : {std::pair{"/time", &time}, std::pair{"/value", &value}})
        if (array->shape != index.shape)
            file.fail(group + name, fmt::format("shape is {}, but that of idx is {}", formats::shape_text(array->shape),
                                                formats::shape_text(index.shape)));
    const double neurons = number_attribute(file, group, "n_neurons"), end = number_attribute(file, group, "t_max");
    if (neurons != std::floor(neurons) || neurons > most_neurons)
        file.fail(group, fmt::format("its attribute 'n_neurons' is {}, expected a whole number up to {}", neurons, most_neurons));
    put(node, "neurons", neurons);
    put(node, "length", end);
    std::vector<double> begin{0}, places, times, values;
    for (std::size_t sample = 0, i = 0; sample < index.shape[0]; ++sample) {
        for (std::size_t event = 0; event < index.shape[1]; ++event, ++i) {
            const double neuron = index.values[i], at = time.values[i];
            if (neuron == -1)
                continue;
            if (!(neuron >= 0 && neuron < neurons) || neuron != std::floor(neuron))
                file.fail(group + "/idx", fmt::format("event {} of sample {} is of neuron {}, but n_neurons is {}", event,
                                                      sample, neuron, neurons));
            if (!(at >= 0 && at <= end))
                file.fail(group + "/time", fmt::format("event {} of sample {} is at {}, expected 0 to t_max, {}", event,
                                                       sample, at, end));
            places.push_back(neuron);
            times.push_back(at);
            values.push_back(with_values ? value.values[i] : 1);
        }
        begin.push_back(static_cast<double>(places.size()));
    }
    put(node, "time", std::move(times));
    put_entries(node, std::move(begin), std::move(places), std::move(values));
}

void list_nodes(hdf5_file& file, formats::nir_graph& graph)
{
    for (const std::string& name : file.children("/nodes")) {
        const std::string path = "/nodes/" + name;
        nir_node node{name, text_attribute(file, path, "__type__"), {}, {}};
        if (node.type != "NIRNodeData") // a graph's, of a part of the network
            continue;
        for (const std::string& observable : file.children(path + "/observables"))
            node.nodes.push_back({observable, {}, {}, {}});
        graph.nodes.push_back(std::move(node));
    }
}

} // namespace

void loas_read_nir_data(const std::string& path, const std::string& place, formats::nir_graph& graph)
{
    hdf5_file file(path);
    graph.source = path;
    if (file.has("/", "node"))
        file.fail("/node", "is a network; inputs are in a file of nir.write_data, or an array");
    if (const std::string type = text_attribute(file, "/", "__type__"); type != "NIRGraphData")
        file.fail("/", "its attribute '__type__' is '" + type + "', expected NIRGraphData, as nir.write_data writes it");
    if (place.empty())
        return list_nodes(file, graph);
    const std::size_t slash = place.find('/');
    const std::string group = "/nodes/" + place.substr(0, slash) + "/observables/" + place.substr(slash + 1);
    nir_node node;
    node.type = text_attribute(file, group, "__type__");
    if (node.type == "TimeGriddedData")
        read_grid(file, group, node);
    else if (node.type == "EventData" || node.type == "ValuedEventData")
        read_events(file, group, node, node.type == "ValuedEventData");
    else
        file.fail(group, "its attribute '__type__' is '" + node.type +
                             "', expected TimeGriddedData, EventData or ValuedEventData");
    graph.nodes.push_back(std::move(node));
}

} // namespace loas::inputs
