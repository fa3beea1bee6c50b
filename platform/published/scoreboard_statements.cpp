// What the publication says of designs of other kinds, beside what comes out here, and why.
#include "platform/published/scoreboard_page.h"

#include "models/cost/energy.h"
#include "models/cost/parameters.h"
#include "platform/results/result.h"

#include <fmt/format.h>

#include <functional>
#include <stdexcept>

namespace loas::published
{
namespace
{

constexpr double said_energy_of_anns = 1.9, said_energy_of_dense = 2.8, said_speed_of_dense = 46.9;

double as_real(std::uint64_t count)
{
    return static_cast<double>(count);
}

/// The first of the others of a kind.
const other_score& first_of(const network_score& network, bool (*is)(const designs::design& of))
{
    for (const other_score& each : network.others)
        if (&each != &network.others.front() && is(*each.design))
            return each;
    throw std::logic_error("a design that the statements are about is not beside the others");
}

/// Dense, with an estimate that skips nothing.
bool is_estimated(const designs::design& of)
{
    return !of.bytes && of.accounting != nullptr && accounting_of(of).fold_cycles_percent == 100;
}

/// Dense, with an assumption on what skipping leaves.
bool is_assumed(const designs::design& of)
{
    return !of.bytes && of.accounting != nullptr && accounting_of(of).fold_cycles_percent != 100;
}

/// Dense, of which nothing is published.
bool is_unaccounted(const designs::design& of)
{
    return !of.bytes && of.accounting == nullptr;
}

bool joins_bytes(const designs::design& of)
{
    return of.bytes && accounting_of(of).flow == cost::dataflow::inner_product;
}

bool merges_bytes(const designs::design& of)
{
    return of.bytes && accounting_of(of).flow == cost::dataflow::row_by_row;
}

/// Cycles with a change of its descriptor: the first skips nothing, each further one less than the design does.
double changed_cycles(const other_score& of, std::size_t change)
{
    return as_real(of.changed.at(change).cycles);
}

double accounted_cycles(const other_score& of)
{
    return as_real(of.total().rule.cycles);
}

double simulated_cycles(const other_score& of)
{
    return as_real(of.total().literal.cycles);
}

double accounted_without_first(const other_score& of)
{
    return accounted_cycles(of) - as_real(of.layers.front().rule.cycles);
}

/// Of all outputs of part-filled folds the share that is there: as much of the cycles would do if pixels of folds that
/// are not full took only their part.
double filled_share(const network_score& network, const other_score& of)
{
    const cost::published_design design = accounting_of(*of.design);
    double filled = 0, all = 0;
    for (std::size_t i = 0; i < network.sizes.size(); ++i) {
        const auto& [m, n] = network.sizes[i];
        const double outputs = as_real((m + design.tile.rows - 1) / design.tile.rows * design.tile.rows) *
                               as_real((n + design.tile.columns - 1) / design.tile.columns * design.tile.columns);
        const double cycles = as_real(of.layers[i].rule.cycles);
        all += cycles;
        filled += cycles * as_real(m) * as_real(n) / outputs;
    }
    return filled / all;
}

/// A row of the walk: what changes, the factor, and the ratio from there on.
std::string walk_row(const std::string& what, double factor, double& ratio)
{
    ratio *= factor;
    return fmt::format("| {} | {} {:.2f} | {:.2f} |\n", what, factor < 1 ? "/" : "x", factor < 1 ? 1 / factor : factor,
                       ratio);
}

/// From the accounting's ratio to that of the machines.
std::string speed_walk(const network_score& network)
{
    const other_score &loas = network.others.front(), &ptb = first_of(network, is_estimated);
    const double dense = changed_cycles(ptb, 0), unpaired = changed_cycles(ptb, 1);
    const double filled = filled_share(network, ptb);
    double ratio = accounted_cycles(ptb) / accounted_cycles(loas);
    std::string text = "| PTB's cycles over those of LoAS | factor | ratio |\n|---|---|---|\n";
    text += fmt::format("| accounting of both | | {:.2f} |\n", ratio);
    text += walk_row("PTB's folds wait for memory (`ptb.dense=true`)", dense / accounted_cycles(ptb), ratio);
    text += walk_row("pixels that part-filled folds have not take no cycles", filled, ratio);
    text += walk_row("silent inputs take no cycles, channels fill the array for all pixels (`ptb.pair_distance=0`)",
                     unpaired / dense / filled, ratio);
    text += walk_row("inputs that spike at other times share a step (StSAP, as described)",
                     simulated_cycles(ptb) / unpaired, ratio);
    text += walk_row("LoAS as described, with laggy prefix-sum, empty joins, barriers and memory",
                     accounted_cycles(loas) / simulated_cycles(loas), ratio);
    return text + "\n";
}

std::string speed_words(const network_score& network)
{
    const other_score &loas = network.others.front(), &ptb = first_of(network, is_estimated);
    const other_score &stellar = first_of(network, is_assumed), &spinalflow = first_of(network, is_unaccounted);
    const std::string first = loas.layers.front().name;
    const double filled = filled_share(network, ptb);
    const double masked = network.layers.back().form[1].published->cycles;
    const double masked_rest = masked - network.layers.front().form[1].published->cycles;
    return fmt::format(
        "**{} times as fast as dense designs.** The accounting gives PTB {:.1f} times the cycles of LoAS with {} and "
        "{:.1f} times "
        "without it, which the published lists of the dense designs leave out; {:.1f} and {:.1f} times those published "
        "of "
        "LoAS-FT. Without {} on PTB's side alone it is {:.1f}: {} over {} cycles. Stellar is charged a fifth of its "
        "cycles, by "
        "assumption: {:.1f} times those of LoAS. All of these take every input, silent or not. Machines that leave out "
        "what is "
        "silent, as their authors describe them, do not: PTB is {:.1f} times as fast as its accounting. Stellar, which "
        "takes "
        "what spikes in any of four pixels, is {:.1f} times as fast as without skipping, and takes {:.1f} times what "
        "the fifth "
        "allows it, with the spikes of LIF neurons; how many its own neurons would have is not known. So LoAS as described is {:.1f} "
        "times as "
        "fast as PTB as described, {:.1f} times as fast as Stellar, and {:.1f} times as fast as SpinalFlow, which "
        "takes spikes "
        "one by one. Of PTB's side of {:.1f} a factor of {:.1f} lies between the published estimate and the machine. "
        "{:.2f} of it are pixels that part-filled folds have not, which is no skipping; {:.2f} silent inputs left out, "
        "and with them another mapping, of channels in the place of pixels; {:.2f} steps that inputs share. So skipping "
        "that the estimate leaves out, with the sharing, is a factor of {:.1f} at most.",
        said_speed_of_dense, accounted_cycles(ptb) / accounted_cycles(loas), first,
        accounted_without_first(ptb) / accounted_without_first(loas), accounted_cycles(ptb) / masked,
        accounted_without_first(ptb) / masked_rest, first, accounted_without_first(ptb) / masked,
        results::grouped(static_cast<std::uint64_t>(accounted_without_first(ptb))),
        results::grouped(static_cast<std::uint64_t>(masked)), accounted_cycles(stellar) / accounted_cycles(loas),
        accounted_cycles(ptb) / simulated_cycles(ptb), changed_cycles(stellar, 0) / simulated_cycles(stellar),
        simulated_cycles(stellar) / accounted_cycles(stellar), simulated_cycles(ptb) / simulated_cycles(loas),
        simulated_cycles(stellar) / simulated_cycles(loas), simulated_cycles(spinalflow) / simulated_cycles(loas),
        accounted_cycles(ptb) / accounted_cycles(loas), changed_cycles(ptb, 0) / simulated_cycles(ptb), 1 / filled,
        changed_cycles(ptb, 0) * filled / changed_cycles(ptb, 1), changed_cycles(ptb, 1) / simulated_cycles(ptb),
        changed_cycles(ptb, 0) * filled / simulated_cycles(ptb));
}

/// "SparTen-ANN 2.31, Gamma-ANN 1.20": of the designs of a kind.
std::string ratios_of_others(const network_score& network, bool bytes, bool accounted,
                             const std::function<double(const other_score&)>& of)
{
    std::string text;
    for (const other_score& each : network.others)
        if (&each != &network.others.front() && each.design->bytes == bytes &&
            (!accounted || each.design->accounting != nullptr))
            text += fmt::format("{}{} {:.2f}", text.empty() ? "" : ", ", each.design->published->title, of(each));
    return text;
}

double group_uj(const modelled& of, cost::energy_group group)
{
    return of.group_uj[static_cast<std::size_t>(group)];
}

double group_share(const modelled& of, cost::energy_group group)
{
    return 100 * group_uj(of, group) / of.energy_uj;
}

/// Standby and refresh of DRAM, and leakage.
double by_the_cycle_uj(const modelled& of)
{
    return of.dram_standing_uj + group_uj(of, cost::energy_group::leakage);
}

std::string shares_of(const modelled& of)
{
    return fmt::format("{:.0f} % computation, {:.0f} % SRAM, {:.0f} % DRAM and {:.0f} % leakage",
                       group_share(of, cost::energy_group::compute), group_share(of, cost::energy_group::sram),
                       group_share(of, cost::energy_group::dram), group_share(of, cost::energy_group::leakage));
}

/// By the published formula, at a price of a byte of DRAM, over LoAS at another.
std::string by_formula(const network_score& network, bool bytes, double dram, double dram_of_loas)
{
    return ratios_of_others(network, bytes, true, [&](const other_score& of) {
        return of.rule_energy(dram) / network.others.front().rule_energy(dram_of_loas);
    });
}

std::string in_joules(const network_score& network, bool bytes)
{
    const double loas = network.others.front().total().literal.energy_uj;
    return ratios_of_others(network, bytes, false,
                            [&](const other_score& of) { return of.total().literal.energy_uj / loas; });
}

std::string without_standing(const network_score& network, bool bytes)
{
    const auto rest = [](const other_score& of) {
        return of.total().literal.energy_uj - of.total().literal.dram_standing_uj;
    };
    const double loas = rest(network.others.front());
    return ratios_of_others(network, bytes, false, [&](const other_score& of) { return rest(of) / loas; });
}

std::string over_masked(const network_score& network, bool bytes)
{
    const double masked = network.layers.back().form[1].rule_energy;
    return ratios_of_others(network, bytes, true, [&](const other_score& of) {
        return of.rule_energy(cost::published_dram_per_byte) / masked;
    });
}

std::string ann_energy_words(const network_score& network)
{
    constexpr double usual = cost::published_dram_per_byte, of_anns = cost::published_dram_per_byte_of_anns;
    const other_layer &loas = network.others.front().total(), &sparten = first_of(network, joins_bytes).total();
    return fmt::format("**{} times less energy than designs for ANNs.** By the published formula, from the "
                       "accounting's counts, over LoAS: {}; "
                       "over LoAS-FT: {}. Where the authors compare with these designs a byte of DRAM costs {} in the "
                       "place of {}: {}; and {} "
                       "if LoAS keeps the {}. The machines as described, in joules: {}. In the accounting "
                       "DRAM makes the difference: SparTen's "
                       "buffers lose inputs between groups of columns, and it fetches {:.0f} KiB, LoAS {:.0f}; through "
                       "the cache as described "
                       "they fetch {:.0f} and {:.0f}. Gamma fetches inputs once in both. In the machines cycles make "
                       "it: the energy of LoAS is {}, and of DRAM's {:.0f} % are standby and refresh, whatever is "
                       "moved. Without these two: {}.",
                       said_energy_of_anns, by_formula(network, true, usual, usual), over_masked(network, true),
                       of_anns, usual, by_formula(network, true, of_anns, of_anns),
                       by_formula(network, true, of_anns, usual), usual, in_joules(network, true),
                       sparten.rule.dram_bytes() / 1024, loas.rule.dram_bytes() / 1024, sparten.literal.dram_kib,
                       loas.literal.dram_kib, shares_of(loas.literal),
                       100 * loas.literal.dram_standing_uj / group_uj(loas.literal, cost::energy_group::dram),
                       without_standing(network, true));
}

std::string dense_energy_words(const network_score& network)
{
    const other_score& ptb = first_of(network, is_estimated);
    const cost::published_traffic& rule = ptb.total().rule;
    const modelled& machine = ptb.total().literal;
    const cost::published_energy of = cost::energy_by_published_rule(
        {rule.cycles, rule.dram_bytes(), rule.sram_bytes(), rule.matches}, ptb.design->constants.value());
    return fmt::format(
        "**{} times less energy than dense designs.** By the published formula over LoAS: {}; over LoAS-FT: {}. The "
        "machines as "
        "described, in joules: {}. The formula charges PTB {:.0f} % of its sum by the cycle, for computation and "
        "leakage, and the "
        "cycles are those of a machine that skips nothing. The machine takes {:.0f} % of them. What it cannot skip are "
        "weights "
        "that are 0: {:.0f} KiB of DRAM in the place of {:.0f} of LoAS. But moving them is {:.0f} of its {:.0f} uJ; "
        "what goes by the cycle, standby and refresh of DRAM and leakage, is {:.0f}. So the joules follow the cycles. "
        "Without standby and refresh: {}.",
        said_energy_of_dense, by_formula(network, false, cost::published_dram_per_byte, cost::published_dram_per_byte),
        over_masked(network, false), in_joules(network, false), 100 * (of.leakage + of.compute) / of.total(),
        100 * simulated_cycles(ptb) / accounted_cycles(ptb), ptb.total().literal.dram_kib,
        network.others.front().total().literal.dram_kib, machine.dram_moved_uj, machine.energy_uj,
        by_the_cycle_uj(machine), without_standing(network, false));
}

/// What an addition takes in a tile of the design, with the multiplication where it has one.
double match_pj(const designs::design& of)
{
    double pj = 0;
    for (const cost::tile_event& each : of.tile_table(config::scenario{}).events)
        if (each.part == cost::energy_part::pseudo_accumulator)
            pj += each.pj * each.relative;
    return pj;
}

/// The publication's table of energies relative to an AND with accumulation, beside our constants'.
std::string event_table(const network_score& network)
{
    const cost::energy_constants constants;
    const double one = constants.pseudo_add_pj;
    const struct {
        const char* what;
        double said, pj;
    } rows[] = {{"AND and accumulation (LoAS: an addition of 12 bits)", 1, one},
                {"multiply-accumulate (SparTen-ANN: 8 x 8 bits, a sum of 24)", 4.6,
                 match_pj(*first_of(network, joins_bytes).design)},
                {"32 bits read from SRAM (an eighth of a line of the global cache)", 100, constants.sram_read_pj / 8},
                {"32 bits read from DRAM (moved, without activation)", 640, 32 * constants.dram_bit_pj}};
    std::string text = "**Energy of an event, relative to an AND with accumulation**\n\n"
                       "| event | published | ours | ours, pJ |\n|---|---|---|---|\n";
    for (const auto& each : rows)
        text += fmt::format("| {} | {:g} | {:.1f} | {:.3f} |\n", each.what, each.said, each.pj / one, each.pj);
    const modelled& machine = network.others.front().total().literal;
    const double loas = machine.energy_uj;
    text += fmt::format("| all of a network: ANN on SparTen, on Gamma / SNN on LoAS | 32 | {:.1f}, {:.1f} | |\n\n",
                        first_of(network, joins_bytes).total().literal.energy_uj / loas,
                        first_of(network, merges_bytes).total().literal.energy_uj / loas);
    return text +
           wrapped(fmt::format(
               "Ours are the authors' own synthesis of an accumulator at 32 nm; a multiplier of 8 bits of 45 nm, "
               "scaled; CACTI's read of the cache; a bit of HBM2 moved. So DRAM weighs more than in the publication's "
               "table. Yet events decide little in the machines: {:.0f} % of the energy of LoAS goes by the cycle, "
               "standby and refresh of DRAM and leakage, which the table has not. The 32 is of networks as dense as "
               "they come; here both skip what is 0, and the ANN moves a byte where the SNN moves four timesteps.",
               100 * by_the_cycle_uj(machine) / loas)) +
           "\n\n";
}

} // namespace

std::string statements(const network_score& network)
{
    return wrapped(ann_energy_words(network)) + "\n\n" + wrapped(dense_energy_words(network)) + "\n\n" +
           wrapped(speed_words(network)) + "\n\n" + speed_walk(network) + event_table(network);
}

} // namespace loas::published
