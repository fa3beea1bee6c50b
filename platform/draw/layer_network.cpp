#include "platform/draw/layer_network.h"

#include "abi/loas_abi.h"
#include "platform/config/convert.h"
#include "platform/draw/exact_math.h"
#include "platform/text/complaints.h"
#include "platform/text/toml_reader.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <utility>

namespace loas::draw
{
namespace
{

using config::option;
using text::printable;
using text::user_error;

constexpr std::size_t most_bytes = 1 << 20;   // no list of layers is larger; a data file given by mistake is
constexpr unsigned most_side = 65535;         // of a descriptor's fields
constexpr std::uint64_t most_drawn = 1 << 28; // elements of a tensor; some 30 bytes each are needed to draw it
constexpr double most_count = 9e15;           // above any count that passes the checks of sizes

constexpr std::string_view pixel_spikes_key = "pixel_spikes"; // a list, which no option is

struct key_row {
    option target;
    bool required = true;
};

std::vector<key_row> rows_of(layer_statistics& l)
{
    const auto text = [](std::string_view key, std::string& member, bool required, std::string_view help) {
        return key_row{{key, &member, "", 0, 0, false, {}, "", help}, required};
    };
    const auto size = [](std::string_view key, unsigned& member, double low, double high, std::string_view help) {
        return key_row{{key, &member, "", low, high, false, {}, "", help}};
    };
    const auto count = [](std::string_view key, std::int64_t& member, std::string_view help) {
        return key_row{{key, &member, "", 0, most_count, false, {}, "", help}};
    };
    const auto number = [](std::string_view key, double& member, double low, double high, bool required,
                           std::string_view help) {
        return key_row{{key, &member, "", low, high, false, {}, "", help}, required};
    };
    return {
        text("name", l.name, true, "of the layer in results and in workload.only; unique in its file"),
        text("published_name", l.published_name, false, "in the result files of the publication's authors"),
        size("in_height", l.in_height, 1, most_side, "pixels of the input"),
        size("in_width", l.in_width, 1, most_side, "pixels of the input"),
        size("in_channels", l.in_channels, 1, most_side, "channels of the input"),
        size("out_channels", l.out_channels, 1, most_side, "N: the columns of the weights"),
        size("kernel", l.kernel, 1, 255, "pixels a side"),
        size("stride", l.stride, 1, 255, "pixels, both ways"),
        size("padding", l.padding, 0, 255, "zero pixels on each side"),
        size("timesteps", l.timesteps, 1, LOAS_MAX_TIMESTEPS, "T of the counts"),
        count("spikes", l.spikes, "in the unfolded (im2col) input of M x K entries, all timesteps"),
        count("non_silent", l.non_silent, "entries of the unfolded input that spike"),
        count("non_silent_ft", l.non_silent_ft, "those that spike more than once"),
        count("non_zero_weights", l.non_zero_weights, "of kernel x kernel x in_channels x out_channels"),
        number("sigma_col", l.sigma_col, 0, 10, true,
               "spread (of the logarithm) of the columns' shares of the non-zero weights; 0: all alike"),
        number("gamma_act", l.gamma_act, -10, 10, true,
               "an input's share of the weights grows with its channel's activity to this power; 0: it does not"),
        number("kappa", l.kappa, -10, 10, false,
               "and falls by exp(-kappa d^2), d pixels from the kernel's centre"),
        number("dead_channels", l.dead_channels, 0, 1, false, "share of the channels that practically never spike"),
        number("channel_spread", l.channel_spread, 0, 5, false,
               "of the drives of the other channels, in standard deviations of what drives a single input"),
        number("singles_apart", l.singles_apart, -5, 5, false,
               "share of it that does not count, or counts more (below 0), for inputs that spike once"),
        number("pixel_spread", l.pixel_spread, 0, 5, false, "of the drives of pixels, common to all channels"),
        number("smoothness", l.smoothness, 0, 1, false,
               "share of an input's own drive (variance) that is averaged over neighbours"),
    };
}

constexpr text::file_kind layers_kind{most_bytes, "{}: no such file, or it cannot be read",
                                      "{}: a file of layers is needed, but this is a folder",
                                      "{}: no such file, or it cannot be read", "{}: larger than any list of layers"};

std::string nearest(std::string_view wrong, const std::vector<std::string_view>& valid)
{
    return text::did_you_mean(text::nearest_word(wrong, valid));
}

/// What a shape cannot be, or "".
std::string shape_mistake(const layer_statistics& l)
{
    const unsigned padded = std::min(l.in_height, l.in_width) + 2 * l.padding;
    if (l.kernel > padded)
        return fmt::format("kernel = {} is more than the input with its padding, {} x {} pixels", l.kernel,
                           l.in_height + 2 * l.padding, l.in_width + 2 * l.padding);
    if (l.out_height() > most_side || l.out_width() > most_side)
        return fmt::format("the output has {} x {} pixels, a side of which is more than {}", l.out_height(),
                           l.out_width(), most_side);
    if (l.inputs() > LOAS_MAX_K)
        return fmt::format("kernel x kernel x in_channels = {} is more than the {} inputs that a neuron can have",
                           l.inputs(), LOAS_MAX_K);
    const std::uint64_t inputs = std::uint64_t{l.in_height} * l.in_width * l.in_channels;
    if (const std::uint64_t largest = std::max(inputs, l.inputs() * l.out_channels); largest > most_drawn)
        return fmt::format("a tensor of {} elements is more than the {} that can be drawn", largest, most_drawn);
    const std::uint64_t output_bytes =
        loas_spike_layout(LOAS_SPIKES_PACKED, l.rows(), l.out_channels, l.timesteps).total_bytes;
    if (output_bytes > LOAS_MAX_TENSOR_BYTES)
        return fmt::format("the output tensor takes {} bytes, which is more than the {} of the largest tensor",
                           output_bytes, LOAS_MAX_TENSOR_BYTES);
    return {};
}

/// The list of counts as it stands in the file; returns what is wrong with it, or "".
std::string read_pixel_spikes(const toml::node& node, std::vector<std::uint32_t>& counts)
{
    const toml::array* list = node.as_array();
    if (list == nullptr)
        return "pixel_spikes: expected a list of counts, " + text::found(node);
    for (const toml::node& each : *list) {
        const auto count = each.value_exact<std::int64_t>();
        if (!count || *count < 0 || *count > UINT32_MAX)
            return fmt::format("pixel_spikes: expected counts, {}", text::found(each));
        counts.push_back(static_cast<std::uint32_t>(*count));
    }
    return {};
}

/// Entries of the unfolded matrix that are not padding.
std::uint64_t entries_of(const layer_statistics& l)
{
    std::uint64_t windows = 0;
    for (const std::uint32_t count : window_counts(l))
        windows += count;
    return windows * l.in_channels;
}

/// The key to blame and what is wrong with the counts of a layer of a possible shape; "" if nothing.
std::pair<std::string_view, std::string> count_mistake(const layer_statistics& l)
{
    const auto entries = static_cast<std::int64_t>(entries_of(l));
    const std::int64_t steps = l.timesteps, once = l.non_silent - l.non_silent_ft;
    if (l.non_silent > entries)
        return {"non_silent", fmt::format("non_silent = {} is more than the {} inputs of the unfolded matrix that are "
                                          "not padding",
                                          l.non_silent, entries)};
    if (once < 0)
        return {"non_silent_ft",
                fmt::format("non_silent_ft = {} is more than non_silent = {}", l.non_silent_ft, l.non_silent)};
    if (steps == 1 && l.non_silent_ft > 0)
        return {"non_silent_ft",
                fmt::format("non_silent_ft = {}, but in one timestep nothing spikes twice", l.non_silent_ft)};
    if (l.spikes < l.non_silent)
        return {"spikes", fmt::format("spikes = {} is less than non_silent = {}", l.spikes, l.non_silent)};
    const std::int64_t least = once + 2 * l.non_silent_ft, most = once + steps * l.non_silent_ft;
    if (l.spikes < least || l.spikes > most)
        return {"spikes",
                fmt::format("spikes = {} cannot be: {} inputs that spike once and {} that spike 2 to {} times "
                            "make {} to {} spikes",
                            l.spikes, once, l.non_silent_ft, steps, least, most)};
    const auto weights = static_cast<std::int64_t>(l.inputs() * l.out_channels);
    if (l.non_zero_weights > weights)
        return {"non_zero_weights",
                fmt::format("non_zero_weights = {} is more than the {} weights", l.non_zero_weights, weights)};
    return {};
}

layer_statistics read_layer(const toml::table& table, std::size_t table_line, text::file_complaints& mistakes)
{
    layer_statistics layer;
    const std::vector<key_row> rows = rows_of(layer);
    std::vector<std::string_view> keys;
    keys.reserve(rows.size());
    for (const key_row& row : rows)
        keys.push_back(row.target.key);
    keys.push_back(pixel_spikes_key);
    const std::size_t before = mistakes.size();
    for (const auto& [key, node] : table) {
        const std::size_t line = text::line_of(key);
        if (key.str() == pixel_spikes_key) {
            if (const std::string problem = read_pixel_spikes(node, layer.pixel_spikes); !problem.empty())
                mistakes.add(line, problem);
            continue;
        }
        const auto row = std::find_if(rows.begin(), rows.end(),
                                      [&key = key](const key_row& r) { return r.target.key == key.str(); });
        if (row == rows.end()) {
            mistakes.add(line, fmt::format("unknown key '{}'{}", printable(key.str()), nearest(key.str(), keys)));
            continue;
        }
        const auto value = config::convert(row->target, node);
        const std::string problem =
            value ? row->target.problem(*value)
                  : fmt::format("{}: {}, {}", row->target.key, config::expected(row->target), text::found(node));
        if (problem.empty())
            row->target.set(*value);
        else
            mistakes.add(line, problem);
    }
    for (const key_row& row : rows)
        if (row.required && !table.contains(row.target.key))
            mistakes.add(table_line, fmt::format("{} is missing", row.target.key));
    if (mistakes.size() > before)
        return layer;
    const std::size_t pixels = std::size_t{layer.in_height} * layer.in_width;
    if (std::string wrong = shape_mistake(layer); !wrong.empty())
        mistakes.add(table_line, wrong);
    else if (const auto given = table.find(pixel_spikes_key);
             given != table.end() && layer.pixel_spikes.size() != pixels)
        mistakes.add(text::line_of(given->first),
                     fmt::format("pixel_spikes has {} counts, the input {} pixels", layer.pixel_spikes.size(), pixels));
    else if (const auto [key, text] = count_mistake(layer); !text.empty())
        mistakes.add(text::line_of(table.find(key)->first), text);
    return layer;
}

/// Share of silent entries among those that are not padding.
double silent_ratio(const layer_statistics& l)
{
    const std::uint64_t entries = entries_of(l);
    return entries == 0 ? 1 : 1 - static_cast<double>(l.non_silent) / static_cast<double>(entries);
}

/// Of a share.
double power(double share, double exponent)
{
    return share <= 0 ? 0 : exact_exp(exponent * exact_log(share));
}

} // namespace

std::string layer_keys_table()
{
    layer_statistics defaults;
    std::string table = "| key | type | allowed | without it | meaning |\n|---|---|---|---|---|\n";
    for (const key_row& row : rows_of(defaults)) {
        const option& o = row.target;
        std::string without = row.required ? "(needed)" : config::to_toml(o.get());
        if (!row.required && without == "\"\"")
            without = "none";
        table += fmt::format("| `{}` | {} | {} | {} | {} |\n", o.key, o.type_name(),
                             o.is_integer() && o.maximum == most_count ? "from 0" : o.range(), without, o.help);
    }
    return table + fmt::format("| `{}` | list | in_height x in_width counts | none | spikes of each pixel of some input "
                               "alike, instead of pixel_spread: how they are spread, not how many there are |\n",
                               pixel_spikes_key);
}

std::vector<std::uint32_t> window_counts(const layer_statistics& l)
{
    const auto of_axis = [&l](unsigned size, std::uint64_t windows) {
        std::vector<std::uint32_t> counts(size);
        for (std::uint64_t window = 0; window < windows; ++window)
            for (unsigned offset = 0; offset < l.kernel; ++offset) {
                const std::uint64_t at = window * l.stride + offset; // from the first padding pixel
                if (at >= l.padding && at - l.padding < size)
                    ++counts[at - l.padding];
            }
        return counts;
    };
    const std::vector<std::uint32_t> down = of_axis(l.in_height, l.out_height()),
                                     across = of_axis(l.in_width, l.out_width());
    std::vector<std::uint32_t> counts;
    counts.reserve(down.size() * across.size());
    for (const std::uint32_t y : down)
        for (const std::uint32_t x : across)
            counts.push_back(y * x);
    return counts;
}

std::vector<layer_statistics> load_layer_network(const std::string& path)
{
    const std::string text = text::read_user_text(path, layers_kind);
    const toml::table root = text::parse_toml(text, path);
    text::file_complaints mistakes;
    std::vector<layer_statistics> layers;
    for (const auto& [key, node] : root) {
        const std::size_t line = text::line_of(key);
        if (key.str() != "layers") {
            mistakes.add(line, fmt::format("unknown key '{}'{}", printable(key.str()), nearest(key.str(), {"layers"})));
        } else if (!node.is_array_of_tables()) {
            mistakes.add(line, "'layers' is a list of tables, each written [[layers]]; " + text::found(node));
        } else {
            for (const toml::node& entry : *node.as_array()) {
                const std::size_t at = text::line_of(entry);
                layer_statistics layer = read_layer(*entry.as_table(), at, mistakes);
                for (const layer_statistics& other : layers)
                    for (const std::string& name : {layer.name, layer.published_name})
                        if (!name.empty() && (other.name == name || other.published_name == name))
                            mistakes.add(at, fmt::format("a second layer '{}'", printable(name)));
                if (layer.name.empty() && entry.as_table()->contains("name"))
                    mistakes.add(at, "a layer without a name");
                for (const std::string& name : {layer.name, layer.published_name})
                    if (name.find(',') != std::string::npos) // workload.only is a list of names
                        mistakes.add(at, fmt::format("a comma in the name '{}'", printable(name)));
                layers.push_back(std::move(layer));
            }
        }
    }
    mistakes.raise(path);
    if (layers.empty())
        throw user_error(path + ":1: no [[layers]] in it");
    for (auto layer = layers.begin(); layer != layers.end(); ++layer) {
        const auto reader = std::find_if(layer + 1, layers.end(), [&](const layer_statistics& later) {
            return later.in_channels == layer->out_channels;
        });
        layer->output_silent_ratio = silent_ratio(reader != layers.end() ? *reader : *layer);
    }
    return layers;
}

layer_statistics with_timesteps(const layer_statistics& layer, unsigned timesteps)
{
    if (timesteps == layer.timesteps)
        return layer;
    layer_statistics to = layer;
    to.timesteps = timesteps;
    const auto entries = static_cast<std::int64_t>(entries_of(layer));
    const double ratio = static_cast<double>(timesteps) / layer.timesteps;
    const auto rounded = [](double count) { return static_cast<std::int64_t>(std::llround(count)); };
    const std::int64_t most = entries * timesteps;
    to.spikes = std::min(rounded(static_cast<double>(layer.spikes) * ratio), most);
    // Each input that spikes does so 1 to T times.
    to.non_silent = std::clamp(rounded(static_cast<double>(entries) * (1 - power(silent_ratio(layer), ratio))),
                               (to.spikes + timesteps - 1) / timesteps, std::min(to.spikes, entries));
    // Those that spike more than once take 2 to T of the spikes.
    const std::int64_t more = to.spikes - to.non_silent; // beyond the first spikes
    const double share = layer.non_silent == 0 ? 0
                                               : static_cast<double>(layer.non_silent_ft) /
                                                     static_cast<double>(layer.non_silent);
    to.non_silent_ft = timesteps == 1
                           ? 0
                           : std::clamp(rounded(static_cast<double>(to.non_silent) * share),
                                        (more + timesteps - 2) / (timesteps - 1), std::min(more, to.non_silent));
    to.output_silent_ratio = power(layer.output_silent_ratio, ratio);
    return to;
}

layer_statistics with_weight_sparsity(const layer_statistics& layer, double factor)
{
    layer_statistics to = layer;
    const auto weights = static_cast<std::int64_t>(layer.inputs() * layer.out_channels);
    const double zeros = static_cast<double>(weights - layer.non_zero_weights) * factor;
    to.non_zero_weights = weights - std::min(weights, static_cast<std::int64_t>(std::llround(zeros)));
    return to;
}

std::vector<layer_statistics> select_layers(const std::vector<layer_statistics>& layers, const std::string& names,
                                            const std::string& place)
{
    if (names.empty())
        return layers;
    std::vector<std::string_view> valid;
    for (const layer_statistics& layer : layers) {
        valid.push_back(layer.name);
        if (!layer.published_name.empty())
            valid.push_back(layer.published_name);
    }
    std::vector<bool> chosen(layers.size());
    std::istringstream list(names);
    for (std::string name; std::getline(list, name, ',');) {
        name.erase(0, name.find_first_not_of(' '));
        name.erase(name.find_last_not_of(' ') + 1);
        const auto found = std::find_if(layers.begin(), layers.end(), [&](const layer_statistics& layer) {
            return !name.empty() && (layer.name == name || layer.published_name == name);
        });
        if (found == layers.end())
            throw user_error(fmt::format("{}: no layer '{}'{}", place, printable(name), nearest(name, valid)));
        chosen[static_cast<std::size_t>(found - layers.begin())] = true;
    }
    std::vector<layer_statistics> selected;
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (chosen[i])
            selected.push_back(layers[i]);
    return selected;
}

} // namespace loas::draw
