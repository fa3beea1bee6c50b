// Reader of NIR files (Neuromorphic Intermediate Representation, HDF5): the graph as it is in the file, without a
// judgement on what the accelerator can run. That is mapper.h.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::formats
{

/// A numeric dataset. Integers and floats of any width are read as double.
struct nir_array {
    std::vector<std::size_t> shape; ///< empty: a scalar, one value
    std::vector<double> values;     ///< C order
};

/// Elements in an array of this shape, or `limit` + 1 when there are more than `limit`.
std::size_t count_elements(const std::vector<std::size_t>& shape, std::size_t limit);

inline constexpr const char *unread_value = "neither numbers nor a string", *no_value = "a null dataset";
using nir_edges = std::vector<std::pair<std::string, std::string>>; ///< (from, to) in the order of the file

/// One node: its datasets, by name. `type` is not repeated in `strings`, the group `metadata` is left out.
struct nir_node {
    std::string name;                           ///< of its group in /node/nodes
    std::string type;                           ///< "Conv2d", "LIF", ...
    std::map<std::string, nir_array> arrays;    ///< "weight", "stride", ...
    std::map<std::string, std::string> strings; ///< "padding": "same", ...; or unread_value, no_value
    std::vector<nir_node> nodes = {};           ///< of a NIRGraph: the nodes in it, as in nir_graph
    nir_edges edges = {};                       ///< the same
};

/// The root graph.
struct nir_graph {
    std::string source;          ///< file name as given by the caller, for messages
    std::string version;         ///< of the NIR library that wrote it; empty when the file doesn't say
    std::vector<nir_node> nodes; ///< in order of their names: HDF5 keeps no other
    nir_edges edges;
};

/// Reads the file at `path`. Throws text::user_error naming the file and the object in it, as in
/// "digits.nir: /node/edges: expected shape (E, 2), found (3,)". Everything is read into memory; a file that claims to
/// hold more than its size allows (or more than 2^28 numbers) is refused before memory is taken for it; so are graphs
/// more than 16 deep in one another. What a program that stopped halfway has written is told as that. Data that lives
/// in other files, and soft links, are refused. The file is read in a child process (see isolated_reader.h), as HDF5's
/// library crashes on some damaged files: that is a user_error too.
nir_graph read_nir(const std::string& path);

/// The same in this process, for debuggers and tests: a damaged file may crash it, hang it, or eat its memory.
nir_graph read_nir_unprotected(const std::string& path);

} // namespace loas::formats
