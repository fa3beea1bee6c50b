// The pass that makes neurons those of the hardware.
#pragma once

#include "platform/lowering/dialect.h"
#include "platform/network/graph.h"

namespace loas::lowering
{

/// Turns each neuron's values into those of the hardware, which decays to 0 and resets to 0 and has one leak and one
/// threshold a layer: with u = v - v_reset the bias grows by (v_leak - v_reset) / r, the threshold falls by v_reset, and
/// u begins at -v_reset where v begins at 0 (neuron_op::starts); a channel n of its own gain or threshold keeps it (neuron_op::thresholds), or, where all must have one threshold, has
/// its weights and bias multiplied by (gain_n / gain_0) (theta_0 / theta_n). A filter of the current whose time constant
/// is the time step is none; neurons with another are the host's. The first layer is the host's, too, unless the network
/// takes spikes: where 8 bits of leak would change its tau by much it has 16.
void settle_neurons(graph& network, const dialect& speech, bool own_thresholds, bool takes_spikes);

} // namespace loas::lowering
