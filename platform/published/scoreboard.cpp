#include "platform/published/scoreboard.h"

#include "models/cost/energy.h"
#include "models/functional/spike_words.h"
#include "platform/draw/matched_layer.h"
#include "platform/process/side_by_side.h"
#include "platform/published/scoreboard_page.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace loas::published
{
namespace
{

using json = nlohmann::ordered_json;
using text::user_error;

const std::vector<std::string_view> known_networks = {"alexnet", "vgg16", "resnet19", "t_hff"};
constexpr const char* total_name = "total"; ///< no layer is called so

/// The figures of several seeds as one.
spread over(const std::vector<double>& values)
{
    const double count = static_cast<double>(values.size());
    spread all{0, values.front(), values.front(), 0};
    for (const double value : values) {
        all.mean += value / count;
        all.low = std::min(all.low, value);
        all.high = std::max(all.high, value);
    }
    double squares = 0;
    for (const double value : values)
        squares += (value - all.mean) * (value - all.mean);
    if (all.low < all.high)
        all.standard_error = std::sqrt(squares / (count - 1) / count);
    return all;
}

counted over_seeds(const std::vector<cost::published_traffic>& seeds)
{
    const auto figure = [&](auto value_of) {
        std::vector<double> values;
        values.reserve(seeds.size());
        for (const cost::published_traffic& each : seeds)
            values.push_back(static_cast<double>(value_of(each)));
        return over(values);
    };
    return {figure([](const auto& t) { return t.cycles; }), figure([](const auto& t) { return t.matches; }),
            figure([](const auto& t) { return t.dram_bytes() / 1024; }),
            figure([](const auto& t) { return t.sram_bytes() / 1024; })};
}

} // namespace

json read_json(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw user_error(fmt::format("{}: cannot read it", file.string()));
    try {
        return json::parse(stream);
    } catch (const json::exception& problem) {
        throw user_error(fmt::format("{}: {}", file.string(), problem.what()));
    }
}

namespace
{

/// Of a network of which nothing is published: none.
std::optional<published_figures> figures_of(const json& published, const std::string& network, const char* design,
                                            const std::string& layer)
{
    if (!published.at("networks").contains(network))
        return {};
    const json& of = published.at("networks").at(network).at("designs").at(design);
    const bool total = layer == total_name;
    if (!total && !of.at("layers").contains(layer))
        throw user_error(fmt::format("networks/{}.toml: published_name '{}' is not a layer of published_results.json",
                                     network, text::printable(layer)));
    const json& counters = total ? of.at("totals") : of.at("layers").at(layer);
    published_figures figures{counters.at("tot_cycs"), counters.at("tot_comps"), counters.at("total_dram"),
                              counters.at("total_sram"), {}};
    if (total)
        figures.energy = of.at("energy").at("total").get<double>();
    return figures;
}

void measure_formats(const cost::spike_statistics& spikes, layer_score& into)
{
    const auto kib_in = [&](const cost::tile_format& format) {
        return static_cast<double>(cost::stored_spike_bits(format, spikes)) / (8 * 1024);
    };
    into.packed_input_kib = kib_in(cost::masked_tiles);
    for (std::size_t i = 0; i < rival_designs().size(); ++i)
        into.rivals[i].input_kib = kib_in(rival_designs()[i].design.input_format);
}

const designs::design& other_order()
{
    return *designs::published_as(designs::publication::part::other_order).front();
}

/// A drawn layer, unfolded once for all designs.
class unfolded_masks
{
public:
    unfolded_masks(const functional::layer_shape& shape, const std::vector<std::uint16_t>& spikes)
        : m_shape(shape), m_spikes(spikes), m_input(cost::unfold_rows(shape, spikes))
    {
    }

    cost::published_traffic count(const std::vector<std::int8_t>& weights, const functional::bit_matrix& columns,
                                  const cost::published_design& design)
    {
        if (!design.timesteps_together && m_timesteps.empty())
            m_timesteps = cost::unfold_timesteps(m_shape, m_spikes);
        cost::masked_layer layer;
        layer.timesteps = m_shape.timesteps;
        layer.inputs = design.timesteps_together ? &m_input.masks : m_timesteps.data();
        layer.input_matrices = design.timesteps_together ? 1 : m_timesteps.size();
        layer.weights = &columns;
        if (design.timesteps_together)
            layer.spikes_of = [this](std::size_t row, std::size_t at) {
                return functional::popcount(cost::unfolded_word(m_shape, m_spikes, row, at));
            };
        layer.weight_of = [&](std::size_t column, std::size_t at) {
            return static_cast<std::uint8_t>(weights[column * m_shape.k + cost::weight_position(m_shape, at)]);
        };
        return cost::count_published_traffic(layer, design);
    }

    cost::spike_statistics statistics() const
    {
        return {m_shape.m, m_shape.k, m_shape.timesteps, m_input.masks.count(), m_input.spikes};
    }

private:
    const functional::layer_shape& m_shape;
    const std::vector<std::uint16_t>& m_spikes; ///< [pixel][channel]
    cost::unfolded_input m_input;
    std::vector<functional::bit_matrix> m_timesteps;
};

functional::bit_matrix columns_of(const functional::layer_shape& shape, const std::vector<std::int8_t>& weights)
{
    return cost::unfold_columns(shape, functional::non_zeros_of(weights, shape.n, shape.k));
}

/// The accounting of one layer and seed, in both forms and loop orders, into the places of the seed.
void account(const draw::layer_statistics& layer, unsigned seed, layer_score& into)
{
    const functional::layer_shape shape = shape_of(layer);
    draw::matched_layer drawn = draw::make_matched_layer(layer, seed);
    const std::vector<std::int8_t>& weights = drawn.layer.weights;
    const std::vector<std::int8_t> uniform = draw::make_matched_weights(layer, seed, false, drawn.spikes);
    const functional::bit_matrix columns = columns_of(shape, weights), uniform_columns = columns_of(shape, uniform);
    const std::size_t at = seed - 1;
    for (std::size_t form = 0; form < forms; ++form) {
        if (form == 1)
            functional::silence_single_spikes(drawn.spikes);
        unfolded_masks unfolded(shape, drawn.spikes);
        score& of = into.form[form];
        of.seeds[at] = unfolded.count(weights, columns, accounting_of(subject()));
        of.seeds_nmtk[at] = unfolded.count(weights, columns, accounting_of(other_order()));
        of.seeds_uniform[at] = unfolded.count(uniform, uniform_columns, accounting_of(subject()));
        if (form == 0)
            for (std::size_t i = 0; i < rival_designs().size(); ++i)
                into.rivals[i].seeds[at] = unfolded.count(weights, columns, rival_designs()[i].design);
        if (seed > 1)
            continue;
        of.storage = cost::stored_spikes(unfolded.statistics());
        if (form == 0)
            measure_formats(unfolded.statistics(), into);
    }
    if (!drawn.differences.none())
        into.unmatched_seeds[at] = 1;
}

/// The accounting of all layers over the seeds.
void account_all(const std::vector<draw::layer_statistics>& layers, const scoreboard_request& request,
                 std::vector<layer_score>& into)
{
    for (layer_score& layer : into) {
        for (score& form : layer.form)
            for (std::vector<cost::published_traffic>* of : {&form.seeds, &form.seeds_nmtk, &form.seeds_uniform})
                of->resize(request.seeds);
        for (rival_score& rival : layer.rivals)
            rival.seeds.resize(request.seeds);
        layer.unmatched_seeds.resize(request.seeds);
    }
    process::side_by_side(layers.size() * request.seeds, request.jobs, [&](std::size_t i) {
        account(layers[i / request.seeds], static_cast<unsigned>(i % request.seeds) + 1, into[i / request.seeds]);
    });
    for (layer_score& layer : into)
        layer.counts_matched = std::count(layer.unmatched_seeds.begin(), layer.unmatched_seeds.end(), 1) == 0;
}

double published_energy(const counted& rule, const cost::published_constants& constants)
{
    const cost::published_activity activity{static_cast<std::uint64_t>(rule.cycles.mean), rule.dram_kib.mean * 1024,
                                            rule.sram_kib.mean * 1024, static_cast<std::uint64_t>(rule.matches.mean)};
    return cost::energy_by_published_rule(activity, constants).total();
}

void add(cost::spike_storage& total, const cost::spike_storage& layer)
{
    total.information_bits += layer.information_bits;
    total.packed_mask_bits += layer.packed_mask_bits;
    total.packed_pointer_bits += layer.packed_pointer_bits;
    total.packed_word_bits += layer.packed_word_bits;
    total.csr_coordinate_bits += layer.csr_coordinate_bits;
    total.csr_pointer_bits += layer.csr_pointer_bits;
    total.timestep_bitmask_bits += layer.timestep_bitmask_bits;
}

/// Seed by seed: the spread of a total is that of the totals.
void add(std::vector<cost::published_traffic>& total, const std::vector<cost::published_traffic>& layer)
{
    total.resize(layer.size());
    for (std::size_t seed = 0; seed < layer.size(); ++seed)
        total[seed].add(layer[seed]);
}

layer_score total_of(const std::vector<layer_score>& layers)
{
    layer_score total;
    total.name = total_name;
    for (const layer_score& layer : layers) {
        total.counts_matched = total.counts_matched && layer.counts_matched;
        for (std::size_t form = 0; form < forms; ++form) {
            add(total.form[form].seeds, layer.form[form].seeds);
            add(total.form[form].seeds_nmtk, layer.form[form].seeds_nmtk);
            add(total.form[form].seeds_uniform, layer.form[form].seeds_uniform);
            total.form[form].literal.add(layer.form[form].literal);
            add(total.form[form].storage, layer.form[form].storage);
        }
        for (std::size_t i = 0; i < rival_designs().size(); ++i) {
            add(total.rivals[i].seeds, layer.rivals[i].seeds);
            total.rivals[i].input_kib += layer.rivals[i].input_kib;
        }
        total.packed_input_kib += layer.packed_input_kib;
    }
    return total;
}

/// What will be looked up later: a figure that is missing is told before long work.
void require_figures(const json& published, const std::string& name, const std::vector<draw::layer_statistics>& layers)
{
    std::vector<std::string> names = {total_name};
    for (const draw::layer_statistics& layer : layers)
        names.push_back(layer.published_name);
    for (const std::string& layer : names) {
        for (const designs::publication& of : {subject().published.value(), other_order().published.value()})
            for (const char* key : {of.key, of.masked_key})
                figures_of(published, name, key, layer);
        for (const auto& rival : rival_designs())
            figures_of(published, name, rival.key, layer);
    }
    for (const machine& each : machines())
        figures_of(published, name, each.key, total_name);
}

network_score score_network(const std::string& name, const scoreboard_request& request, const json& published,
                            bool& golden_equal)
{
    const designs::publication& loas = subject().published.value();
    const std::filesystem::path file = network_file(request, name);
    const std::vector<draw::layer_statistics> layers = draw::load_layer_network(file.string());
    network_score network;
    network.name = name;
    for (const draw::layer_statistics& layer : layers) {
        network.layers.emplace_back();
        network.layers.back().name = layer.name;
    }
    account_all(layers, request, network.layers);
    run_machines(file, request, network, golden_equal);
    for (std::size_t i = 0; i < network.layers.size(); ++i)
        for (std::size_t form = 0; form < forms; ++form) // the first machines are LoAS in both forms
            network.layers[i].form[form].literal = network.literal[i].machines[form];
    for (const machine& each : machines()) {
        const auto theirs = figures_of(published, name, each.key, total_name);
        if (theirs)
            network.published_speed.push_back(theirs->cycles /
                                              figures_of(published, name, machines().front().key, total_name)->cycles);
    }
    network.layers.push_back(total_of(network.layers));
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
        const std::string published_layer = i < layers.size() ? layers[i].published_name : total_name;
        for (std::size_t form = 0; form < forms; ++form) {
            score& of = network.layers[i].form[form];
            const auto figures = [&](const designs::publication& design) {
                return figures_of(published, name, form == 0 ? design.key : design.masked_key, published_layer);
            };
            of.published = figures(loas);
            of.published_nmtk = figures(other_order().published.value());
            of.rule = over_seeds(of.seeds);
            of.rule_nmtk = over_seeds(of.seeds_nmtk);
            of.rule_uniform = over_seeds(of.seeds_uniform);
            of.rule_energy = published_energy(of.rule, subject().constants.value());
        }
        for (std::size_t j = 0; j < rival_designs().size(); ++j) {
            rival_score& of = network.layers[i].rivals[j];
            of.published = figures_of(published, name, rival_designs()[j].key, published_layer);
            of.rule = over_seeds(of.seeds);
            of.rule_energy = published_energy(of.rule, rival_designs()[j].constants);
        }
    }
    run_others(request, network, golden_equal);
    return network;
}

} // namespace

