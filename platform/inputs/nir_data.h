// NIR's data files (nir.write_data of the NIR library): what was seen of the nodes of a network, in HDF5.
#pragma once

#include "platform/formats/nir.h"

#include <cstddef>
#include <string>
#include <vector>

namespace loas::inputs
{

/// True for an HDF5 file, by its first bytes; also of "FILE.h5:NODE".
bool is_hdf5(const std::string& path);

/// One observable of one node: of each sample what is not 0, so that a batch of spikes takes little room.
struct nir_data {
    std::string source;  ///< "FILE: input/spikes", for messages
    std::string said;    ///< in words, where node and observable were not said; "": they were
    std::string setting; ///< that would have said it, as "key=value"
    std::size_t samples = 0, neurons = 0;
    std::size_t timesteps = 0; ///< of a grid; 0: a list of events
    double length = 0;         ///< of a grid a timestep's (dt), of events a sample's (t_max)
    /// Entry i of sample s: begin[s] <= i < begin[s + 1].
    std::vector<double> begin;
    std::vector<double> place; ///< of a grid timestep * neurons + neuron; of events the neuron
    std::vector<double> time;  ///< of events, from 0
    /// Of events: a time that is a multiple of the timestep ends one, else it begins one. The library writes a spike of
    /// step k at (k + 1) dt, or where the state changes after the spike at k dt, and its files do not say which. At 0
    /// nothing can be of the first kind. Values it puts at k dt.
    bool ends_timestep = false;
    std::vector<double> value; ///< empty: 1 each
};

/// Of "FILE", "FILE.h5:NODE" or "FILE.h5:NODE/OBSERVABLE"; a node that is not said is the one called `input`, or the only
/// one. Throws text::user_error naming file and object: no such file, ambiguous, damaged. As any HDF5 file it is read in
/// a process of its own (formats/isolated_reader.h).
nir_data read_nir_data(const std::string& path, const std::string& input);

/// Inside the room, in the library that knows HDF5. place "": the nodes, each with its observables; else of that
/// observable a node with the arrays of nir_data. Throws text::user_error.
extern "C" void loas_read_nir_data(const std::string& path, const std::string& place, formats::nir_graph& graph);

} // namespace loas::inputs
