#include "platform/inputs/input_set.h"

#include "platform/formats/npy_stream.h"
#include "platform/formats/npz.h"
#include "platform/inputs/archive.h"
#include "platform/inputs/nir_data.h"
#include "platform/inputs/sources.h"
#include "platform/inputs/records.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace loas::inputs
{
namespace
{

using text::user_error;

constexpr double least_scale = 1e-9, largest_scale = 1e9; // of workload.input_scale
constexpr double most = std::numeric_limits<std::int32_t>::max(), least = std::numeric_limits<std::int32_t>::min();

std::optional<std::size_t> count_of_labels(const std::string& path)
{
    if (path.empty())
        return {};
    const formats::npy_kind kind = formats::read_kind_of_npy_or_npz(path);
    return kind.shape.empty() ? 1 : kind.shape[0];
}

/// T of events: that of the run, or by the length of a timestep what the longest recording has.
unsigned timesteps_of_events(const input_places& places, const config::workload_params& workload, bool given)
{
    if (given || workload.event_step == 0)
        return workload.timesteps;
    std::uint64_t longest = 1;
    for (const std::string& each : places.arrays) {
        const recording events = places.columns ? read_columns(places.arrays) : read_recording(each);
        longest = std::max(longest, timesteps_of(events, workload.event_step));
    }
    return static_cast<unsigned>(std::min<std::uint64_t>(longest, config::most_network_timesteps));
}

/// The place of the 1 in each row of an array of 0 and 1; none: a row is no such one.
std::optional<std::vector<std::int64_t>> classes_of_one_hot(const std::vector<double>& values, std::size_t rows)
{
    std::vector<std::int64_t> classes;
    const std::size_t width = rows == 0 ? 0 : values.size() / rows;
    for (std::size_t row = 0; row < rows; ++row) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * width),
                   end = begin + static_cast<std::ptrdiff_t>(width);
        if (std::count(begin, end, 1.0) != 1 || std::count(begin, end, 0.0) + 1 != end - begin)
            return {};
        classes.push_back(std::find(begin, end, 1.0) - begin);
    }
    return classes;
}

} // namespace