std::filesystem::path network_file(const scoreboard_request& request, const std::string& name)
{
    return request.scenarios / "networks" / (name + ".toml");
}

functional::layer_shape shape_of(const draw::layer_statistics& layer)
{
    loas_descriptor d{};
    d.timesteps = static_cast<std::uint8_t>(layer.timesteps);
    d.in_height = static_cast<std::uint16_t>(layer.in_height);
    d.in_width = static_cast<std::uint16_t>(layer.in_width);
    d.in_channels = static_cast<std::uint16_t>(layer.in_channels);
    d.out_channels = static_cast<std::uint16_t>(layer.out_channels);
    d.kernel_h = d.kernel_w = static_cast<std::uint8_t>(layer.kernel);
    d.stride_h = d.stride_w = static_cast<std::uint8_t>(layer.stride);
    d.pad_h = d.pad_w = static_cast<std::uint8_t>(layer.padding);
    d.pool = 1;
    return functional::layer_shape(d);
}

cost::published_design accounting_of(const designs::design& design)
{
    return design.accounting(config::scenario{});
}

void modelled::add(const modelled& other)
{
    cycles += other.cycles;
    dram_kib += other.dram_kib;
    sram_kib += other.sram_kib;
    energy_uj += other.energy_uj;
    published_energy += other.published_energy;
    busy_cycles += other.busy_cycles;
    tile_cycles += other.tile_cycles;
    for (std::size_t i = 0; i < group_uj.size(); ++i)
        group_uj[i] += other.group_uj[i];
    dram_moved_uj += other.dram_moved_uj;
    dram_standing_uj += other.dram_standing_uj;
}

