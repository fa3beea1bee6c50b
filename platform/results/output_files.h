// Outputs of layers as NumPy's files, for who goes on with them elsewhere.
#pragma once

#include "platform/formats/npy.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::results
{

/// A file a layer, NAME.npy, where %2F and the like stand for what is in no name of a file: bool (T, N, height, width),
/// pooled; of an ANN uint8 (N, height, width); of a layer without a neuron its currents, int32. The inputs of a network, and
/// the runs of a layer that ran more than once, stand in front. layer.spikes_file takes it. Of neurons that the host computes there are the currents too, of
/// all pixels, in NAME.currents.npy.
class output_files
{
public:
    explicit output_files(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    struct size {
        std::size_t timesteps, columns, height, width;
        /// Of a network in blocks: the timestep with which this block begins, and those of the whole input, 0 where there
        /// is one block.
        std::size_t first = 0, all = 0;
    };

    /// Another run of a layer, or another block of it. words: [height][width][N], bit t = timestep t.
    void add_spikes(const std::string& layer, size of, const std::vector<std::uint16_t>& words);
    /// Another run of a layer of an ANN. bytes: [height][width][N].
    void add_bytes(const std::string& layer, size of, const std::vector<std::uint16_t>& bytes);
    /// This layer's spikes are computed from its currents by the host; before it runs.
    void has_host_neurons(const std::string& layer) { m_of_host.push_back(layer); }
    /// currents: [height][width][N][T].
    void add_currents(const std::string& layer, size of, const std::vector<std::int32_t>& currents);

    /// The layers are a network's, of which each input is a run; before it runs.
    void are_of_network() { m_of_network = true; }

    /// Of a layer that may write currents: value of 1 in the units of the network, for each channel; before it runs. Throws
    /// text::user_error where no file can be called as the layer.
    void has_units(const std::string& layer, const std::vector<double>& network_units_of_1);

    /// A network's scores, [input][class], as whole numbers of the machine: the largest of an input is its class. They
    /// become scores_file, and multiplied by what 1 is in the units of the network scores_in_units_file. These factors,
    /// and those of all currents, become units_file.
    void add_scores(const std::vector<std::vector<std::int64_t>>& scores, double network_units_of_1);
    /// They are a map: (channels, height, width). Before them.
    void set_score_map(std::vector<std::size_t> shape) { m_score_map = std::move(shape); }
    static constexpr const char* scores_file = "class_scores.npy";
    static constexpr const char* scores_in_units_file = "class_scores_network_units.npy";
    static constexpr const char* units_file = "units.json";

    /// Makes the folder, if need be, and says on standard error which file is not called as its layer. Throws
    /// text::user_error, also if the outputs of a layer had several shapes.
    void write() const;

private:
    struct tensor {
        std::string layer;
        formats::npy_dtype dtype;
        std::vector<std::size_t> shape; ///< of one run
        std::size_t runs = 0;
        std::string elements;
    };
    std::string units() const;
    /// Where its elements go; nullptr: they are of another shape than those before.
    tensor* another_run(const std::string& layer, formats::npy_dtype dtype, size of, bool over_time = true);

    std::filesystem::path m_folder;
    std::string m_wrong; ///< to be told at the end, not from within a simulation
    std::vector<tensor> m_tensors;
    std::vector<std::string> m_of_host;
    bool m_of_network = false;
    std::vector<std::size_t> m_scores_shape; ///< empty: no network's
    std::vector<std::size_t> m_score_map; ///< empty: one score a class
    std::string m_scores, m_scores_in_units; ///< elements
    double m_units_of_score = 1;
    std::vector<std::pair<std::string, std::vector<double>>> m_units; ///< of currents
};

/// What an earlier run saved where this one saves: a folder that has outputs of two runs must not look like one of one.
class earlier_outputs
{
public:
    /// Before the run.
    explicit earlier_outputs(std::filesystem::path folder);
    /// After it, on standard error: which outputs are not of this run.
    void tell() const;

private:
    std::filesystem::path m_folder;
    std::map<std::filesystem::path, std::filesystem::file_time_type> m_there; ///< with the time of the last change
};

} // namespace loas::results
