// What a NIR file does not say: which time step its numbers are for, and how its framework's neurons reset and fire.
#pragma once

#include "platform/lowering/network.h"
#include "platform/network/graph.h"

#include <optional>
#include <string>

namespace loas::lowering
{

using namespace network; // whose graph all of this is about

/// What the user says; nothing: as recognised.
struct dialect_wishes {
    std::optional<double> time_step; ///< in the unit of the neurons' tau
    std::optional<neuron_reset> reset;
};

struct dialect {
    std::string exporter; ///< "snnTorch", ...; empty: not recognised
    double time_step = 1;       ///< in the unit of the neurons' tau
    std::string time_step_from; ///< "assumed, as ...", in words; empty: the user says it
    neuron_reset reset = neuron_reset::hard;
    bool reset_is_guessed = false;   ///< a NIR file does not say it, and the user neither
    bool fires_at_threshold = false; ///< at the threshold, too; otherwise above it only
    bool starts_at_reset = false;    ///< potentials begin at v_reset; otherwise at 0, as NIR has it
    bool several_spikes = false;     ///< in a timestep, as many as the potential holds thresholds
};

/// Recognises the exporter by what it makes of its neurons' numbers, and takes what follows from that unless the user
/// says otherwise; the time step is the one that most neurons show. What is taken without having been said is told in network.assumed, what does not go together in
/// network.warnings.
dialect recognise_dialect(graph& network, const dialect_wishes& wishes);

} // namespace loas::lowering
