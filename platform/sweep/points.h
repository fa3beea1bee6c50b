// The points of a sweep: which there are, and the scenario of each.
#pragma once

#include "platform/config/options.h"
#include "platform/sweep/definition.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace loas::sweep
{

class points
{
public:
    /// Makes and checks the scenario of every point. Throws text::user_error with all mistakes (at most 10). What
    /// only some of the accelerators refuse is none: see refusal().
    explicit points(definition sweep);
    points(const points&) = delete; // the options point into the object
    points& operator=(const points&) = delete;

    std::size_t size() const { return m_grid.size(); }
    const definition& sweep() const { return m_sweep; }

    /// Axes, and what the base sets, that have no effect at any point: a line each.
    std::vector<std::string> without_effect();

    config::scenario scenario(std::size_t index);
    /// Why the point's accelerator cannot be built as the point wants it; "": it can.
    std::string refusal(std::size_t index);
    /// The values of its axes, by key.
    nlohmann::ordered_json axes(std::size_t index) const;
    /// Of an axis; nan for a text or what is no axis.
    double axis_number(std::size_t index, const std::string& key) const;

    /// A digest of all that decides on the results, so that those of two sweeps are not mixed.
    /// @param program what computes them
    std::string fingerprint(std::string_view program);

private:
    /// What has to be loaded: the files, and the fidelity, whose preset comes before what they say.
    using group = std::pair<std::string, std::string>;

    std::size_t value_index(std::uint32_t grid_index, std::size_t dimension) const;
    bool allowed(std::uint32_t grid_index, const double* area_mm2) const;
    void keep_small();
    std::string division_by_0(const derived_figure& of, std::size_t index) const;
    void make(std::size_t index); ///< into m_scratch
    const config::scenario& load(const group& which);
    void check_all();
    std::size_t line_of(const std::vector<std::string_view>& keys) const;
    std::vector<std::string_view> axis_keys() const;
    std::string described(std::size_t index) const;

    definition m_sweep;
    std::vector<std::size_t> m_strides; ///< of the dimensions in the grid
    std::vector<std::uint32_t> m_grid;  ///< the points that the constraints leave
    std::map<group, config::scenario> m_loaded;
    config::scenario m_scratch;
    std::vector<config::option> m_options; ///< of m_scratch
    std::vector<std::pair<const column*, const config::option*>> m_targets;
};

} // namespace loas::sweep
