// Designs of other kinds beside LoAS: for ANNs, with the same network's layers as those of an ANN, and of dense
// weights.
#include "platform/published/scoreboard_page.h"

#include "models/cost/energy.h"
#include "platform/results/result.h"
#include "platform/run/rerun.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace loas::published
{
namespace
{

using json = nlohmann::ordered_json;

/// LoAS on spikes, and what it is compared with.
std::vector<const designs::design*> designs_of_others()
{
    std::vector<const designs::design*> all = {&subject()};
    for (const designs::design* each : designs::published_as(designs::publication::part::other_kind))
        all.push_back(each);
    return all;
}

std::string ann_name(const std::string& network)
{
    return network + "_ann";
}

/// Cycles by published name; none where there are none.
json published_layers(const json& document, const std::string& network, const designs::design& design)
{
    const json& of = document.at("networks").at(design.bytes ? ann_name(network) : network).at("designs");
    return of.contains(design.published->key) ? of.at(design.published->key) : json::object();
}

std::optional<double> published_cycles(const json& layers, const std::string& layer)
{
    if (!layers.contains(layer))
        return {};
    const json& figures = layers.at(layer);
    return figures.contains("cycles") ? figures.at("cycles").get<double>() : figures.at("tot_cycs").get<double>();
}

std::optional<std::uint64_t> published_weights(const json& layers, const std::string& layer)
{
    constexpr const char* key = "dram_w";
    return layers.contains(layer) && layers.at(layer).contains(key)
               ? std::optional(layers.at(layer).at(key).get<std::uint64_t>())
               : std::nullopt;
}

/// The total of what is published, if it is of all layers.
void add_total(other_score& of)
{
    other_layer total;
    total.name = "total";
    total.published = 0;
    for (const other_layer& layer : of.layers) {
        total.published =
            total.published && layer.published ? std::optional(*total.published + *layer.published) : std::nullopt;
        total.rule.add(layer.rule);
        total.literal.add(layer.literal);
    }
    of.layers.push_back(std::move(total));
}

other_score subject_score(const network_score& network)
{
    other_score of;
    of.design = &subject();
    for (const layer_score& layer : network.layers) {
        const std::optional<published_figures>& published = layer.form[0].published;
        of.layers.push_back({layer.name, published ? std::optional(published->cycles) : std::nullopt, std::nullopt,
                             layer.form[0].seeds[0], layer.form[0].literal});
    }
    return of;
}

other_score score_of(const designs::design& design, const std::vector<draw::layer_statistics>& layers,
                     const json& published, const results::run_result& result)
{
    other_score of;
    of.design = &design;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const results::layer_result& layer = result.layers.at(i);
        of.layers.push_back(
            {layer.name, published_cycles(published, layers[i].published_name),
             published_weights(published, layers[i].published_name), layer.published, modelled_of(layer)});
    }
    add_total(of);
    return of;
}

/// The layers but for the first, which the publication's lists of the dense designs leave out.
other_layer without_first_layer(const other_score& of)
{
    other_score rest;
    rest.layers.assign(of.layers.begin() + 1, of.layers.end() - 1);
    add_total(rest);
    rest.layers.back().name = "total without " + of.layers.front().name;
    return rest.layers.back();
}

using cell = std::function<std::string(const other_score& of, const other_layer& layer)>;

std::string row_of_others(const network_score& network, const std::string& name, const cell& shown)
{
    std::string text = "| " + name + " |";
    for (const other_score& of : network.others)
        text += fmt::format(" {} |", shown(of, of.total()));
    return text + "\n";
}

std::string heading_of_others(const network_score& network, const std::string& first)
{
    std::string names = "| " + first + " |", rule = "|---|";
    for (const other_score& of : network.others) {
        names += fmt::format(" {} |", of.design->published->title);
        rule += "---|";
    }
    return names + "\n" + rule + "\n";
}

/// "published / accounting / literal", where there is each.
std::string three_figures(const other_score& of, const other_layer& layer)
{
    const std::string published = layer.published ? number(*layer.published) : "-";
    const std::string rule = of.design->accounting != nullptr ? results::grouped(layer.rule.cycles) : "-";
    return fmt::format("{} / {} / {}", published, rule, results::grouped(layer.literal.cycles));
}

std::string cycles_of_others(const network_score& network)
{
    std::string text = "**Cycles: published / accounting / literal**\n\n" + heading_of_others(network, "layer");
    for (std::size_t i = 0; i < network.others.front().layers.size(); ++i) {
        text += fmt::format("| {} |", network.others.front().layers[i].name);
        for (const other_score& of : network.others)
            text += fmt::format(" {} |", three_figures(of, of.layers[i]));
        text += "\n";
    }
    text += fmt::format("| {} |", without_first_layer(network.others.front()).name);
    for (const other_score& of : network.others)
        text += fmt::format(" {} |", three_figures(of, without_first_layer(of)));
    return text + "\n\n";
}

/// Weights from DRAM, where they are published: the accounting's do not meet them.
std::string weights_of_others(const network_score& network)
{
    std::string rows, title;
    double low = 0, high = 0;
    for (const other_score& of : network.others)
        for (const other_layer& layer : of.layers) {
            if (!layer.published_weights)
                continue;
            const std::uint64_t counted = layer.rule.weights.dram_item_bits() / 8;
            const double off = -deviation_percent(static_cast<double>(counted), static_cast<double>(*layer.published_weights));
            low = rows.empty() ? off : std::min(low, off);
            high = rows.empty() ? off : std::max(high, off);
            title = of.design->published->title;
            rows += fmt::format("| {} | {} | {} | {:.1f} |\n", layer.name, results::grouped(*layer.published_weights),
                                results::grouped(counted), off);
        }
    if (rows.empty())
        return "";
    return fmt::format("**Weights of {} from DRAM, items**\n\n| layer | published | accounting | lower by, % |\n"
                       "|---|---|---|---|\n",
                       title) +
           rows + "\n" +
           wrapped(fmt::format("The accounting fetches each weight once and is {:.1f} to {:.1f} % low; by which rule "
                               "the publication fetches more is not known.",
                               low, high)) +
           "\n\n";
}

std::string with_rule(const other_score& of, double value, int digits)
{
    return of.design->accounting != nullptr ? fmt::format("{:.{}f}", value, digits) : "-";
}

std::string totals_of_others(const network_score& network)
{
    const other_score& loas = network.others.front();
    std::string text = "**Traffic and energy of all layers**\n\n" + heading_of_others(network, "");
    text += row_of_others(network, "DRAM, KiB, accounting", [](const auto& of, const auto& total) {
        return with_rule(of, total.rule.dram_bytes() / 1024, 0);
    });
    text += row_of_others(network, "DRAM, KiB, literal",
                          [](const auto&, const auto& total) { return fmt::format("{:.0f}", total.literal.dram_kib); });
    text += row_of_others(network, "SRAM, KiB, accounting", [](const auto& of, const auto& total) {
        return with_rule(of, total.rule.sram_bytes() / 1024, 0);
    });
    text += row_of_others(network, "SRAM, KiB, literal",
                          [](const auto&, const auto& total) { return fmt::format("{:.0f}", total.literal.sram_kib); });
    for (const double dram : {cost::published_dram_per_byte, cost::published_dram_per_byte_of_anns})
        text += row_of_others(network, fmt::format("energy by the published formula / LoAS, {} a byte of DRAM", dram),
                              [&](const auto& of, const auto&) {
                                  return with_rule(of, of.rule_energy(dram) / loas.rule_energy(dram), 2);
                              });
    const char* groups[] = {"compute", "SRAM", "DRAM", "leakage"}; // of cost::energy_group
    for (std::size_t i = 0; i < std::size(groups); ++i)
        text += row_of_others(
            network, fmt::format("energy of the literal machine, {}, uJ", groups[i]),
            [i](const auto&, const auto& total) { return fmt::format("{:.1f}", total.literal.group_uj[i]); });
    text += row_of_others(network, "of DRAM's: read and written, uJ", [](const auto&, const auto& total) {
        return fmt::format("{:.1f}", total.literal.dram_moved_uj);
    });
    text += row_of_others(network, "of DRAM's: standby and refresh, uJ", [](const auto&, const auto& total) {
        return fmt::format("{:.1f}", total.literal.dram_standing_uj);
    });
    text += row_of_others(network, "energy of the literal machine, uJ", [](const auto&, const auto& total) {
        return fmt::format("{:.1f}", total.literal.energy_uj);
    });
    text += row_of_others(network, "the same / LoAS", [&](const auto&, const auto& total) {
        return fmt::format("{:.2f}", total.literal.energy_uj / loas.total().literal.energy_uj);
    });
    text += row_of_others(network, "the same without standby and refresh / LoAS", [&](const auto&, const auto& total) {
        return fmt::format("{:.2f}", (total.literal.energy_uj - total.literal.dram_standing_uj) /
                                         (loas.total().literal.energy_uj - loas.total().literal.dram_standing_uj));
    });
    text += row_of_others(network, "LoAS is faster by, accounting", [&](const auto& of, const auto& total) {
        return with_rule(of, static_cast<double>(total.rule.cycles) / static_cast<double>(loas.total().rule.cycles), 2);
    });
    text += row_of_others(network, "LoAS is faster by, literal", [&](const auto&, const auto& total) {
        return fmt::format("{:.2f}", static_cast<double>(total.literal.cycles) /
                                         static_cast<double>(loas.total().literal.cycles));
    });
    text += row_of_others(network, "tiles busy, %", [](const auto&, const auto& total) {
        return fmt::format("{:.1f}", 100 * total.literal.busy_cycles / total.literal.tile_cycles);
    });
    return text + "\n";
}

} // namespace

