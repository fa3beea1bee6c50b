// The scoreboard as a page for people and as JSON.
#include "platform/published/scoreboard_page.h"

#include "models/cost/component_table.h"
#include "platform/results/result.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace loas::published
{
namespace
{

using json = nlohmann::ordered_json;

constexpr const char* form_names[forms] = {"LoAS", "LoAS-FT"};

std::string cycle_table(const network_score& network, std::size_t form)
{
    const bool published = network.layers.back().form[form].published.has_value();
    std::string text = fmt::format(
        "**{} cycles**\n\n| layer | {}accounting on our workload | {}modelled, literal | literal / accounting |\n",
        form_names[form], published ? "published | " : "", published ? "% off | " : "");
    text += published ? "|---|---|---|---|---|---|\n" : "|---|---|---|---|\n";
    for (const layer_score& layer : network.layers) {
        const score& of = layer.form[form];
        text += fmt::format("| {} | ", layer.name);
        if (published)
            text += fmt::format("{} | ", number(of.published->cycles));
        text += range(of.rule.cycles) + " | ";
        if (published)
            text += deviation(of.rule.cycles, of.published->cycles) + " | ";
        text += fmt::format("{} | {:.1f} |\n", results::grouped(of.literal.cycles),
                            static_cast<double>(of.literal.cycles) / static_cast<double>(of.seeds[0].cycles));
    }
    return text + "\n";
}

std::string traffic_table(const network_score& network, std::size_t form)
{
    const bool published = network.layers.back().form[form].published.has_value();
    std::string text = fmt::format("**{} traffic, KiB**\n\n", form_names[form]);
    text += published
                ? "| layer | DRAM published | accounting | % off | literal | SRAM published | accounting | % off | "
                  "literal |\n|---|---|---|---|---|---|---|---|---|\n"
                : "| layer | DRAM accounting | literal | SRAM accounting | literal |\n|---|---|---|---|---|\n";
    for (const layer_score& layer : network.layers) {
        const score& of = layer.form[form];
        const auto columns = [&](double theirs, const spread& rule, double literal) {
            return published ? fmt::format(" {:.1f} | {:.1f} | {} | {:.1f} |", theirs, rule.mean,
                                           deviation(rule.mean, theirs), literal)
                             : fmt::format(" {:.1f} | {:.1f} |", rule.mean, literal);
        };
        text += fmt::format("| {} |", layer.name) +
                columns(published ? of.published->dram_kib : 0, of.rule.dram_kib, of.literal.dram_kib) +
                columns(published ? of.published->sram_kib : 0, of.rule.sram_kib, of.literal.sram_kib) + "\n";
    }
    return text + "\n";
}

std::string totals_table(const network_score& network)
{
    const layer_score& total = network.layers.back();
    std::string text = "**Energy, loop order, placement and compression, totals**\n\n"
                       "| | LoAS | LoAS-FT |\n|---|---|---|\n";
    const auto row = [&](const std::string& name, auto value_of) {
        text += fmt::format("| {} | {} | {} |\n", name, value_of(total.form[0]), value_of(total.form[1]));
    };
    const bool published = total.form[0].published.has_value();
    if (published)
        row("energy by the published formula, published counters (no unit)",
            [](const score& of) { return fmt::format("{:.4g}", of.published->energy.value_or(0)); });
    row("energy by the published formula, accounting on our workload (no unit)",
        [](const score& of) { return fmt::format("{:.4g}", of.rule_energy); });
    row("energy by the published formula, the literal machine's counts (no unit)",
        [](const score& of) { return fmt::format("{:.4g}", of.literal.published_energy); });
    row("energy of the literal machine, physical rule, uJ",
        [](const score& of) { return fmt::format("{:.1f}", of.literal.energy_uj); });
    if (published)
        row("matches, published", [](const score& of) { return number(of.published->matches); });
    row("matches, accounting on our workload", [](const score& of) { return range(of.rule.matches); });
    if (published)
        row("cycles in SparTen's loop order (nmtk), published",
            [](const score& of) { return number(of.published_nmtk->cycles); });
    row("cycles in SparTen's loop order (nmtk), accounting on our workload",
        [](const score& of) { return range(of.rule_nmtk.cycles); });
    for (const auto& [name, theirs, ours] : {std::tuple{"DRAM", &published_figures::dram_kib, &counted::dram_kib},
                                             std::tuple{"SRAM", &published_figures::sram_kib, &counted::sram_kib}}) {
        if (published)
            row(fmt::format("{} in that order, KiB, published", name),
                [theirs = theirs](const score& of) { return fmt::format("{:.1f}", (*of.published_nmtk).*theirs); });
        row(fmt::format("{} in that order, KiB, accounting on our workload", name),
            [ours = ours](const score& of) { return fmt::format("{:.1f}", (of.rule_nmtk.*ours).mean); });
    }
    row("LoAS cycles with weights placed uniformly, accounting",
        [](const score& of) { return range(of.rule_uniform.cycles); });
    row("compression efficiency: packed fibers",
        [](const score& of) { return fmt::format("{:.3f}", of.storage.packed_efficiency()); });
    row("compression efficiency: CSR a timestep",
        [](const score& of) { return fmt::format("{:.3f}", of.storage.csr_efficiency()); });
    row("compression efficiency: bitmask a timestep",
        [](const score& of) { return fmt::format("{:.3f}", of.storage.timestep_bitmask_efficiency()); });
    return text + "\n";
}

std::string walk_table(const walk& walked)
{
    std::string text = fmt::format("**{}**\n\n| step | --set | cycles | change |\n|---|---|---|---|\n", walked.layer);
    for (std::size_t i = 0; i < walked.steps.size(); ++i) {
        const walk_step& step = walked.steps[i];
        text += fmt::format("| {} | {} | {} | {} |\n", step.change,
                            step.parameter.empty() ? "" : '`' + step.parameter + '`', results::grouped(step.cycles),
                            i == 0 ? ""
                                   : fmt::format("{:+d}", static_cast<std::int64_t>(step.cycles) -
                                                              static_cast<std::int64_t>(walked.steps[i - 1].cycles)));
    }
    return text + "\n";
}

/// One TPPE at the published size, as its components add up, and at others.
std::string tile_table()
{
    const auto sized = [](unsigned timesteps, unsigned chunk_bits, unsigned laggy_adders) {
        compute::tppe_parameters size;
        size.max_timesteps = timesteps;
        size.chunk_bits = chunk_bits;
        size.laggy_adders = laggy_adders;
        return size;
    };
    compute::tppe_parameters pipelined;
    pipelined.laggy_pipelined = true;
    const std::pair<const char*, compute::tppe_parameters> sizes[] = {
        {"as published: T = 4, chunks of 128, 16 adders", sized(4, 128, 16)},
        {"T = 8", sized(8, 128, 16)},
        {"T = 16", sized(16, 128, 16)},
        {"chunks of 64", sized(4, 64, 16)},
        {"chunks of 256", sized(4, 256, 16)},
        {"8 laggy adders", sized(4, 128, 8)},
        {"16 laggy adders, pipelined", pipelined},
        {"64 laggy adders", sized(4, 128, 64)},
    };
    const cost::component published = cost::tppe_of(cost::published_tppe_size);
    std::string text =
        "## The compute tile\n\n"
        "A TPPE without its P-LIF, from the published component table; how components grow is this project's rule\n"
        "(models/cost/component_table.cpp). Published: 0.0375 mm2, 2.32 mW dynamic, 0.50 mW leakage.\n\n"
        "| TPPE | area, mm2 | dynamic, mW | leakage, mW | area relative |\n|---|---|---|---|---|\n";
    for (const auto& [name, size] : sizes) {
        const cost::component tile = cost::tppe_of(size);
        text += fmt::format("| {} | {:.4f} | {:.2f} | {:.2f} | {:.3f} |\n", name, tile.area_mm2, tile.dynamic_mw,
                            tile.leakage_mw, tile.area_mm2 / published.area_mm2);
    }
    return text;
}

json to_json(const spread& figure)
{
    return {
        {"mean", figure.mean}, {"low", figure.low}, {"high", figure.high}, {"standard_error", figure.standard_error}};
}

json to_json(const score& of)
{
    json out;
    out["published"] = to_json(of.published);
    out["published_nmtk"] = to_json(of.published_nmtk);
    out["accounting"] = to_json(of.rule);
    out["accounting_nmtk"] = to_json(of.rule_nmtk);
    if (of.published) {
        out["deviation_percent"] = {{"cycles", deviation_percent(of.rule.cycles.mean, of.published->cycles)},
                                    {"matches", deviation_percent(of.rule.matches.mean, of.published->matches)},
                                    {"dram", deviation_percent(of.rule.dram_kib.mean, of.published->dram_kib)},
                                    {"sram", deviation_percent(of.rule.sram_kib.mean, of.published->sram_kib)}};
        if (of.published->energy)
            out["published_energy"] = *of.published->energy;
    }
    out["accounting_uniform"] = to_json(of.rule_uniform);
    out["accounting_energy"] = of.rule_energy;
    out["literal"] = {{"cycles", of.literal.cycles},
                      {"dram_kib", of.literal.dram_kib},
                      {"sram_kib", of.literal.sram_kib},
                      {"energy_uj", of.literal.energy_uj},
                      {"published_energy", of.literal.published_energy}};
    out["compression_efficiency"] = {{"packed", of.storage.packed_efficiency()},
                                     {"csr", of.storage.csr_efficiency()},
                                     {"bitmask", of.storage.timestep_bitmask_efficiency()}};
    return out;
}

/// Layers in which the accounting is off by so much, half of them more and half less.
double median_deviation_percent(const network_score& network, std::size_t form)
{
    std::vector<double> off;
    for (std::size_t i = 0; i + 1 < network.layers.size(); ++i) {
        const score& of = network.layers[i].form[form];
        if (of.published)
            off.push_back(std::fabs(deviation_percent(of.rule.cycles.mean, of.published->cycles)));
    }
    return median(off);
}

} // namespace

std::string title_of(const network_score& network)
{
    const std::pair<const char*, const char*> titles[] = {
        {"alexnet", "AlexNet"}, {"vgg16", "VGG16"}, {"resnet19", "ResNet19"}, {"t_hff", "T-HFF"}};
    for (const auto& [key, shown] : titles)
        if (network.name == key)
            return shown;
    return network.name;
}

double deviation_percent(double ours, double theirs)
{
    return theirs == 0 ? 0.0 : 100 * (ours - theirs) / theirs;
}

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::string number(double value)
{
    return results::grouped(static_cast<std::uint64_t>(std::llround(value)));
}

std::string deviation(double ours, double theirs)
{
    return fmt::format("{:+.1f}", deviation_percent(ours, theirs));
}

std::string deviation(const spread& ours, double theirs)
{
    const std::string off = deviation(ours.mean, theirs);
    return ours.standard_error == 0 ? off : fmt::format("{} +/- {:.1f}", off, 100 * ours.standard_error / theirs);
}

std::string range(const spread& figure)
{
    if (figure.low == figure.high)
        return number(figure.mean);
    return fmt::format("{} ({}..{})", number(figure.mean), number(figure.low), number(figure.high));
}

json to_json(const counted& figures)
{
    return {{"cycles", to_json(figures.cycles)},
            {"matches", to_json(figures.matches)},
            {"dram_kib", to_json(figures.dram_kib)},
            {"sram_kib", to_json(figures.sram_kib)}};
}

json to_json(const std::optional<published_figures>& figures)
{
    if (!figures)
        return nullptr;
    return {{"cycles", figures->cycles},
            {"matches", figures->matches},
            {"dram_kib", figures->dram_kib},
            {"sram_kib", figures->sram_kib}};
}

std::string to_text(const scoreboard& board)
{
    std::string text;
    for (const network_score& network : board.networks) {
        std::vector<std::vector<std::string>> rows(
            1, {title_of(network), "LoAS", "accounting", "% off", "literal", "FT", "accounting", "% off", "literal"});
        for (const layer_score& layer : network.layers) {
            rows.push_back({layer.name});
            for (const score& of : layer.form) {
                const bool published = of.published.has_value();
                rows.back().push_back(published ? number(of.published->cycles) : "-");
                rows.back().push_back(number(of.rule.cycles.mean));
                rows.back().push_back(published ? deviation(of.rule.cycles.mean, of.published->cycles) : "-");
                rows.back().push_back(results::grouped(of.literal.cycles));
            }
        }
        text += results::align(rows) + "\n" + rivals_text(network) + "\n" + machines_text(network) + "\n" +
                others_text(network);
    }
    for (const walk& walked : board.walks) {
        std::vector<std::vector<std::string>> rows(1, {walked.layer, "cycles"});
        for (const walk_step& step : walked.steps)
            rows.push_back({step.change, results::grouped(step.cycles)});
        text += results::align(rows) + "\n";
    }
    text += fmt::format(
        "Cycles. LoAS and FT: as published; accounting: the publication's, on our workload, mean of {} seeds;\n"
        "literal: the hardware with cache and HBM. Rivals: totals, and how many times those of LoAS and FT.\n"
        "+/-: standard error of the mean. The page of --out has traffic, energy and compression.\n"
        "Golden model: {}\n",
        board.seeds, board.golden_equal ? "equal" : "different");
    return text;
}

std::string to_markdown(const scoreboard& board)
{
    std::string text = introduction(board);
    for (const network_score& network : board.networks) {
        text += fmt::format("## {}\n\n", title_of(network));
        if (!network.layers.back().counts_matched)
            text += "Some layers could not be drawn with exactly the published counts.\n\n";
        for (std::size_t form = 0; form < forms; ++form) {
            text += cycle_table(network, form);
            if (network.layers.back().form[form].published)
                text += fmt::format("Median deviation of a layer's cycles: {:.1f} %.\n\n",
                                    median_deviation_percent(network, form));
        }
        for (std::size_t form = 0; form < forms; ++form)
            text += traffic_table(network, form);
        text += totals_table(network);
        text += rivals_markdown(network);
        text += machines_markdown(network);
        text += others_markdown(network);
    }
    if (!board.walks.empty())
        text += walk_introduction();
    for (const walk& walked : board.walks)
        text += walk_table(walked);
    text += tile_table();
    while (text.size() > 1 && text[text.size() - 2] == '\n')
        text.pop_back();
    return text;
}

std::string to_json(const scoreboard& board)
{
    json out;
    out["schema"] = "loas-vp.scoreboard/1";
    out["seeds"] = board.seeds;
    out["golden_equal"] = board.golden_equal;
    json& networks = out["networks"] = json::array();
    for (const network_score& network : board.networks) {
        json item;
        item["name"] = network.name;
        for (std::size_t form = 0; form < forms; ++form)
            item["median_cycle_deviation_percent"].push_back(median_deviation_percent(network, form));
        for (const layer_score& layer : network.layers)
            item["layers"].push_back({{"name", layer.name},
                                      {"counts_matched", layer.counts_matched},
                                      {"normal", to_json(layer.form[0])},
                                      {"ft", to_json(layer.form[1])},
                                      {"rivals", rivals_json(layer)}});
        item["machines"] = machines_json(network);
        item["others"] = others_json(network);
        networks.push_back(std::move(item));
    }
    json& walks = out["walks"] = json::array();
    for (const walk& walked : board.walks) {
        json item;
        item["layer"] = walked.layer;
        for (const walk_step& step : walked.steps)
            item["steps"].push_back({{"change", step.change}, {"parameter", step.parameter}, {"cycles", step.cycles}});
        walks.push_back(std::move(item));
    }
    return out.dump(2) + "\n";
}

} // namespace loas::published
