#include "platform/folding/linear_maths.h"

#include <algorithm>

namespace loas::lowering
{

namespace
{

constexpr unsigned max_window = 255;

window_side one_side(const window_side& first, const window_side& second)
{
    return {first.stride * (second.kernel - 1) + first.kernel, first.stride * second.stride,
            first.padding + first.stride * second.padding};
}

// The padding of `second` is zeros. The whole computes there what `first` makes of what lies around its input, so that
// must be zeros too: windows next to the outermost ones must lie outside altogether.
std::string why_not(const window_side& first, const window_side& second, unsigned in, bool first_has_bias)
{
    const window_side whole = one_side(first, second);
    if (whole.kernel > max_window || whole.stride > max_window || whole.padding > max_window)
        return "kernel, stride or padding of both together would be more than 255";
    if (second.padding == 0)
        return "";
    if (first_has_bias)
        return "the padding between the two is 0, where the bias would be (without the padding it would work)";
    const unsigned outputs = (in + 2 * first.padding - first.kernel) / first.stride + 1;
    if (first.kernel - 1 >= first.stride + first.padding || outputs * first.stride < in + first.padding)
        return "the padding between the two is 0, where windows over the edge would be (without padding, or with "
               "windows that fill the input, it would work)";
    return "";
}

template <typename first_kind, typename second_kind>
linear_op windows_of(const first_kind& first, const second_kind& second)
{
    linear_op whole;
    set_window(whole, one_side(rows_of(first), rows_of(second)), one_side(columns_of(first), columns_of(second)));
    return whole;
}

template <typename first_kind, typename second_kind>
std::string why_not_windows(const first_kind& first, const second_kind& second, const map_shape& in,
                            std::size_t outputs, bool bias)
{
    const linear_op whole = windows_of(first, second);
    if (is_too_large(outputs, in.channels, whole.kernel_h, whole.kernel_w))
        return "both together would have more than 2^26 weights";
    const std::string rows = why_not(rows_of(first), rows_of(second), in.height, bias);
    return rows.empty() ? why_not(columns_of(first), columns_of(second), in.width, bias) : rows;
}

bool has_bias(const linear_op& op)
{
    return std::any_of(op.bias.begin(), op.bias.end(), [](double value) { return value != 0; });
}

template <typename windowed> void copy_windows(linear_op& to, const windowed& from)
{
    to.kernel_h = from.kernel_h;
    to.kernel_w = from.kernel_w;
    to.stride_h = from.stride_h;
    to.stride_w = from.stride_w;
    to.pad_h = from.pad_h;
    to.pad_w = from.pad_w;
}

// Adds `factor` times the taps of a kernel (an input channel of an output) to those of the whole, moved by a tap of the
// other operation.
void add_moved(double* whole, unsigned whole_width, const double* taps, unsigned height, unsigned width, unsigned down,
               unsigned right, double factor)
{
    for (unsigned row = 0; row < height; ++row)
        for (unsigned column = 0; column < width; ++column)
            whole[std::size_t{down + row} * whole_width + right + column] +=
                factor * taps[std::size_t{row} * width + column];
}

linear_op without_bias(const linear_op& op)
{
    linear_op to;
    copy_windows(to, op);
    to.out_channels = op.out_channels;
    to.in_channels = op.in_channels;
    return to;
}

/// taps: [channel][tap]. Of each pixel and channel of `out` the sum of those taps that are on `in`.
template <typename windowed>
std::vector<double> on_map(const std::vector<double>& taps, const windowed& op, const map_shape& in, const map_shape& out)
{
    const std::size_t of_channel = std::size_t{op.kernel_h} * op.kernel_w;
    const auto is_on = [](std::size_t padded, unsigned padding, unsigned size) {
        return padded >= padding && padded < std::size_t{padding} + size;
    };
    std::vector<double> sums(out.size());
    for (std::size_t i = 0; i < sums.size(); ++i)
        for (std::size_t tap = 0; tap < of_channel; ++tap) {
            const std::size_t row = i / out.width % out.height, column = i % out.width;
            if (is_on(row * op.stride_h + tap / op.kernel_w, op.pad_h, in.height) &&
                is_on(column * op.stride_w + tap % op.kernel_w, op.pad_w, in.width))
                sums[i] += taps[i / (std::size_t{out.height} * out.width) * of_channel + tap];
        }
    return sums;
}

} // namespace

void set_window(linear_op& op, const window_side& rows, const window_side& columns)
{
    op.kernel_h = rows.kernel;
    op.stride_h = rows.stride;
    op.pad_h = rows.padding;
    op.kernel_w = columns.kernel;
    op.stride_w = columns.stride;
    op.pad_w = columns.padding;
}

linear_op linear_of(const pool_op& op, const map_shape& in)
{
    linear_op to;
    copy_windows(to, op);
    to.out_channels = to.in_channels = in.channels;
    to.weights.resize(to.out_channels * to.inputs());
    for (std::size_t n = 0; n < to.out_channels; ++n) {
        const auto first = to.weights.begin() + static_cast<std::ptrdiff_t>((n * to.in_channels + n) * to.taps());
        std::fill_n(first, to.taps(), op.factor);
    }
    return to;
}

linear_op identity_of(const map_shape& in)
{
    return linear_of(pool_op{}, in);
}

std::optional<linear_op> linear_of(const scale_op& op, const map_shape& in)
{
    const std::optional<std::vector<double>> factors = per_channel(op.factors, in);
    if (!factors)
        return std::nullopt;
    linear_op to = identity_of(in);
    scale_outputs(to, *factors);
    return to;
}

void scale_outputs(linear_op& op, const std::vector<double>& factors)
{
    for (std::size_t n = 0; n < op.out_channels; ++n) {
        for (std::size_t k = 0; k < op.inputs(); ++k)
            op.weights[n * op.inputs() + k] *= factors[n];
        if (!op.bias.empty())
            op.bias[n] *= factors[n];
    }
}

bool scale_inputs(linear_op& op, const scale_op& by, const map_shape& in)
{
    const bool covers = op.kernel_h == in.height && op.kernel_w == in.width && op.pad_h == 0 && op.pad_w == 0;
    if (!covers && !per_channel(by.factors, in))
        return false;
    for (std::size_t n = 0; n < op.out_channels; ++n)
        for (unsigned c = 0; c < op.in_channels; ++c)
            for (std::size_t tap = 0; tap < op.taps(); ++tap)
                op.weights[(n * op.in_channels + c) * op.taps() + tap] *= value_at(by.factors, in, c, covers ? tap : 0);
    return true;
}

std::string why_not_one(const linear_op& first, const linear_op& second, const map_shape& in)
{
    // Two layers of usual sizes are a few million products; some would be days of work and gigabytes of weights.
    const double products = static_cast<double>(second.out_channels) * static_cast<double>(second.inputs()) *
                            static_cast<double>(first.inputs());
    if (products > 4e9)
        return "both together would be too large";
    return why_not_windows(first, second, in, second.out_channels, has_bias(first));
}

std::string why_not_one(const pool_op& first, const linear_op& second, const map_shape& in)
{
    return why_not_windows(first, second, in, second.out_channels, false);
}

std::string why_not_one(const linear_op& first, const pool_op& second, const map_shape& in)
{
    return why_not_windows(first, second, in, first.out_channels, has_bias(first));
}

template <typename operation> bool is_kept_by_bias(const linear_op& first, const operation& second, const map_shape& in)
{
    return has_bias(first) && !why_not_one(first, second, in).empty() && why_not_one(without_bias(first), second, in).empty();
}
template bool is_kept_by_bias(const linear_op& first, const linear_op& second, const map_shape& in);
template bool is_kept_by_bias(const linear_op& first, const pool_op& second, const map_shape& in);

std::vector<double> constant_behind(const std::vector<double>& channels, const linear_op& op, const map_shape& in,
                                    const map_shape& out)
{
    std::vector<double> taps(op.out_channels * op.taps());
    for (std::size_t i = 0; i < op.weights.size(); ++i)
        taps[i / op.inputs() * op.taps() + i % op.taps()] += op.weights[i] * channels[i / op.taps() % op.in_channels];
    return on_map(taps, op, in, out);
}

std::vector<double> constant_behind(const std::vector<double>& channels, const pool_op& op, const map_shape& in,
                                    const map_shape& out)
{
    std::vector<double> taps;
    for (const double channel : channels)
        taps.insert(taps.end(), std::size_t{op.kernel_h} * op.kernel_w, op.factor * channel);
    return on_map(taps, op, in, out);
}

linear_op as_one(const linear_op& first, const linear_op& second)
{
    linear_op whole = windows_of(first, second);
    whole.out_channels = second.out_channels;
    whole.in_channels = first.in_channels;
    whole.weights.resize(whole.out_channels * whole.inputs());
    if (!first.bias.empty() || !second.bias.empty())
        whole.bias = second.bias.empty() ? std::vector<double>(second.out_channels) : second.bias;
    for (std::size_t n = 0; n < second.out_channels; ++n)
        for (std::size_t middle = 0; middle < second.in_channels; ++middle)
            for (unsigned tap = 0; tap < second.taps(); ++tap) {
                const double weight = second.weights[(n * second.in_channels + middle) * second.taps() + tap];
                if (weight == 0)
                    continue;
                for (std::size_t c = 0; c < first.in_channels; ++c)
                    add_moved(&whole.weights[(n * whole.in_channels + c) * whole.taps()], whole.kernel_w,
                              &first.weights[(middle * first.in_channels + c) * first.taps()], first.kernel_h,
                              first.kernel_w, tap / second.kernel_w * first.stride_h,
                              tap % second.kernel_w * first.stride_w, weight);
                if (!first.bias.empty())
                    whole.bias[n] += weight * first.bias[middle];
            }
    return whole;
}

linear_op as_one(const pool_op& first, const linear_op& second)
{
    linear_op whole = windows_of(first, second);
    whole.out_channels = second.out_channels;
    whole.in_channels = second.in_channels;
    whole.bias = second.bias;
    whole.weights.resize(whole.out_channels * whole.inputs());
    const std::vector<double> window(std::size_t{first.kernel_h} * first.kernel_w, first.factor);
    for (std::size_t kernel = 0; kernel < std::size_t{second.out_channels} * second.in_channels; ++kernel)
        for (unsigned tap = 0; tap < second.taps(); ++tap)
            add_moved(&whole.weights[kernel * whole.taps()], whole.kernel_w, window.data(), first.kernel_h,
                      first.kernel_w, tap / second.kernel_w * first.stride_h, tap % second.kernel_w * first.stride_w,
                      second.weights[kernel * second.taps() + tap]);
    return whole;
}

linear_op as_one(const linear_op& first, const pool_op& second)
{
    linear_op whole = windows_of(first, second);
    whole.out_channels = first.out_channels;
    whole.in_channels = first.in_channels;
    whole.weights.resize(whole.out_channels * whole.inputs());
    for (std::size_t kernel = 0; kernel < std::size_t{first.out_channels} * first.in_channels; ++kernel)
        for (unsigned tap = 0; tap < second.kernel_h * second.kernel_w; ++tap)
            add_moved(&whole.weights[kernel * whole.taps()], whole.kernel_w, &first.weights[kernel * first.taps()],
                      first.kernel_h, first.kernel_w, tap / second.kernel_w * first.stride_h,
                      tap % second.kernel_w * first.stride_w, second.factor);
    whole.bias = first.bias;
    for (double& each : whole.bias)
        each *= second.factor * second.kernel_h * second.kernel_w;
    return whole;
}

} // namespace loas::lowering
