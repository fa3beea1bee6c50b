// `loas-vp dataflow`: the layers of a scenario at points of the dataflow space.
#pragma once

#include "platform/designs/design.h"
#include "platform/explorer/border.h"

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace loas::explorer
{

/// As typed; empty: not given.
struct request {
    std::string orders;     ///< all of them
    std::string spatial;    ///< usual_unrolling() of each order, without and with t in space
    std::string tile;       ///< no loop is split
    std::string format;     ///< usual_formats()
    std::string capacities; ///< the scenario's cache; KiB
    bool border = false;    ///< with border_steps() of each layer
};

struct explored_layer {
    std::string name;
    std::uint64_t runs = 0; ///< as often as the scenario runs it, on an input each
    std::uint64_t m = 0, n = 0, k = 0;
    unsigned t = 1;
    std::uint64_t spikes = 0, silent = 0; ///< of the unfolded input: spikes, and inputs without one; all runs
    std::uint64_t weights = 0;            ///< that are not zero, of one run
    std::uint64_t used_weights = 0;       ///< of them, those of inputs that spike in any run
    std::vector<point_counts> points;     ///< in the order of exploration::points
    std::vector<border_step> border;      ///< if it was asked for
};

struct exploration {
    std::string scenario;
    hardware machine;
    std::vector<unsigned> capacities_kib;
    std::vector<std::uint64_t> capacities_bits; ///< of the curves
    std::vector<mapping> points;                ///< without a machine's name: what was asked for; then the known machines
    std::vector<mapping> border_points;         ///< empty: not asked for
    std::vector<explored_layer> layers;

    /// Of layers[layer].points[point]; worked out once, for all layers.
    const buffered_figures& figures(std::size_t layer, std::size_t point, unsigned capacity_kib) const
    {
        std::vector<buffered_figures>& known = known_figures[{point, capacity_kib}];
        if (known.empty()) {
            std::vector<const point_counts*> counts;
            for (const explored_layer& each : layers)
                counts.push_back(&each.points[point]);
            known = figures_of(counts, capacity_kib, capacities_bits, machine);
        }
        return known[layer];
    }
    mutable std::map<std::array<std::size_t, 2>, std::vector<buffered_figures>> known_figures; ///< of figures(); layers do not change
};

/// The points of a request, then the known machines as the scenario sizes them. Throws text::user_error.
std::vector<mapping> points_of(const request& asked, const config::scenario& scenario);
/// Where a design stands as the scenario sizes it; it must say its dataflow.
mapping machine_point(const designs::design& design, const config::scenario& scenario);
/// T, of a list of layers the most of them.
unsigned timesteps_of(const config::scenario& scenario);
/// Of --spatial; with no more timesteps in a word than there are. Throws text::user_error.
unrolling asked_unrolling(const std::string& typed, const config::scenario& scenario);
/// "16,64,256": ascending, each once. Throws text::user_error.
std::vector<unsigned> parse_capacities(const std::string& text);

/// Draws or reads the scenario's layers, of a network by the golden model, and counts. Throws text::user_error.
exploration explore(const config::scenario& scenario, const request& asked);
/// The same at points of the caller's own. counted: called after each layer and input.
exploration explore(const config::scenario& scenario, std::vector<mapping> points, std::vector<unsigned> capacities_kib,
                    bool border = false, const std::function<void()>& counted = {});
/// Of a scenario's file, a result's folder or a network's file, this with its inputs. overrides: as of --set. Throws
/// text::user_error.
config::scenario scenario_of(const std::string& file, const std::string& inputs,
                             const std::vector<std::string>& overrides);

/// At most 100 columns.
std::string to_text(const exploration& explored);
std::string to_json(const exploration& explored);
/// A row for each layer, point and buffer, columns as the keys of the JSON.
std::string to_csv(const exploration& explored);

} // namespace loas::explorer