scoreboard make_scoreboard(const scoreboard_request& request)
{
    std::vector<std::string> names = request.networks;
    if (names.empty())
        names = {"alexnet", "vgg16", "resnet19"};
    for (std::string& name : names) {
        std::replace(name.begin(), name.end(), '-', '_');
        if (std::find(known_networks.begin(), known_networks.end(), name) == known_networks.end()) {
            const std::string_view nearest = text::nearest_word(name, known_networks);
            throw user_error(fmt::format("unknown network '{}'; {}", text::printable(name),
                                         nearest.empty() ? "known are " + text::join(known_networks, ", ")
                                                         : fmt::format("did you mean '{}'?", nearest)));
        }
    }
    std::vector<std::string> once;
    for (const std::string& name : names)
        if (std::find(once.begin(), once.end(), name) == once.end())
            once.push_back(name);
    const std::filesystem::path file = request.scenarios / "published" / "published_results.json";
    const json published = read_json(file);
    scoreboard board;
    board.seeds = request.seeds;
    const std::pair<const char*, const char*> walked[] = {
        {"vgg16", "V-L8"}, {"alexnet", "A-L4"}, {"resnet19", "R-L19"}};
    for (const std::string& name : once) {
        try {
            require_figures(published, name, draw::load_layer_network(network_file(request, name).string()));
        } catch (const json::exception& damaged) {
            throw user_error(fmt::format("{}: damaged: {}", file.string(), damaged.what()));
        }
    }
    for (const std::string& name : once) {
        board.networks.push_back(score_network(name, request, published, board.golden_equal));
        for (const auto& [network, layer] : walked)
            if (name == network)
                board.walks.push_back(walk_of(name, layer, request.scenarios, request.jobs, board.golden_equal));
    }
    return board;
}

} // namespace loas::published
