#include "platform/config/layer_shapes.h"

#include "platform/formats/npz.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace loas::config
{
namespace
{

using formats::npy_dtype;
using formats::npy_kind;
using text::user_error;

constexpr const char* spikes_key = "layer.spikes_file";
constexpr const char* weights_key = "layer.weights_file";
constexpr const char* bias_key = "layer.bias_file";

/// A size that a file says and that is in force, by the keys whose product it is.
struct size_claim {
    std::vector<std::string_view> keys;
    std::uint64_t in_file, in_force;
};

bool agree(const std::vector<size_claim>& claims)
{
    return std::all_of(claims.begin(), claims.end(),
                       [](const size_claim& each) { return each.in_file == each.in_force; });
}

std::vector<size_claim> claims_of(const spike_axes& axes, const layer_params& layer, unsigned timesteps)
{
    std::vector<size_claim> claims;
    if (axes.timesteps != 0)
        claims.push_back({{"workload.timesteps"}, axes.timesteps, timesteps});
    claims.push_back({{"layer.channels"}, axes.channels, layer.channels});
    if (axes.pixels != 0) {
        claims.push_back({{"layer.height", "layer.width"}, axes.pixels, std::uint64_t{layer.height} * layer.width});
    } else {
        claims.push_back({{"layer.height"}, axes.height, layer.height});
        claims.push_back({{"layer.width"}, axes.width, layer.width});
    }
    return claims;
}

std::vector<size_claim> claims_of(const weight_axes& axes, const layer_params& layer)
{
    const std::string_view across = layer.kernel_width == 0 ? "layer.kernel" : "layer.kernel_width";
    std::vector<size_claim> claims{{{"layer.out_channels"}, axes.columns, layer.out_channels}};
    if (axes.inputs != 0) {
        claims.push_back({{"layer.kernel", across, "layer.channels"}, axes.inputs, layer.inputs_of_neuron()});
    } else {
        claims.push_back({{"layer.channels"}, axes.channels, layer.channels});
        claims.push_back({{"layer.kernel"}, axes.kernel_height, layer.kernel});
        claims.push_back({{across}, axes.kernel_width, layer.width_of_kernel()});
    }
    return claims;
}

constexpr unsigned most_pixels = 65535, most_kernel_pixels = 255; // of a side; as in the table of options

/// The sizes of a file's axes; none, if no layer has such sizes.
std::vector<unsigned> axis_sizes(const npy_kind& file)
{
    for (const std::size_t each : file.shape)
        if (each < 1 || each > 0xffffffff)
            return {};
    return {file.shape.begin(), file.shape.end()};
}

bool are_sides(std::initializer_list<unsigned> sizes)
{
    return std::max(sizes) <= most_pixels;
}

/// All ways to read such a file.
std::vector<spike_axes> ways_to_read_spikes(const npy_kind& file, bool bytes)
{
    std::vector<spike_axes> ways;
    std::vector<unsigned> size = axis_sizes(file);
    if (size.size() == 5 && size[0] == 1) // of one input of a network
        size.erase(size.begin());
    const bool words = file.dtype == npy_dtype::u1 || (file.dtype == npy_dtype::u2 && !bytes);
    const bool timesteps = !size.empty() && size[0] <= LOAS_MAX_TIMESTEPS && !bytes;
    if (size.size() == 4 && timesteps && are_sides({size[1], size[2], size[3]}))
        ways.push_back({"(T, C, H, W)", size[0], size[1], size[2], size[3], 0});
    if (size.size() == 3 && words && are_sides({size[0], size[1], size[2]}))
        ways.push_back({"(C, H, W)", 0, size[0], size[1], size[2], 0});
    if (size.size() == 3 && timesteps && are_sides({size[2]}))
        ways.push_back({"(T, M, K)", size[0], size[2], 0, 0, size[1]});
    if (size.size() == 2 && words && are_sides({size[1]}))
        ways.push_back({"(M, K)", 0, size[1], 0, 0, size[0]});
    return ways;
}

std::vector<weight_axes> ways_to_read_weights(const npy_kind& file, const layer_params& layer)
{
    std::vector<weight_axes> ways;
    const std::vector<unsigned> size = axis_sizes(file);
    if (size.size() == 4 && are_sides({size[0], size[1]}) && std::max(size[2], size[3]) <= most_kernel_pixels)
        ways.push_back({"(N, C, kh, kw)", size[0], size[1], size[2], size[3], 0, false});
    if (size.size() == 2 && layer.weights_axes != matrix_axes::kn && are_sides({size[0]}))
        ways.push_back({"(N, K)", size[0], 0, 0, 0, size[1], false});
    if (size.size() == 2 && layer.weights_axes != matrix_axes::nk && are_sides({size[1]}))
        ways.push_back({"(K, N)", size[1], 0, 0, 0, size[0], true});
    return ways;
}

std::string name_of(const size_claim& claim)
{
    return fmt::format("{}", fmt::join(claim.keys, " x "));
}

struct mistake {
    std::vector<std::string_view> keys; ///< to blame
    std::string text;
};

/// None of the ways to read the file is what is in force: names all of them, and that, but for the size that is unsaid.
mistake contradiction(const npy_kind& file, const char* key, const std::vector<std::string_view>& names,
                      const std::vector<std::vector<size_claim>>& ways, std::string_view unsaid = {})
{
    mistake wrong;
    std::vector<std::string> readings, in_force;
    for (std::size_t i = 0; i < ways.size(); ++i) {
        std::vector<std::string> sizes;
        for (const size_claim& each : ways[i]) {
            sizes.push_back(fmt::format("{} = {}", name_of(each), each.in_file));
            const std::string other = fmt::format("{} = {}", name_of(each), each.in_force);
            if (each.in_file == each.in_force || each.keys[0] == unsaid || std::count(in_force.begin(), in_force.end(), other) != 0)
                continue;
            in_force.push_back(other);
            wrong.keys.insert(wrong.keys.end(), each.keys.begin(), each.keys.end());
        }
        readings.push_back(fmt::format("{}: {}", names[i], fmt::join(sizes, ", ")));
    }
    if (in_force.empty()) // an axis of a sweep says it
        return contradiction(file, key, names, ways);
    wrong.keys.push_back(key);
    wrong.text = fmt::format("{} ({}): shape {} is {}; but in force is {}", file.source, key,
                             formats::shape_text(file.shape), fmt::join(readings, "; or "), fmt::join(in_force, ", "));
    return wrong;
}

/// Nothing that the user gave says which of the ways to read the file is meant, and the defaults were not made for it.
mistake ambiguity(const npy_kind& file)
{
    std::vector<std::string> readings, channels;
    for (const spike_axes& each : ways_to_read_spikes(file, false)) {
        readings.push_back(fmt::format("{} of {}", each.names, each.timesteps == 0 ? "words" : "zeros and ones"));
        channels.push_back(std::to_string(each.channels));
    }
    return {{spikes_key},
            fmt::format("{} ({}): shape {} of {} is {}: layer.channels = {} says which, or bool for zeros and ones", file.source,
                        spikes_key, formats::shape_text(file.shape), formats::npy_dtype_name(file.dtype),
                        fmt::join(readings, " or "), fmt::join(channels, " or "))};
}

std::optional<mistake> mistake_in_spikes(const npy_kind& file, const layer_params& layer, unsigned timesteps, bool bytes)
{
    if (layer.two_readings)
        return ambiguity(file);
    std::vector<std::string_view> names;
    std::vector<std::vector<size_claim>> claims;
    for (const spike_axes& each : ways_to_read_spikes(file, bytes)) {
        names.push_back(each.names);
        claims.push_back(claims_of(each, layer, timesteps));
        if (agree(claims.back()))
            return {};
    }
    if (!claims.empty())
        return contradiction(file, spikes_key, names, claims);
    if (bytes)
        return mistake{{spikes_key},
                       fmt::format("{} ({}): shape {} of {}: bytes are uint8 of (C, H, W) or (M, K)", file.source,
                                   spikes_key, formats::shape_text(file.shape), formats::npy_dtype_name(file.dtype))};
    return mistake{{spikes_key},
                   fmt::format("{} ({}): shape {} of {}: spikes are uint8 or uint16, bit t = timestep t, of (C, H, W) or "
                               "(M, K), or zeros and ones of any type, of (T, C, H, W) or (T, M, K) with T up to {}",
                               file.source, spikes_key, formats::shape_text(file.shape),
                               formats::npy_dtype_name(file.dtype), LOAS_MAX_TIMESTEPS)};
}

std::optional<mistake> mistake_in_weights(const npy_kind& file, const layer_params& layer, std::string_view unsaid = {})
{
    std::vector<std::string_view> names;
    std::vector<std::vector<size_claim>> claims;
    for (const weight_axes& each : ways_to_read_weights(file, layer)) {
        names.push_back(each.names);
        claims.push_back(claims_of(each, layer));
    }
    const auto right = std::count_if(claims.begin(), claims.end(), agree);
    if (right == 1)
        return {};
    if (right > 1)
        return mistake{{weights_key},
                       fmt::format("{} ({}): shape {} is (N, K) as well as (K, N): layer.weights_axes = \"nk\" or "
                                   "\"kn\" says which",
                                   file.source, weights_key, formats::shape_text(file.shape))};
    if (!claims.empty())
        return contradiction(file, weights_key, names, claims, unsaid);
    return mistake{{weights_key}, fmt::format("{} ({}): shape {}: weights are (N, C, kh, kw), (N, K) or (K, N)",
                                              file.source, weights_key, formats::shape_text(file.shape))};
}

std::optional<mistake> mistake_in_bias(const npy_kind& file, const layer_params& layer)
{
    if (file.shape.size() != 1)
        return mistake{{bias_key}, fmt::format("{} ({}): shape {}: a bias is (N,), one number a column", file.source,
                                               bias_key, formats::shape_text(file.shape))};
    const size_claim claim{{"layer.out_channels"}, file.shape[0], layer.out_channels};
    return agree({claim}) ? std::nullopt : std::optional(contradiction(file, bias_key, {"(N,)"}, {{claim}}));
}

/// What is in force while files are looked at.
struct layer_sizes {
    layer_params layer;
    unsigned timesteps;
    auto shape() const
    {
        return std::tuple(timesteps, layer.height, layer.width, layer.channels, layer.out_channels, layer.kernel,
                          layer.kernel_width, layer.stride, layer.padding);
    }
};

class shape_taker
{
public:
    shape_taker(const scenario& s, const std::vector<std::string_view>& further_given)
        : m_given(further_given.begin(), further_given.end())
    {
        for (const given_parameter& each : s.given)
            m_given.insert(each.key);
    }

    /// Sets what the user did not give.
    template <typename number, typename other> void take(std::string_view key, number& member, other value) const
    {
        if (m_given.count(key) == 0)
            member = static_cast<number>(value);
    }

    layer_sizes with(layer_sizes to, const spike_axes& axes) const
    {
        layer_params& layer = to.layer;
        if (axes.timesteps != 0)
            take("workload.timesteps", to.timesteps, axes.timesteps);
        take("layer.channels", layer.channels, axes.channels);
        if (axes.pixels == 0) {
            take("layer.height", layer.height, axes.height);
            take("layer.width", layer.width, axes.width);
        } else if (m_given.count("layer.height") != 0) {
            take("layer.width", layer.width, std::max(1U, axes.pixels / layer.height));
        } else if (m_given.count("layer.width") != 0) {
            take("layer.height", layer.height, std::max(1U, axes.pixels / layer.width));
        } else if (axes.pixels <= most_pixels) {
            layer.height = axes.pixels;
            layer.width = 1;
            take("layer.kernel", layer.kernel, 1);
            take("layer.stride", layer.stride, 1);
            take("layer.padding", layer.padding, 0);
        }
        return to;
    }

    layer_sizes with(layer_sizes to, const weight_axes& axes) const
    {
        layer_params& layer = to.layer;
        take("layer.out_channels", layer.out_channels, axes.columns);
        if (axes.inputs != 0)
            return to;
        if (layer.spikes_file.empty())
            take("layer.channels", layer.channels, axes.channels);
        take("layer.kernel", layer.kernel, axes.kernel_height);
        if (axes.kernel_width != layer.width_of_kernel())
            take("layer.kernel_width", layer.kernel_width, axes.kernel_width);
        return to;
    }

private:
    std::set<std::string_view> m_given;
};

std::optional<npy_kind> kind_of(const std::filesystem::path& file)
{
    try {
        if (!file.empty())
            return formats::read_kind_of_npy_or_npz(file.string());
    } catch (const user_error&) { // whoever reads the elements says it
    }
    return {};
}

} // namespace

spike_axes axes_of_spikes(const npy_kind& file, const layer_params& layer, unsigned timesteps, bool bytes)
{
    if (const auto wrong = mistake_in_spikes(file, layer, timesteps, bytes))
        throw user_error(wrong->text);
    const std::vector<spike_axes> ways = ways_to_read_spikes(file, bytes);
    return *std::find_if(ways.begin(), ways.end(),
                         [&](const spike_axes& each) { return agree(claims_of(each, layer, timesteps)); });
}

weight_axes axes_of_weights(const npy_kind& file, const layer_params& layer)
{
    if (const auto wrong = mistake_in_weights(file, layer))
        throw user_error(wrong->text);
    const std::vector<weight_axes> ways = ways_to_read_weights(file, layer);
    return *std::find_if(ways.begin(), ways.end(),
                         [&](const weight_axes& each) { return agree(claims_of(each, layer)); });
}

void check_bias(const npy_kind& file, const layer_params& layer)
{
    if (const auto wrong = mistake_in_bias(file, layer))
        throw user_error(wrong->text);
}

void take_shapes(scenario& s, const std::vector<std::string_view>& further_given)
{
    layer_params& layer = s.layer;
    layer.two_readings = false;
    if (s.workload.kind != workload_kind::layer)
        return;
    const auto spikes = kind_of(layer.spikes_file), weights = kind_of(layer.weights_file),
               bias = kind_of(layer.bias_file);
    if (!spikes && !weights && !bias)
        return;
    // What another file said before, in a sweep, is forgotten.
    const shape_taker taker(s, further_given);
    const layer_params fresh;
    taker.take("workload.timesteps", s.workload.timesteps, workload_params().timesteps);
    taker.take("layer.height", layer.height, fresh.height);
    taker.take("layer.width", layer.width, fresh.width);
    taker.take("layer.channels", layer.channels, fresh.channels);
    taker.take("layer.out_channels", layer.out_channels, fresh.out_channels);
    taker.take("layer.kernel", layer.kernel, fresh.kernel);
    taker.take("layer.kernel_width", layer.kernel_width, fresh.kernel_width);
    taker.take("layer.stride", layer.stride, fresh.stride);
    taker.take("layer.padding", layer.padding, fresh.padding);

    std::vector<layer_sizes> candidates{{layer, s.workload.timesteps}}, further;
    if (spikes) {
        const std::vector<spike_axes> ways = ways_to_read_spikes(*spikes, takes_bytes(s));
        for (const spike_axes& axes : ways)
            if (layer_sizes of = taker.with(candidates[0], axes);
                agree(claims_of(axes, of.layer, of.timesteps)) || ways.size() == 1)
                further.push_back(std::move(of));
    }
    if (!further.empty()) // else nothing can be meant: the others stay, and it is told
        candidates = std::exchange(further, {});
    for (const layer_sizes& each : candidates) {
        const std::vector<weight_axes> ways =
            weights ? ways_to_read_weights(*weights, each.layer) : std::vector<weight_axes>();
        for (const weight_axes& axes : ways)
            if (layer_sizes of = taker.with(each, axes);
                agree(claims_of(axes, of.layer)) || (ways.size() == 1 && candidates.size() == 1))
                further.push_back(std::move(of));
    }
    if (!further.empty())
        candidates = std::move(further);
    if (const auto columns = bias ? axis_sizes(*bias) : std::vector<unsigned>();
        !weights && columns.size() == 1 && are_sides({columns[0]}))
        for (layer_sizes& each : candidates)
            taker.take("layer.out_channels", each.layer.out_channels, columns[0]);
    for (const layer_sizes& each : candidates)
        if (each.shape() != candidates[0].shape()) { // ambiguous: broken_shapes() says so
            layer.two_readings = each.layer.channels != candidates[0].layer.channels;
            return;
        }
    layer = candidates[0].layer;
    s.workload.timesteps = candidates[0].timesteps;
}

std::vector<broken_rule> broken_shapes(const scenario& s)
{
    std::optional<mistake> wrong; // the first one: others may follow from it
    const auto spikes = kind_of(s.layer.spikes_file);
    if (!spikes && !s.layer.spikes_file.empty())
        return {}; // it cannot be read, and no size is known by it: whoever reads the elements says why
    if (spikes)
        wrong = mistake_in_spikes(*spikes, s.layer, s.workload.timesteps, takes_bytes(s));
    const bool columns_said = std::any_of(s.given.begin(), s.given.end(), [](const auto& each) { return each.key == "layer.out_channels"; });
    if (const auto weights = kind_of(s.layer.weights_file); weights && !wrong) {
        wrong = mistake_in_weights(*weights, s.layer, columns_said ? "" : "layer.out_channels");
        if (wrong && wrong->keys.size() > 1 && spikes) // sizes, of which some are the spikes' file's
            wrong->text += fmt::format("; {} ({}): shape {} of {} is {}", spikes->source, spikes_key, formats::shape_text(spikes->shape),
                                       formats::npy_dtype_name(spikes->dtype),
                                       axes_of_spikes(*spikes, s.layer, s.workload.timesteps, takes_bytes(s)).names);
    }
    if (const auto bias = kind_of(s.layer.bias_file); bias && !wrong)
        wrong = mistake_in_bias(*bias, s.layer);
    if (!wrong)
        return {};
    return {{std::move(wrong->keys), std::move(wrong->text), false}};
}

} // namespace loas::config
