#include "platform/inputs/sources.h"

#include "platform/formats/npy_stream.h"

#include <fmt/format.h>

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
        return formats::npy_dtype_bytes(type) < 4 || type == npy_dtype::i4;
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

} // namespace

std::unique_ptr<input_source> array_source(const std::string& path, const array_axes& axes,
                                           const network::map_shape& input)
{
    return std::make_unique<array_inputs>(path, axes, input);
}

std::unique_ptr<input_source> event_source(const std::vector<std::string>& paths, bool columns,
                                           const network::map_shape& input, const binning& how,
                                           std::vector<std::string>& warnings)
{
    auto source = std::make_unique<event_inputs>(paths, columns, input, how);
    std::uint64_t events = 0, merged = 0, late = 0;
    for (std::size_t i = 0; i < source->count(); ++i) {
        const recording each = source->events_of(i);
        const binned frames = frames_of(each, input, how);
        events += each.t.size();
        merged += frames.merged;
        late += frames.late;
    }
    if (merged > 0 && !how.counts)
        warnings.push_back(fmt::format("{} of {} events fall on a pixel and timestep that had one already: they are one "
                                   "spike (workload.event_counts takes their number)",
                                   merged, events));
    if (late > 0)
        warnings.push_back(fmt::format("{} of {} events come after timestep {} and are left out", late, events,
                                   how.timesteps));
    return source;
}

} // namespace loas::inputs