void input_set::take_labels(const std::string& path)
{
    if (path.empty())
        return;
    m_labels_name = path;
    const formats::npy_array array = formats::read_npy_or_npz(path);
    std::optional<std::vector<std::int64_t>> one_hot;
    if (array.shape.size() == 2 && array.shape[1] > 1) {
        one_hot = classes_of_one_hot(array.as<double>(), array.shape[0]);
        if (one_hot)
            m_assumed.push_back(fmt::format("the labels, of shape {}, are one-hot: a row's class is the place of its 1",
                                            formats::shape_text(array.shape)));
    }
    const bool one_each = array.shape.size() == 1 || (array.shape.size() == 2 && array.shape[1] == 1);
    if (!one_hot && !one_each && !(array.shape.empty() && count() == 1))
        throw user_error(fmt::format("{}: shape is {}, expected one label per image, ({},), or rows with a 1 among 0, "
                                     "({}, classes)",
                                     path, formats::shape_text(array.shape), count(), count()));
    const std::vector<std::int64_t> values = one_hot ? *std::move(one_hot) : array.as<std::int64_t>();
    if (values.size() != count())
        throw user_error(fmt::format("{}: holds {} labels, but {} holds {} images", path, values.size(),
                                     m_source->name(), count()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (values[i] != static_cast<int>(values[i]))
            throw user_error(fmt::format("{}: label {} of image {} is no class of any network", path, values[i], i));
        m_labels.push_back(static_cast<int>(values[i]));
    }
}

void input_set::look_at(std::size_t i)
{
    const std::vector<double> values = m_source->values(i);
    for (std::size_t at = 0; at < values.size(); ++at) {
        const double value = values[at];
        if (!std::isfinite(value))
            throw user_error(fmt::format("{} is {}; expected a finite number", m_source->place_of(i, at), value));
        m_binary = m_binary && (value == 0 || value == 1);
        m_whole = m_whole && value == std::floor(value);
        m_largest = std::max(m_largest, std::fabs(value));
        if (m_whole && (value > most || value < least))
            throw user_error(fmt::format("{} is {:.0f}, which is no int32", m_source->place_of(i, at), value));
    }
}

/// Of images whose type says that they fit there is nothing to be known, unless `all` is asked for; of frames, whether
/// they are spikes.
void input_set::look_through(bool all)
{
    m_binary = all || over_time();
    for (std::size_t i = 0; i < count() && (m_binary || !m_source->fits_by_type()); ++i)
        look_at(i);
}

double input_set::natural_scale() const
{
    return m_whole ? 1 : std::clamp(m_largest / 255, least_scale, largest_scale);
}

void input_set::require_fit(double input_scale, unsigned classes) const
{
    constexpr double least_steps = 16;
    const double steps = m_largest / input_scale;
    if (!m_whole && m_largest < least_steps * least_scale)
        throw user_error(fmt::format("{}: the largest value is {:.9g}, too small for any workload.input_scale, which is {:g} "
                                     "at least; inputs multiplied by {:.1g}, with the first layer's weights divided by it, "
                                     "are the same to the network",
                                     m_source->name(), m_largest, least_scale, 1 / m_largest));
    if (!m_whole && !(steps >= least_steps && steps <= most))
        throw user_error(fmt::format("{}: the largest value is {:.9g}, which is {:.9g} step{} of workload.input_scale = "
                                     "{:.9g}; workload.input_scale={:.9g} makes {:.0f} steps of it",
                                     m_source->name(), m_largest, std::round(steps), std::round(steps) == 1 ? "" : "s", input_scale, natural_scale(),
                                     m_largest / natural_scale()));
    for (std::size_t i = 0; i < m_labels.size(); ++i)
        if (m_labels[i] < 0 || m_labels[i] >= static_cast<int>(classes))
            throw user_error(fmt::format("{}: label {} of image {} is no class of the network, 0 to {}", m_labels_name,
                                         m_labels[i], i, classes - 1));
}

std::vector<std::int32_t> input_set::numbers(std::size_t i) const
{
    const std::vector<double> values = m_source->values(i);
    const std::size_t frame = frame_size(), area = frame / m_shape.channels, frames = over_time() ? m_timesteps : 1;
    std::vector<std::int32_t> numbers(frames * frame);
    for (std::size_t at = 0; at < numbers.size(); ++at) { // from channel first to channel last
        const std::size_t in_frame = at % frame, from = at - in_frame + in_frame % m_shape.channels * area + in_frame / m_shape.channels;
        const double number = m_whole ? values[from] : std::round(values[from] / m_scale);
        if (!(number >= least && number <= most) || (m_whole && number != std::floor(number)))
            throw user_error(m_source->place_of(i, from) + " is another number than when the file was opened");
        numbers[at] = static_cast<std::int32_t>(number);
    }
    return numbers;
}

std::vector<double> input_set::values(std::size_t i) const
{
    std::vector<double> values = m_source->values(i);
    values.resize((over_time() ? m_timesteps : 1) * frame_size());
    return values;
}

std::string input_set::lost_by_rounding(std::size_t inputs, double input_scale) const
{
    // With the largest at 255 counts 0.2 % of evenly spread values become 0, of a normal distribution's 1 %.
    constexpr double much = 0.05;
    std::uint64_t others = 0, lost = 0;
    for (std::size_t i = 0; i < inputs && !m_whole; ++i)
        for (const double value : values(i))
            if (value != 0) {
                ++others;
                lost += std::round(value / input_scale) == 0;
            }
    if (static_cast<double>(lost) <= much * static_cast<double>(others))
        return "";
    return fmt::format("{} of the {} input values that are not 0 become 0, as one count stands for {:.9g}, and the largest "
                       "is {:.9g}: a smaller workload.input_scale keeps them; or clip what lies far from the others",
                       lost, others, input_scale, m_largest);
}

/// T is what the inputs have, unless it is given and no more than that.
void input_set::take_timesteps(std::size_t of_inputs, const std::string& source, bool timesteps_given)
{
    constexpr std::size_t most_frames = config::most_network_timesteps;
    if (!timesteps_given) {
        m_timesteps = static_cast<unsigned>(std::min(of_inputs, most_frames));
        m_timesteps_reason = of_inputs > most_frames ? ", the most that can run" : ", as the inputs have";
    }
    if (of_inputs < m_timesteps)
        throw user_error(fmt::format("{}: holds {} timesteps, fewer than workload.timesteps = {}", source, of_inputs,
                                     m_timesteps));
    if (of_inputs > m_timesteps)
        m_warnings.push_back(fmt::format("of the {} timesteps of the inputs only the first {} run (workload.timesteps{})",
                                         of_inputs, m_timesteps,
                                         m_timesteps == most_frames ? ", which can be no more" : ""));
}

void input_set::open_array(const input_places& places, const config::workload_params& workload, bool timesteps_given)
{
    const formats::npy_kind kind = formats::read_kind_of_npy_or_npz(places.arrays[0]);
    const array_axes axes = axes_of(kind.shape, m_shape, workload.input_axes, count_of_labels(places.labels), kind.source);
    if (!axes.assumed.empty()) {
        m_assumed.push_back(axes.assumed);
        m_settings.push_back(fmt::format("workload.input_axes={}", axes.timesteps == 0 ? "n" : "nt"));
    }
    if (axes.timesteps > 0)
        take_timesteps(axes.timesteps, kind.source, timesteps_given);
    m_source = array_source(places.arrays[0], axes, m_shape);
}

void input_set::open_events(const input_places& places, const config::workload_params& workload, bool timesteps_given)
{
    m_timesteps = timesteps_of_events(places, workload, timesteps_given);
    if (!timesteps_given && workload.event_step > 0)
        m_timesteps_reason = m_timesteps == config::most_network_timesteps ? ", the most that can run"
                                                                           : ", as the longest recording has";
    event_tally tally;
    m_source = event_source(places.arrays, places.columns, m_shape,
                            {m_timesteps, workload.event_step, workload.event_counts}, tally);
    tally.tell(m_told, m_warnings);
}

void input_set::open_nir_data(const config::workload_params& workload, bool timesteps_given,
                              const std::string& input_name)
{
    nir_data data = read_nir_data(workload.images.string(), input_name);
    if (data.neurons != m_shape.size())
        throw user_error(fmt::format("{} is of {} neurons, but the network's input is {}, {}", data.source, data.neurons,
                                     m_shape.text(), m_shape.size()));
    if (!data.said.empty())
        m_assumed.push_back(data.said);
    if (!data.setting.empty())
        m_settings.push_back(data.setting);
    binning how{m_timesteps, 0, workload.event_counts};
    if (data.timesteps > 0) {
        m_time_step = data.length;
        take_timesteps(data.timesteps, data.source, timesteps_given);
    } else if (workload.event_step > 0) {
        m_time_step = how.step = workload.event_step;
        if (!timesteps_given) {
            const double steps = std::max(1.0, std::ceil(data.length / how.step * (1 - 1e-7)));
            m_timesteps = static_cast<unsigned>(std::min(steps, double{config::most_network_timesteps}));
            m_timesteps_reason = ", as many as t_max has";
        }
    }
    how.timesteps = m_timesteps;
    event_tally tally;
    m_source = nir_source(std::move(data), m_shape, how, tally);
    tally.tell(m_told, m_warnings);
}

input_set open_inputs(const config::workload_params& workload, const network::map_shape& input, bool timesteps_given,
                      const std::string& input_name)
{
    input_set set;
    set.m_shape = input;
    set.m_scale = workload.input_scale;
    set.m_timesteps = workload.timesteps;
    const input_places places = find_inputs(workload.images.string(), workload.labels.string());
    set.m_assumed = places.said;
    set.m_settings = places.settings;
    if (!places.columns && is_hdf5(places.arrays[0]))
        set.open_nir_data(workload, timesteps_given, input_name);
    else if (places.columns || holds_records(places.arrays[0]))
        set.open_events(places, workload, timesteps_given);
    else
        set.open_array(places, workload, timesteps_given);
    if (set.m_time_step && std::fabs(*set.m_time_step / workload.time_step - 1) > 1e-6)
        set.m_warnings.push_back(fmt::format("a timestep of the inputs is {:.9g} long, but workload.time_step = {:.9g}",
                                             *set.m_time_step, workload.time_step));
    set.take_labels(places.labels);
    set.look_through(workload.first_layer == config::first_layer_rule::accelerator);
    return set;
}

} // namespace loas::inputs
