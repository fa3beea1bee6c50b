// The inputs of a network and their labels, an input after the other.
#pragma once

#include "platform/config/workload.h"
#include "platform/network/graph.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loas::inputs
{

struct input_places;

/// Inputs in a file of some kind.
class input_source
{
public:
    virtual ~input_source() = default;
    virtual std::size_t count() const = 0;
    /// For messages.
    virtual std::string name() const = 0;
    /// Frames of an input; 0: one image, for all timesteps.
    virtual unsigned frames() const = 0;
    /// Input i, [frame][channel][row][column]. Throws text::user_error.
    virtual std::vector<double> values(std::size_t i) = 0;
    /// "FILE: element [0, 3]", of value `at` of input i.
    virtual std::string place_of(std::size_t i, std::size_t at) const = 0;
    /// Whole numbers within int32, whatever they are.
    virtual bool fits_by_type() const { return false; }
};

class input_set
{
public:
    std::size_t count() const { return m_source->count(); }
    const network::map_shape& shape() const { return m_shape; }
    unsigned timesteps() const { return m_timesteps; } ///< T of the run
    /// Frames that change over time; otherwise one image for all timesteps.
    bool over_time() const { return m_source->frames() > 0; }
    /// All whole numbers; else values in the units of the network.
    bool are_counts() const { return m_whole; }
    /// Nothing but 0 and 1; of images only known where workload.first_layer asks for it.
    bool are_binary() const { return m_binary; }
    /// 1 where values are counts; where they are other floats 1/255 of the largest, within what a scale can be.
    double natural_scale() const;
    /// Right classes, one for each input; empty: not known.
    const std::vector<int>& labels() const { return m_labels; }
    /// Why it is these timesteps, in words, where that is not known otherwise; "": it is the default.
    const std::string& timesteps_reason() const { return m_timesteps_reason; }
    /// Of inputs that carry it the length of a timestep, in their unit.
    const std::optional<double>& time_step() const { return m_time_step; }
    /// What became of the files, in words.
    const std::vector<std::string>& told() const { return m_told; }
    /// What was taken without having been said, in words.
    const std::vector<std::string>& assumed() const { return m_assumed; }
    /// What of the files does not run, in words.
    const std::vector<std::string>& warnings() const { return m_warnings; }
    /// Settings that say what was assumed, as "key=value".
    const std::vector<std::string>& settings() const { return m_settings; }

    /// Numbers of one frame.
    std::size_t frame_size() const { return m_shape.size(); }
    /// Input i in counts, [frame][row][column][channel]: as many frames as the run has timesteps, or one image. Values
    /// that are no counts are divided by the scale and rounded. Throws text::user_error for a file that has changed.
    std::vector<std::int32_t> numbers(std::size_t i) const;
    /// Input i as its file has it, counts or values, [frame][channel][row][column]; as many frames as numbers(i).
    std::vector<double> values(std::size_t i) const;
    /// That in the first inputs many values that are not 0 become 0 in counts of this scale, in words; "": they do not.
    std::string lost_by_rounding(std::size_t inputs, double input_scale) const;

    /// Throws text::user_error: a scale that leaves fewer than 16 steps of the floats, a label beyond the classes.
    void require_fit(double input_scale, unsigned classes) const;

private:
    friend input_set open_inputs(const config::workload_params&, const network::map_shape&, bool, const std::string&);
    void open_array(const input_places& places, const config::workload_params& workload, bool timesteps_given);
    void open_events(const input_places& places, const config::workload_params& workload, bool timesteps_given);
    void open_nir_data(const config::workload_params& workload, bool timesteps_given, const std::string& input_name);
    void take_timesteps(std::size_t of_inputs, const std::string& source, bool timesteps_given);
    void look_through(bool all);
    void look_at(std::size_t i);
    void take_labels(const std::string& path);

    std::unique_ptr<input_source> m_source;
    network::map_shape m_shape;
    unsigned m_timesteps = 1;
    double m_scale = 1;
    bool m_whole = true, m_binary = true;
    double m_largest = 0;
    std::string m_labels_name;
    std::vector<int> m_labels;
    std::string m_timesteps_reason;
    std::optional<double> m_time_step;
    std::vector<std::string> m_told, m_assumed, m_warnings, m_settings;
};

/// Opens workload.images, with workload.labels, for a network with that Input; what is read how stands in README.md.
/// timesteps_given: T is workload.timesteps and no other; else it is what the inputs have, if they have one. input_name:
/// of the Input, by which NIR's data files know it. Looks at all values once. Throws text::user_error naming file and
/// place.
input_set open_inputs(const config::workload_params& workload, const network::map_shape& input,
                      bool timesteps_given = true, const std::string& input_name = "input");

} // namespace loas::inputs
