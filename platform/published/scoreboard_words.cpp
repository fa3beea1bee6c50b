// What the page says before and between its tables.
#include "platform/published/scoreboard_page.h"

#include <fmt/format.h>

namespace loas::published
{

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
public, so non-zeros are placed by a model with two numbers a layer, which others fitted: sigma_col (how uneven columns
are) to the published SparTen cycles, gamma_act (how much weights favour active inputs) to the published LoAS-FT
matches. So SparTen's cycles and the numbers of matches are no prediction; how matches spread over rows, and so the
cycles of LoAS, is one. The tables of totals have the cycles without that model too, weights placed uniformly.
**Predicted**: the cycles of ResNet19, which were not at hand (its sigma_col and gamma_act are fitted in the same way,
and its share of dead channels to matches too), and everything literal.

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
why is not settled. sigma_col was fitted by others with spikes of their own, as a mean over four workloads, which is
known to no better than about 1 %. Recorded spikes lie in larger patches of the image than those drawn here; drawing
such patches explains about half a percent on AlexNet and nothing on VGG16.

**Side by side** stand all machines as described, simulated on the same cache and HBM. There LoAS leads by less than
published, and on AlexNet Gamma is the faster one. The laggy prefix-sum of LoAS holds its masks for eight cycles of
every chunk with a match, which the accounting leaves out and no other design has; behind it hide the cycles of chunks
without a match, which alone change little. Without both, LoAS leads by three times as much on AlexNet, by half as much
again on VGG16. GoSPA waits for two things for which the accounting has no time: spikes come over a stream of 16 a cycle
(this project's choice), matched or not, and partial sums go to memory and back. Each hides behind the other: on AlexNet
the stream alone costs GoSPA 6 % of its cycles, memory alone a quarter, both together half. Gamma gains where its PEs go
on by themselves, while the accounting has them meet after each tile. With all of the publication's simplifications the
same machines come out as far apart as published.

)",
                       board.seeds, board.golden_equal ? "yes" : "NO");
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
