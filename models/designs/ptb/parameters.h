// Parameters of PTB beside those that all designs share. No SystemC.
#pragma once

#include "models/parameter/words.h"

namespace loas::designs
{

/// Cycles of a step: always one; one for each spike of the window that has most of them; those of a whole window.
enum class ptb_line { one, active, window };
inline constexpr std::string_view ptb_line_words[] = {"1", "active", "window"};
constexpr parameter::words words_of(ptb_line)
{
    return ptb_line_words;
}

struct ptb_parameters {
    unsigned columns = 4;
    unsigned window = 1;         ///< timesteps
    unsigned pair_distance = 16; ///< lines
    ptb_line line_cycles = ptb_line::active;
    bool dense = false;

    /// Timesteps that the array takes at once.
    unsigned round() const { return columns * window; }

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        to.integer("ptb.columns", columns, 1, 16, "columns", published,
                   "PTB: columns of the array, a time window each; its rows are tppe.count.");
        to.integer("ptb.window", window, 1, 16, "timesteps", published,
                   "PTB: length of a time window, whose timesteps a PE takes one after another.");
        to.integer("ptb.pair_distance", pair_distance, 0, 65535, "lines", ours,
                   "PTB: how far behind a line the one may be that shares its step; 0: none does, 65535: any.");
        to.word("ptb.line_cycles", line_cycles, ours,
                "PTB: cycles of a step: 1, the spikes of its most active window, or the timesteps of a window.");
        to.flag("ptb.dense", dense, ours,
                "PTB: as the accounting has it: a fold is tppe.count pixels x 1 channel, takes all inputs, and skips nothing.")
            .under_published(true);
    }
};

} // namespace loas::designs