double other_score::rule_energy(double dram_per_byte) const
{
    const cost::published_traffic& of = total().rule;
    const cost::published_activity activity{of.cycles, of.dram_bytes(), of.sram_bytes(), of.matches};
    return design->constants ? cost::energy_by_published_rule(activity, *design->constants, dram_per_byte).total() : 0;
}

void run_others(const scoreboard_request& request, network_score& network, bool& golden_equal)
{
    const std::filesystem::path spikes = network_file(request, network.name);
    const std::filesystem::path bytes = network_file(request, ann_name(network.name));
    if (!request.reruns || !std::filesystem::exists(bytes))
        return;
    const json document = read_json(request.scenarios / "published" / "published_others.json");
    std::vector<config::scenario> scenarios;
    const std::vector<const designs::design*> all = designs_of_others();
    for (const designs::design* each : all) {
        const auto add = [&](std::vector<std::string> more) {
            more.push_back("accelerator=" + std::string(each->word));
            scenarios.push_back(layers_scenario(each->bytes ? bytes : spikes, more));
        };
        if (each == &subject())
            continue; // is there
        add({});
        for (const designs::publication::change& change : each->published->changes) {
            add(change.parameters);
            scenarios.back().run.golden = false; // as described they are compared
        }
    }
    const std::vector<results::run_result> results = run::rerun(scenarios, request.jobs);
    auto next = results.begin();
    network.others.push_back(subject_score(network));
    for (const draw::layer_statistics& each : draw::load_layer_network(spikes.string()))
        network.sizes.emplace_back(each.rows(), each.out_channels);
    for (const designs::design* each : all) {
        if (each == &subject())
            continue;
        golden_equal = golden_equal && !next->golden_failed();
        const auto layers = draw::load_layer_network((each->bytes ? bytes : spikes).string());
        network.others.push_back(score_of(*each, layers, published_layers(document, network.name, *each), *next++));
        for (std::size_t i = 0; i < each->published->changes.size(); ++i)
            network.others.back().changed.push_back(modelled_of((next++)->totals()));
    }
}

