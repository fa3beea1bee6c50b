#include "platform/inputs/sources.h"

#include "platform/formats/npy_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace loas::inputs
{
namespace
{

class array_inputs : public input_source
{
public:
    array_inputs(const std::string& path, const array_axes& axes, const network::map_shape& input)
        : m_file(path, axes.time_first ? formats::npy_order::any : formats::npy_order::front_to_back), m_axes(axes),
          m_frame(input.size())
    {
    }

    std::size_t count() const override { return m_axes.inputs; }
    std::string name() const override { return m_file.kind().source; }
    unsigned frames() const override { return static_cast<unsigned>(m_axes.timesteps); }
    bool fits_by_type() const override
    {
        using formats::npy_dtype;
        const npy_dtype type = m_file.kind().dtype;
        return type == npy_dtype::i4 || (formats::npy_dtype_bytes(type) < 4 && type != npy_dtype::f2);
    }
    std::vector<double> values(std::size_t i) override
    {
        const std::size_t frames = std::max<std::size_t>(m_axes.timesteps, 1);
        if (!m_axes.time_first)
            return m_file.read(i * frames * m_frame, frames * m_frame);
        std::vector<double> values;
        for (std::size_t t = 0; t < frames; ++t) {
            const std::vector<double> frame = m_file.read((t * m_axes.inputs + i) * m_frame, m_frame);
            values.insert(values.end(), frame.begin(), frame.end());
        }
        return values;
    }
    std::string place_of(std::size_t i, std::size_t at) const override
    {
        const std::size_t frames = std::max<std::size_t>(m_axes.timesteps, 1);
        const std::size_t element = m_axes.time_first ? (at / m_frame * m_axes.inputs + i) * m_frame + at % m_frame
                                                      : i * frames * m_frame + at;
        return name() + ": element " + formats::index_text(m_file.kind().shape, element);
    }

private:
    formats::npy_stream m_file;
    array_axes m_axes;
    std::size_t m_frame;
};

class event_inputs : public input_source
{
public:
    event_inputs(std::vector<std::string> paths, bool columns, const network::map_shape& input, const binning& how)
        : m_paths(std::move(paths)), m_columns(columns), m_shape(input), m_how(how)
    {
    }

    std::size_t count() const override { return m_columns ? 1 : m_paths.size(); }
    std::string name() const override { return m_columns ? m_paths[0].substr(0, m_paths[0].rfind(':')) : m_paths[0]; }
    unsigned frames() const override { return m_how.timesteps; }
    bool fits_by_type() const override { return true; }
    std::vector<double> values(std::size_t i) override { return frames_of(events_of(i), m_shape, m_how).frames; }
    std::string place_of(std::size_t i, std::size_t) const override { return m_columns ? name() : m_paths[i]; }

    recording events_of(std::size_t i) const
    {
        return m_columns ? read_columns(m_paths) : read_recording(m_paths[i]);
    }

private:
    std::vector<std::string> m_paths;
    bool m_columns;
    network::map_shape m_shape;
    binning m_how;
};

class nir_inputs : public input_source
{
public:
    nir_inputs(nir_data data, const network::map_shape& input, const binning& how)
        : m_data(std::move(data)), m_frame(input.size()), m_how(how)
    {
    }

    std::size_t count() const override { return m_data.samples; }
    std::string name() const override { return m_data.source; }
    unsigned frames() const override
    {
        return m_data.timesteps > 0 ? static_cast<unsigned>(m_data.timesteps) : m_how.timesteps;
    }
    std::vector<double> values(std::size_t i) override { return frames_of_sample(i).frames; }
    std::string place_of(std::size_t i, std::size_t at) const override
    {
        return fmt::format("{}: sample {}, timestep {}, neuron {}", m_data.source, i, at / m_frame, at % m_frame);
    }

    binned frames_of_sample(std::size_t i) const
    {
        const auto begin = static_cast<std::size_t>(m_data.begin[i]), end = static_cast<std::size_t>(m_data.begin[i + 1]);
        binned result;
        result.frames.assign(frames() * m_frame, 0);
        if (m_data.timesteps > 0) {
            for (std::size_t entry = begin; entry < end; ++entry)
                result.frames.at(static_cast<std::size_t>(m_data.place[entry])) = value_of(entry);
            return result;
        }
        result.events.assign(m_how.timesteps, 0);
        result.width = m_how.step > 0 ? m_how.step : m_data.length / m_how.timesteps;
        for (std::size_t entry = begin; entry < end; ++entry)
            add_event(entry, result);
        return result;
    }

private:
    double value_of(std::size_t entry) const { return m_data.value.empty() ? 1 : m_data.value[entry]; }

    void add_event(std::size_t entry, binned& to) const
    {
        // a time that is a multiple of the step begins, or ends, one, even if the quotient is a little less, or more
        const double steps = m_data.time[entry] / to.width;
        double timestep = m_data.ends_timestep ? std::ceil(steps * (1 - 1e-7)) - 1 : std::floor(steps * (1 + 1e-7));
        if (m_how.step == 0) // t_max is the end of the last one
            timestep = std::min(timestep, m_how.timesteps - 1.0);
        if (timestep >= m_how.timesteps) {
            ++to.late;
            to.last = std::max(to.last, m_data.time[entry]);
            return;
        }
        const auto step = static_cast<std::size_t>(timestep);
        double& there = to.frames.at(step * m_frame + static_cast<std::size_t>(m_data.place[entry]));
        ++to.events[step];
        to.merged += there != 0;
        there = m_how.counts ? there + value_of(entry) : value_of(entry);
    }

    nir_data m_data;
    std::size_t m_frame;
    binning m_how;
};

/// The next number above with two digits.
double step_beyond(double least)
{
    const double unit = std::pow(10, std::floor(std::log10(least)) - 1);
    return (std::floor(least / unit) + 1) * unit;
}

std::string range_text(double least, double most)
{
    return least == most ? fmt::format("{:.6g}", least) : fmt::format("{:.6g} to {:.6g}", least, most);
}

} // namespace

std::unique_ptr<input_source> array_source(const std::string& path, const array_axes& axes,
                                           const network::map_shape& input)
{
    return std::make_unique<array_inputs>(path, axes, input);
}

void event_tally::begin(const binning& how, std::string unit)
{
    m_how = how;
    m_unit = std::move(unit);
}

void event_tally::add(const binned& frames)
{
    const auto [fewest, most] = std::minmax_element(frames.events.begin(), frames.events.end());
    const std::uint64_t events = std::accumulate(frames.events.begin(), frames.events.end(), frames.late);
    m_events += events;
    m_merged += frames.merged;
    m_late += frames.late;
    m_last = std::max(m_last, frames.last);
    m_fewest = m_recordings == 0 ? *fewest : std::min(m_fewest, *fewest);
    m_most = std::max(m_most, *most);
    if (events > 0)
        m_narrowest = m_empty == m_recordings ? frames.width : std::min(m_narrowest, frames.width);
    m_widest = std::max(m_widest, frames.width);
    m_empty += events == 0;
    ++m_recordings;
}

void event_tally::tell(std::vector<std::string>& told, std::vector<std::string>& warnings) const
{
    if (m_events > 0)
        told.push_back(fmt::format(
            "{} recording{} with {} events, in {} timesteps of {} in the unit of {}{}: {} events a timestep", m_recordings,
            m_recordings == 1 ? "" : "s", m_events, m_how.timesteps, range_text(m_narrowest, m_widest), m_unit,
            m_how.step > 0 ? "" : ", equal shares of each (workload.event_step says how long one is)",
            range_text(static_cast<double>(m_fewest), static_cast<double>(m_most))));
    if (m_empty > 0)
        warnings.push_back(fmt::format("{} of {} recordings hold no events: their inputs are silent", m_empty, m_recordings));
    if (m_merged > 0 && !m_how.counts)
        warnings.push_back(fmt::format("{} of {} events fall on a pixel and timestep that had one already: they are one "
                                       "spike (workload.event_counts takes their number)",
                                       m_merged, m_events));
    if (m_late > 0)
        warnings.push_back(fmt::format("{} of {} events come after timestep {} and are left out; workload.event_step={:g} "
                                       "takes all{}",
                                       m_late, m_events, m_how.timesteps, step_beyond(m_last / m_how.timesteps),
                                       m_how.timesteps < config::most_network_timesteps ? ", or more workload.timesteps" : ""));
}

std::unique_ptr<input_source> event_source(const std::vector<std::string>& paths, bool columns,
                                           const network::map_shape& input, const binning& how, event_tally& tally)
{
    auto source = std::make_unique<event_inputs>(paths, columns, input, how);
    tally.begin(how, "t (microseconds as a rule)");
    for (std::size_t i = 0; i < source->count(); ++i)
        tally.add(frames_of(source->events_of(i), input, how));
    return source;
}

std::unique_ptr<input_source> nir_source(nir_data data, const network::map_shape& input, const binning& how,
                                         event_tally& tally)
{
    const bool events = data.timesteps == 0;
    const std::string unit = data.ends_timestep ? "t_max (an event where a timestep ends is of that one)" : "t_max";
    auto source = std::make_unique<nir_inputs>(std::move(data), input, how);
    tally.begin(how, unit);
    for (std::size_t i = 0; events && i < source->count(); ++i)
        tally.add(source->frames_of_sample(i));
    return source;
}

} // namespace loas::inputs
