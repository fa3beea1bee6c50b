// What a sweep found out about one point, as data: a line of points.jsonl, written and read by one description.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace loas::sweep
{

/// A figure that is kept of every point whose simulation ended.
struct kept_figure {
    const char* name;
    bool count = false;    ///< a whole number from 0 on
    bool optional = false; ///< null where there is none: no labels, no published accounting
};
/// platform/sweep/README.md lists them; the cycles of layers are kept, too.
inline constexpr kept_figure kept_figures[] = {{"simulated_ns", true},
                                               {"accuracy.images", true},
                                               {"accuracy.correct", true, true},
                                               {"totals.cycles", true},
                                               {"totals.published_cycles", true, true},
                                               {"totals.tile_utilisation"},
                                               {"totals.sram_bytes", true},
                                               {"totals.dram_bytes", true},
                                               {"totals.cache_hit_share"},
                                               {"totals.energy_pj.total"},
                                               {"totals.published_energy.total", false, true},
                                               {"power_mw.on_chip"},
                                               {"area_mm2.total"}};

struct point_record {
    /// A name and what it is: a number, a text, a distribution, or null where there is none.
    using named_values = std::vector<std::pair<std::string, nlohmann::ordered_json>>;

    std::uint64_t index = 0;
    named_values axes;
    std::string status;            ///< "ok", "different", "incomplete", or how it failed
    std::string reason;            ///< why it is not ok; of one that is, which derived figures divide by 0
    named_values figures, derived; ///< of a point whose simulation ended

    bool ok() const { return status == "ok"; }
    bool ended() const { return ok() || status == "different" || status == "incomplete"; }

    /// null: it is not there.
    nlohmann::ordered_json figure(const std::string& name) const;
    /// The same as a number; 0: it is none.
    double number(const std::string& name) const;
    /// "tppe.count=4 cache.policy=lru"
    std::string axes_text() const;

    /// Without its end.
    std::string to_line() const;
};

/// Throws results::tree_error for what is no such line, naming the key: a figure that is kept of every point is there and
/// a number.
point_record read_point(const std::string& line);

} // namespace loas::sweep
