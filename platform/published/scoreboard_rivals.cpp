// The designs that LoAS is compared with, on the scoreboard's page.
#include "platform/published/scoreboard_page.h"

#include "platform/results/result.h"

#include <fmt/format.h>

#include <cmath>

namespace loas::published
{
namespace
{

using json = nlohmann::ordered_json;

bool is_published(const network_score& network)
{
    return network.layers.back().rivals[0].published.has_value();
}

std::string heading(const std::string& first, bool published, const char* published_columns, const char* columns)
{
    std::string names = "| " + first + " |", rule = "|---|";
    for (const rival& design : rival_designs()) {
        names += fmt::format(" {}", design.title) + (published ? published_columns : columns);
        for (const char* letter = published ? published_columns : columns; *letter != 0; ++letter)
            rule += *letter == '|' ? "---|" : "";
    }
    return names + "\n" + rule + "\n";
}

std::string cycle_table(const network_score& network)
{
    const bool published = is_published(network);
    std::string text = "**Rivals, published accounting on our workload: cycles**\n\n" +
                       heading("layer", published, " published | accounting | % off |", " accounting |");
    for (const layer_score& layer : network.layers) {
        text += fmt::format("| {} |", layer.name);
        for (const rival_score& of : layer.rivals)
            text += published ? fmt::format(" {} | {} | {} |", number(of.published->cycles), range(of.rule.cycles),
                                            deviation(of.rule.cycles, of.published->cycles))
                              : fmt::format(" {} |", range(of.rule.cycles));
        text += "\n";
    }
    return text + "\n";
}

/// As published, and by the accounting on our workload.
struct figure_pair {
    double published = 0, ours = 0;
};

template <class side> figure_pair cycles_of(const side& of)
{
    return {of.published ? of.published->cycles : 0, of.rule.cycles.mean};
}
template <class side> figure_pair dram_of(const side& of)
{
    return {of.published ? of.published->dram_kib : 0, of.rule.dram_kib.mean};
}
template <class side> figure_pair sram_of(const side& of)
{
    return {of.published ? of.published->sram_kib : 0, of.rule.sram_kib.mean};
}
template <class side> figure_pair energy_of(const side& of)
{
    return {of.published ? of.published->energy.value_or(0) : 0, of.rule_energy};
}

struct quantity {
    const char* name;
    const char* unit;
    figure_pair (*of_rival)(const rival_score&);
    figure_pair (*of_loas)(const score&);
};
const quantity quantities[] = {
    {"cycles", "", cycles_of<rival_score>, cycles_of<score>},
    {"DRAM", ", KiB", dram_of<rival_score>, dram_of<score>},
    {"SRAM", ", KiB", sram_of<rival_score>, sram_of<score>},
    {"energy by the published formula", " (no unit)", energy_of<rival_score>, energy_of<score>},
};

std::string amount(double value)
{
    return value < 1e6 ? fmt::format("{:.1f}", value) : fmt::format("{:.4g}", value);
}

std::string rivals_totals_table(const network_score& network)
{
    const bool published = is_published(network);
    const layer_score& total = network.layers.back();
    std::string text =
        "**Rivals, totals and times those of LoAS**\n\n" + heading("", published, " published | accounting |", " |");
    const auto row = [&](const std::string& name, auto cells_of) {
        text += "| " + name + " |";
        for (std::size_t i = 0; i < rival_designs().size(); ++i) {
            const auto [theirs, ours] = cells_of(total.rivals[i], i);
            text += published ? fmt::format(" {} | {} |", theirs, ours) : fmt::format(" {} |", ours);
        }
        text += "\n";
    };
    using cells = std::pair<std::string, std::string>;
    for (const quantity& each : quantities) {
        if (each.of_rival != quantities[0].of_rival) // cycles have a table
            row(std::string(each.name) + each.unit, [&](const rival_score& of, std::size_t) {
                const figure_pair value = each.of_rival(of);
                const std::string off = published ? fmt::format(" ({} %)", deviation(value.ours, value.published)) : "";
                return cells{amount(value.published), amount(value.ours) + off};
            });
        for (std::size_t form = 0; form < forms; ++form) {
            const figure_pair loas = each.of_loas(total.form[form]);
            row(fmt::format("{} / {}", each.name, form == 0 ? "LoAS" : "LoAS-FT"),
                [&](const rival_score& of, std::size_t) {
                    const figure_pair value = each.of_rival(of);
                    return cells{fmt::format("{:.2f}", value.published / loas.published),
                                 fmt::format("{:.2f}", value.ours / loas.ours)};
                });
        }
    }
    if (published)
        row("median deviation of a layer's cycles, %", [&](const rival_score&, std::size_t i) {
            std::vector<double> off;
            for (std::size_t layer = 0; layer + 1 < network.layers.size(); ++layer) {
                const rival_score& of = network.layers[layer].rivals[i];
                off.push_back(std::fabs(deviation_percent(of.rule.cycles.mean, of.published->cycles)));
            }
            return cells{"", fmt::format("{:.1f}", median(off))};
        });
    row("the spikes in its own format, KiB", [](const rival_score& of, std::size_t) {
        return cells{"", fmt::format("{:.1f}", of.input_kib)};
    });
    return text +
           fmt::format("\nThe same spikes in packed fibers: {:.1f} KiB (LoAS). None of these counts pointers.\n\n",
                       total.packed_input_kib);
}

json json_of(const rival_score& of)
{
    json out;
    out["published"] = to_json(of.published);
    out["accounting"] = to_json(of.rule);
    if (of.published) {
        out["deviation_percent"] = {{"cycles", deviation_percent(of.rule.cycles.mean, of.published->cycles)},
                                    {"dram", deviation_percent(of.rule.dram_kib.mean, of.published->dram_kib)},
                                    {"sram", deviation_percent(of.rule.sram_kib.mean, of.published->sram_kib)}};
        out["published_energy"] = of.published->energy.value_or(0);
    }
    out["accounting_energy"] = of.rule_energy;
    out["input_kib"] = of.input_kib;
    return out;
}

} // namespace

const std::vector<rival>& rival_designs()
{
    static const std::vector<rival> rivals = [] {
        std::vector<rival> all;
        const config::scenario defaults;
        for (const designs::design* each : designs::published_as(designs::publication::part::rival))
            all.push_back({each->published->title, each->published->key, each->accounting(defaults),
                           each->constants.value(), each->published->fitted});
        return all;
    }();
    return rivals;
}

std::string rivals_markdown(const network_score& network)
{
    return cycle_table(network) + rivals_totals_table(network);
}

std::string rivals_text(const network_score& network)
{
    const layer_score& total = network.layers.back();
    std::vector<std::vector<std::string>> rows(
        1, {"", "cycles", "accounting", "% off", "/ LoAS", "accounting", "/ FT", "accounting"});
    for (std::size_t i = 0; i < rival_designs().size(); ++i) {
        const figure_pair cycles = cycles_of(total.rivals[i]);
        const bool published = total.rivals[i].published.has_value();
        rows.push_back({rival_designs()[i].title, published ? number(cycles.published) : "-", number(cycles.ours),
                        published ? deviation(total.rivals[i].rule.cycles, cycles.published) : "-"});
        for (const score& loas : total.form) {
            rows.back().push_back(published ? fmt::format("{:.2f}", cycles.published / loas.published->cycles) : "-");
            rows.back().push_back(fmt::format("{:.2f}", cycles.ours / loas.rule.cycles.mean));
        }
    }
    return results::align(rows);
}

json rivals_json(const layer_score& layer)
{
    json out;
    for (std::size_t i = 0; i < rival_designs().size(); ++i)
        out[rival_designs()[i].key] = json_of(layer.rivals[i]);
    return out;
}

} // namespace loas::published
