#include "platform/inputs/events.h"

#include "platform/formats/npy_stream.h"
#include "platform/inputs/records.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace loas::inputs
{
namespace
{

using text::user_error;

struct field_name {
    std::string_view name;
    event_field field;
};
constexpr field_name field_names[] = {
    {"x", event_field::x},           {"y", event_field::y},    {"t", event_field::t},
    {"ts", event_field::t},          {"time", event_field::t}, {"timestamp", event_field::t},
    {"timestamps", event_field::t},  {"p", event_field::p},    {"pol", event_field::p},
    {"polarity", event_field::p},
};

std::vector<double>* member_of(recording& events, event_field field)
{
    switch (field) {
    case event_field::x:
        return &events.x;
    case event_field::y:
        return &events.y;
    case event_field::t:
        return &events.t;
    case event_field::p:
        return &events.p;
    default:
        return nullptr;
    }
}

void take_field(recording& events, const std::string& name, std::vector<double> values)
{
    std::vector<double>* to = member_of(events, field_called(name));
    if (to == nullptr)
        return;
    if (!to->empty())
        throw user_error(fmt::format("{}: two fields for the same: {}", events.source, text::printable(name)));
    *to = std::move(values);
}

void require_fields(const recording& events, std::size_t count)
{
    const char* missing = count == 0 ? nullptr : events.x.empty() ? "x" : events.y.empty() ? "y" : events.t.empty() ? "t" : nullptr;
    if (missing != nullptr)
        throw user_error(fmt::format("{}: events have no field '{}'; they need x, y, t, and p for two channels",
                                     events.source, missing));
}

/// The range of its times; throws for one that is no number.
std::pair<double, double> times_of(const recording& events)
{
    for (std::size_t i = 0; i < events.t.size(); ++i)
        if (!std::isfinite(events.t[i]))
            throw user_error(fmt::format("{}: event {} has no finite time", events.source, i));
    const auto [first, last] = std::minmax_element(events.t.begin(), events.t.end());
    return {*first, *last};
}

std::size_t place_of(const recording& events, std::size_t i, const std::vector<double>& values, const char* axis,
                     std::size_t size)
{
    const double value = values[i];
    if (!(value >= 0 && value < static_cast<double>(size)) || value != std::floor(value))
        throw user_error(fmt::format("{}: event {} has {} = {}, but the network's input has 0..{} there", events.source,
                                     i, axis, value, size - 1));
    return static_cast<std::size_t>(value);
}

std::size_t channel_of(const recording& events, std::size_t i, unsigned channels)
{
    if (events.p.empty()) {
        if (channels == 1)
            return 0;
        throw user_error(events.source + ": events have no polarity (p), but the network takes two channels");
    }
    const double p = events.p[i];
    if (p != 0 && p != 1 && p != -1)
        throw user_error(fmt::format("{}: event {} has polarity {}; expected 0 (or -1) and 1", events.source, i, p));
    return channels == 1 || p <= 0 ? 0 : 1;
}

} // namespace

event_field field_called(std::string_view name)
{
    const std::string lower = text::lower_case(name);
    for (const field_name& each : field_names)
        if (each.name == lower)
            return each.field;
    return event_field::none;
}

recording read_recording(const std::string& path)
{
    npy_records records = read_records(path);
    recording events;
    events.source = path;
    for (auto& [name, values] : records.fields)
        take_field(events, name, std::move(values));
    require_fields(events, records.count);
    return events;
}

recording read_columns(const std::vector<std::string>& paths)
{
    recording events;
    std::size_t count = 0;
    for (const std::string& path : paths) {
        formats::npy_stream column(path);
        events.source = path.substr(0, path.rfind(':'));
        if (column.kind().shape.size() != 1 || (path != paths[0] && column.kind().shape[0] != count))
            throw user_error(fmt::format("{}: shape is {}, but the fields of events are lists, all equally long", path,
                                         formats::shape_text(column.kind().shape)));
        count = column.kind().shape[0];
        take_field(events, path.substr(path.rfind(':') + 1), column.read(0, count));
    }
    require_fields(events, count);
    return events;
}

binned frames_of(const recording& events, const network::map_shape& input, const binning& how)
{
    if (input.channels > 2 || input.height * input.width == 1)
        throw user_error(fmt::format("{}: events need a network whose Input is (1, H, W) or (2, H, W), but it is {}; "
                                     "give it frames, [N, T, ...]",
                                     events.source, input.text()));
    binned result;
    result.frames.resize(how.timesteps * input.size());
    result.events.resize(how.timesteps);
    result.width = how.step;
    if (events.t.empty())
        return result;
    const auto [first, last] = times_of(events);
    const double step = how.step > 0 ? how.step : (last - first) / how.timesteps;
    result.width = step;
    for (std::size_t i = 0; i < events.t.size(); ++i) {
        const std::size_t row = place_of(events, i, events.y, "y", input.height),
                          column = place_of(events, i, events.x, "x", input.width),
                          channel = channel_of(events, i, input.channels);
        double timestep = step > 0 ? std::floor((events.t[i] - first) / step) : 0;
        if (how.step == 0) // the last event lies at the end of the last one
            timestep = std::min(timestep, how.timesteps - 1.0);
        if (timestep >= how.timesteps) {
            ++result.late;
            result.last = std::max(result.last, events.t[i] - first);
            continue;
        }
        ++result.events[static_cast<std::size_t>(timestep)];
        double& there = result.frames[((static_cast<std::size_t>(timestep) * input.channels + channel) * input.height +
                                       row) * input.width + column];
        result.merged += there > 0;
        there = how.counts ? there + 1 : 1;
    }
    return result;
}

std::uint64_t timesteps_of(const recording& events, double step)
{
    if (events.t.empty())
        return 0;
    const auto [first, last] = times_of(events);
    return static_cast<std::uint64_t>(std::min((last - first) / step, 1e15)) + 1;
}

} // namespace loas::inputs
