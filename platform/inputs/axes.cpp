#include "platform/inputs/axes.h"

#include "platform/formats/npy.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace loas::inputs
{
namespace
{

using config::axes_rule;

// Shapes of one frame that fit, most complete first: all with the same numbers in the same order.
std::vector<std::vector<std::size_t>> frame_shapes(const network::map_shape& input)
{
    const std::size_t channels = input.channels, height = input.height, width = input.width;
    std::vector<std::vector<std::size_t>> shapes{{channels, height, width}};
    if (channels == 1) {
        shapes.push_back({height, width});
        shapes.push_back({height, width, 1});
        shapes.push_back({height * width});
    }
    if (height == 1 && width > 1)
        shapes.push_back({channels, width});
    if (height == 1 && width == 1)
        shapes.push_back({channels});
    return shapes;
}

std::size_t axes_in_front(axes_rule asked)
{
    return asked == axes_rule::n || asked == axes_rule::t ? 1 : 2;
}

/// Of the axes in front of a frame's; none: no frame's shape is at the end.
std::optional<std::size_t> find_front(const std::vector<std::size_t>& shape, const network::map_shape& input,
                                      axes_rule asked)
{
    for (const std::size_t front : {1u, 2u})
        for (const std::vector<std::size_t>& frame : frame_shapes(input))
            if (shape.size() == front + frame.size() && std::equal(frame.begin(), frame.end(), shape.end() - static_cast<std::ptrdiff_t>(frame.size())) &&
                (asked == axes_rule::automatic || axes_in_front(asked) == front))
                return front;
    return {};
}

/// What makes the network's input of an array that has the right numbers in another order, or in one that it does not
/// say; "": it has not.
std::string hint_of(const std::vector<std::size_t>& shape, const network::map_shape& input)
{
    const std::vector<std::size_t> channels_last{input.height, input.width, input.channels};
    for (const std::size_t front : {1u, 2u}) {
        const std::string transpose = front == 1 ? "transpose(0, 3, 1, 2)" : "transpose(0, 1, 4, 2, 3)";
        const std::string kept = front == 1 ? "-1" : fmt::format("-1, {}", shape.size() > 1 ? shape[1] : 1);
        if (shape.size() == front + 3 && std::equal(channels_last.begin(), channels_last.end(), shape.end() - 3))
            return fmt::format("; its channels stand last: x.{} puts them where the network has them", transpose);
        if (shape.size() == front + 1 && shape.back() == input.size())
            return fmt::format("; its frames are flat: x.reshape({0}, {1}, {2}, {3}) if the numbers of a channel stand "
                               "together, x.reshape({0}, {2}, {3}, {1}).{4} if those of a pixel do",
                               kept, input.channels, input.height, input.width, transpose);
    }
    return "";
}

std::string shapes_text(const network::map_shape& input, axes_rule asked)
{
    std::string text;
    const auto add = [&](const char* front, const std::vector<std::size_t>& frame) {
        text += fmt::format("{}({}, {})", text.empty() ? "" : " or ", front, fmt::join(frame, ", "));
    };
    const char* words[] = {"N", "N", "T", "N, T", "T, N"};
    std::vector<std::vector<std::size_t>> frames = frame_shapes(input);
    frames.resize(std::min<std::size_t>(frames.size(), 2)); // what else is taken would only confuse
    for (const std::vector<std::size_t>& frame : frames) {
        add(words[static_cast<std::size_t>(asked)], frame);
        if (asked == axes_rule::automatic)
            add("N, T", frame);
    }
    return text;
}

axes_rule guess(std::size_t front, const std::vector<std::size_t>& shape, std::optional<std::size_t> labels,
                 std::string& assumed)
{
    if (front == 1) {
        if (labels && *labels == 1 && shape[0] != 1)
            return axes_rule::t;
        if (!labels && shape[0] > 1)
            assumed = fmt::format("the first axis of the inputs, {} long, is one of images, each the same at all "
                                  "timesteps, and not of timesteps (workload.input_axes)",
                                  shape[0]);
        return axes_rule::n;
    }
    if (labels && *labels != shape[0] && *labels == shape[1])
        return axes_rule::tn;
    if (!labels || shape[0] == shape[1])
        assumed = fmt::format("the first axes of the inputs are {} inputs and {} timesteps (workload.input_axes)",
                              shape[0], shape[1]);
    return axes_rule::nt;
}

} // namespace

array_axes axes_of(const std::vector<std::size_t>& shape, const network::map_shape& input, axes_rule asked,
                   std::optional<std::size_t> labels, const std::string& source)
{
    const std::optional<std::size_t> front = find_front(shape, input, asked);
    if (!front)
        throw text::user_error(fmt::format(
            "{}: shape is {}, but the network takes {}{}{}{}", source, formats::shape_text(shape), shapes_text(input, asked),
            asked == axes_rule::automatic ? "" : " by workload.input_axes", hint_of(shape, input),
            shape.size() == 2 && (shape[1] == 3 || shape[1] == 4)
                ? "; if its rows are events, they must be records with the fields x, y, t and p (a NumPy structured array)"
                : ""));
    if (std::find(shape.begin(), shape.end(), std::size_t{0}) != shape.end())
        throw text::user_error(source + ": holds no inputs");
    array_axes axes;
    if (asked == axes_rule::automatic)
        asked = guess(*front, shape, labels, axes.assumed);
    axes.time_first = asked == axes_rule::tn;
    if (asked == axes_rule::t || asked == axes_rule::tn)
        axes.timesteps = shape[0];
    else if (asked == axes_rule::nt)
        axes.timesteps = shape[1];
    if (asked == axes_rule::n || asked == axes_rule::nt)
        axes.inputs = shape[0];
    else if (asked == axes_rule::tn)
        axes.inputs = shape[1];
    return axes;
}

} // namespace loas::inputs