std::string others_markdown(const network_score& network)
{
    if (network.others.empty())
        return "";
    return fmt::format("### {} on designs for ANNs and of dense weights\n\n", title_of(network)) +
           wrapped("Published figures are those of published_others.json, the accounting is of the first workload. "
                   "**Predicted** is "
                   "what the accounting gives where no published figure stands beside it - Gamma-ANN, Stellar, most "
                   "layers of PTB -, "
                   "its rules being known, and everything literal. **Fitted**, and so no prediction, are the "
                   "accounting's cycles of SparTen-ANN: sigma_col and gamma_act of scenarios/networks/vgg16_ann.toml "
                   "are fitted to its published cycles and matches; its traffic is not fitted. SpinalFlow is named in "
                   "the publication, without figures.") +
           "\n\n" + statements(network) + cycles_of_others(network) + weights_of_others(network) +
           totals_of_others(network);
}

std::string others_text(const network_score& network)
{
    if (network.others.empty())
        return "";
    std::vector<std::vector<std::string>> rows = {
        {"other kinds"}, {"accounting, cycles"}, {"literal, cycles"}, {"energy, uJ"}};
    for (const other_score& of : network.others) {
        rows[0].emplace_back(of.design->published->title);
        rows[1].push_back(of.design->accounting != nullptr ? results::grouped(of.total().rule.cycles) : "-");
        rows[2].push_back(results::grouped(of.total().literal.cycles));
        rows[3].push_back(fmt::format("{:.1f}", of.total().literal.energy_uj));
    }
    return results::align(rows) + "\n";
}

json others_json(const network_score& network)
{
    json all = json::array();
    for (const other_score& of : network.others) {
        json item = {{"design", of.design->word}};
        for (const other_layer& layer : of.layers) {
            json figures = {{"name", layer.name},
                            {"literal_cycles", layer.literal.cycles},
                            {"literal_energy_uj", layer.literal.energy_uj}};
            if (of.design->accounting != nullptr)
                figures["accounting_cycles"] = layer.rule.cycles;
            if (layer.published)
                figures["published_cycles"] = *layer.published;
            item["layers"].push_back(std::move(figures));
        }
        for (std::size_t i = 0; i < of.changed.size(); ++i)
            item["changed"].push_back({{"parameters", of.design->published->changes[i].parameters},
                                       {"literal_cycles", of.changed[i].cycles},
                                       {"literal_energy_uj", of.changed[i].energy_uj}});
        all.push_back(std::move(item));
    }
    return all;
}

} // namespace loas::published
