// What the page says before and between its tables.
#include "platform/published/scoreboard_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace loas::published
{

std::string wrapped(const std::string& text)
{
    static constexpr std::size_t columns = 120;
    std::istringstream words(text);
    std::string lines;
    std::size_t used = 0;
    for (std::string word; words >> word; used += word.size() + 1) {
        if (used > 0 && used + word.size() > columns) {
            lines += '\n';
            used = 0;
        }
        lines += (used > 0 ? " " : "") + word;
    }
    return lines;
}

namespace
{

/// nullptr: not on this board, or nothing was changed.
const network_score* changed_network(const scoreboard& board, const char* name)
{
    const auto found = std::find_if(board.networks.begin(), board.networks.end(),
                                    [name](const network_score& each) { return each.name == name; });
    return found == board.networks.end() || found->reruns.empty() ? nullptr : &*found;
}

/// Cycles of a machine with parameters changed.
double cycles_with(const network_score& network, const std::string& parameters, std::size_t machine)
{
    for (const side_by_side& each : network.reruns)
        if (each.parameter == parameters)
            return static_cast<double>(each.machines.at(machine).cycles);
    throw std::logic_error(fmt::format("no rerun with {}", parameters));
}

double literal_cycles(const network_score& network, std::size_t machine)
{
    return static_cast<double>(network.literal.back().machines.at(machine).cycles);
}

std::string share_in_words(double share)
{
    constexpr double near = 0.03;
    for (const auto& [value, word] : {std::pair(0.25, "a quarter"), std::pair(0.5, "half")})
        if (std::fabs(share - value) < near)
            return word;
    return fmt::format("{:.0f} % of its cycles", 100 * share);
}

std::string factor_in_words(double factor)
{
    constexpr double near = 0.05;
    for (const auto& [value, word] :
         {std::pair(1.5, "half as much again"), std::pair(2.0, "twice as much"), std::pair(3.0, "three times as much")})
        if (std::fabs(factor / value - 1) < near)
            return word;
    return fmt::format("{:.1f} times as much", factor);
}

/// By how much LoAS's lead over the rivals grows without what only it pays for: the mean of them.
double lead_without_laggy_and_empty(const network_score& network)
{
    constexpr const char* both = "tppe.laggy_pipelined=true tppe.empty_join_cycles=0";
    double sum = 0;
    std::size_t rivals = 0;
    for (std::size_t i = 0; i < machines().size(); ++i) {
        if (machines()[i].design == &subject())
            continue;
        sum += cycles_with(network, both, i) / cycles_with(network, both, 0) /
               (literal_cycles(network, i) / literal_cycles(network, 0));
        ++rivals;
    }
    return sum / static_cast<double>(rivals);
}

/// What a machine's own change lifts, of its cycles on a network, where memory's may hide behind it; "" if there is
/// none such.
std::string change_words(const network_score& network, std::size_t machine)
{
    for (const designs::publication::change& each : machines()[machine].design->published->changes) {
        if (each.title_with_memory == nullptr)
            continue;
        const std::string lifted = fmt::format("{}", fmt::join(each.parameters, " ")), memory = "memory.backend=ideal";
        const auto share = [&](const std::string& without) {
            return share_in_words(1 - cycles_with(network, without, machine) / literal_cycles(network, machine));
        };
        return fmt::format(": on {} {} {}, memory alone {}, both together {}", title_of(network), each.costs_words,
                           share(lifted), share(memory), share(memory + " " + lifted));
    }
    return "";
}

/// In what the rivals as described differ from their accounting.
std::string remarks(const network_score* network)
{
    std::string text;
    for (std::size_t i = 0; i < machines().size(); ++i) {
        const char* remark = machines()[i].design->published->remark;
        if (remark != nullptr)
            text += fmt::format("{}{}{}.", text.empty() ? "" : " ", remark,
                                network != nullptr ? change_words(*network, i) : "");
    }
    return text;
}

/// Of the rivals with published speeds, those of which LoAS is ahead by less than published, and those of which it is
/// not ahead at all. "" where nothing is published.
std::string lead_words(const scoreboard& board)
{
    std::size_t all = 0, by_less = 0;
    std::string not_at_all;
    for (const network_score& network : board.networks)
        for (std::size_t i = 0; i < network.published_speed.size(); ++i) {
            if (machines()[i].design == &subject())
                continue;
            const double lead = literal_cycles(network, i) / literal_cycles(network, 0);
            ++all;
            by_less += lead < network.published_speed[i];
            if (lead < 1)
                not_at_all += fmt::format("; on {} {} is the faster one", title_of(network), machines()[i].title);
        }
    if (all == 0)
        return "";
    return fmt::format("There LoAS leads by less than published in {} of {} comparisons{}. ", by_less, all, not_at_all);
}

/// How far the same machines are from the published speeds with all of the publication's simplifications. "" where
/// nothing is published or nothing was changed.
std::string simplified_words(const scoreboard& board)
{
    double farthest = 0;
    bool any = false;
    for (const network_score& network : board.networks) {
        if (network.reruns.empty())
            continue;
        for (std::size_t i = 0; i < network.published_speed.size(); ++i) {
            const double lead =
                cycles_with(network, "fidelity=published", i) / cycles_with(network, "fidelity=published", 0);
            farthest = std::max(farthest, std::fabs(deviation_percent(lead, network.published_speed[i])));
            any = true;
        }
    }
    return any ? fmt::format(" With all of the publication's simplifications the same machines are as far apart as "
                             "published, to {:.0f} %.",
                             std::ceil(farthest))
               : "";
}

/// What only a run of these networks can say is left out where they were not run.
std::string side_by_side_words(const scoreboard& board)
{
    const network_score* alexnet = changed_network(board, "alexnet");
    const network_score* vgg16 = changed_network(board, "vgg16");
    std::string text =
        "**Side by side** stand all machines as described, simulated on the same cache and HBM. " + lead_words(board) +
        "The laggy prefix-sum of LoAS holds the masks of every chunk with a match for as long as it counts, which the "
        "accounting leaves out and no other design has; behind it hide the cycles of chunks without a match. ";
    if (alexnet != nullptr && vgg16 != nullptr)
        text += fmt::format("Without both, LoAS leads by {} on AlexNet, by {} on VGG16. ",
                            factor_in_words(lead_without_laggy_and_empty(*alexnet)),
                            factor_in_words(lead_without_laggy_and_empty(*vgg16)));
    return text + remarks(alexnet) + simplified_words(board);
}

/// How well a mean over four workloads is known: of SparTen's cycles, which they were fitted to, on AlexNet.
std::string scatter_of_four(const scoreboard& board)
{
    for (const network_score& network : board.networks) {
        if (network.name != "alexnet")
            continue;
        for (std::size_t i = 0; i < rival_designs().size(); ++i) {
            const spread& cycles = network.layers.back().rivals[i].rule.cycles;
            if (rival_designs()[i].fitted && cycles.standard_error > 0)
                return fmt::format(", which is\nknown to no better than about {:.0f} %",
                                   100 * cycles.standard_error / cycles.mean * std::sqrt(board.seeds / 4.0));
        }
    }
    return "";
}

} // namespace

std::string introduction(const scoreboard& board)
{
    return fmt::format(R"(# The published evaluation, reproduced

Written by `loas-vp published --out FILE`; a test compares it with a fresh run. *Published* is what the LoAS authors'
result files say (published_results.json beside this page). *Accounting on our workload* is the publication's own
accounting (no prefix-sums, no bandwidth, no latency) on generated layers with the published numbers of spikes,
non-silent inputs and weights: the mean over {} drawn workloads, lowest and highest in brackets; +/- is the standard
error of that mean, in % of the published figure. *Literal* is the hardware as described, simulated with cache and HBM
on the first of them, every output equal to the golden model: {}. *Literal / accounting* is of that workload.

**Reproduced**: LoAS's traffic that follows from shapes and counts, to the bit, but for the last layers of VGG16, where
some tiles of weights come out empty that were not, or the other way round. **Calibrated**: the trained weights are not
public, so non-zeros are placed by a model: sigma_col (how uneven columns are), which others fitted to the published
SparTen cycles; and, fitted here to the published numbers of matches of LoAS and LoAS-FT alone, gamma_act (how much
weights favour active inputs) or, in seven late layers, kappa (how much they favour the centre of a kernel), and in seven
layers where inputs that spike once lie. VGG16's spikes lie in the pixels in which one recorded image has them. So
SparTen's cycles and the numbers of matches are no prediction; how matches spread over rows, and so the cycles of LoAS,
is one. The tables of totals have the cycles without that model too, weights placed uniformly. On maps of 2 x 2 pixels
(V-L11, V-L13) the published rows are worse balanced than those of any placement with their matches that was tried.
**Predicted**: the cycles of ResNet19, which were not at hand (its placement is fitted in the same way, and its share of
dead channels to matches too), and everything literal.

**What differs in the literal machine**: it takes longer, since it pays for empty joins, for the laggy prefix-sum and
for waiting at each column. Its DRAM traffic is lower, since its cache keeps whatever fits, where the accounting fetches
weights again for each group of rows and charges the writing of the input to the layer that reads it. Its SRAM traffic
is higher, since each tile reads its mask of A again for each column. The published energy adds terms of different
units, so only its ratios mean anything. T-HFF, of which no figure is published layer by layer, is left out here for its
size: `loas-vp published t-hff`.

**Rivals** are SparTen, GoSPA and Gamma on spikes, one timestep after the other, as the publication simplified them and
on inputs that are not masked, as there. By the accounting, their cycles are those of the slowest column (Gamma:
row) of every tile, so they feel the placement more than LoAS does; so do, where tiles of different timesteps are equal
or a buffer is just large enough, their fills. SparTen comes out low by more than the standard error, and
why is not settled. sigma_col was fitted by others with spikes and a placement of their own, as a mean over four workloads{}. Recorded spikes lie in larger patches of the image than those drawn here.

)",
                       board.seeds, board.golden_equal ? "yes" : "NO", scatter_of_four(board)) +
           wrapped(side_by_side_words(board)) + "\n\n";
}

std::string walk_introduction()
{
    return R"(## From the accounting to the hardware

Each step is a rerun with one parameter more as in the hardware. They begin with
`loas-vp run scenarios/published/NETWORK.toml --set workload.only=LAYER --set fidelity=published`
`--set tppe.fifo_depth=1024 --set dram.ideal=true`, where the latter two have no effect until later steps. The first
change is due to the order in which the hardware gathers inputs (kernel position, then channel), which decides what
shares a chunk. With one accumulator set tiles meet after whole columns, no longer after each chunk of 32 columns, which
costs less. The layer runs alone, so the end is a little off the tables above, where DRAM and cache are as the layer
before left them.

)";
}

} // namespace loas::published
