// Looks at every layer that the hardware ran, as it lies in memory: compares the output with the golden model and,
// where the sources are known, the operands with what the driver was given; counts what the operands hold, and works
// out the cycles of the published accounting.
#pragma once

#include "models/cost/published_traffic.h"
#include "models/observe/layer_observer.h"
#include "platform/config/scenario.h"
#include "platform/reference/reference.h"
#include "platform/results/output_files.h"
#include "platform/results/result.h"
#include "platform/run/tensor_reader.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace loas::run
{

/// What the golden model must know of a design's accumulators: those of designs that are not LoAS's tiles are exact.
reference::reference_accumulators accumulators_of(const config::scenario& scenario);

class layer_audit : public observe::layer_observer
{
public:
    struct settings {
        bool golden = true;
        /// Of the published accounting; none: nothing is published for the design, and its counts are 0.
        std::optional<cost::published_design> accounting;
        reference::reference_accumulators accumulators = {};
        results::blocks_result blocks = {}; ///< in which a network runs
    };

    /// names: of the layers; a descriptor's cookie is its layer's index, others are named "layer <cookie>".
    layer_audit(memory_reader read, std::vector<std::string> names, settings settings);

    /// What the layer of this cookie is made of, before the driver packs anything: in its first run, what memory holds
    /// must be that. The vectors must outlive the audit; without it, whatever memory holds is taken for right.
    struct source {
        reference::reference_layer shape; ///< without tensors, but with thresholds
        const std::vector<std::uint16_t>* spikes = nullptr;
        const std::vector<std::int8_t>* weights = nullptr;
        const std::vector<std::int32_t>* bias = nullptr; ///< nullptr: none
    };
    void expect(std::uint32_t cookie, source of) { m_sources[cookie] = std::move(of); }

    /// From now on, outputs go there too.
    void keep_outputs(results::output_files& to) { m_outputs = &to; }

    void layer_started(const loas_descriptor& descriptor) override;
    void layer_finished(const loas_descriptor& descriptor, const observe::layer_outcome& outcome) override;

    const reference::reference_accumulators& accumulators() const { return m_settings.accumulators; }
    const std::vector<results::layer_result>& layers() const { return m_layers; }
    /// Of the differences and of what could not be compared, each in words, the first few are kept.
    const std::vector<std::string>& differences() const { return m_differences; }
    const std::vector<std::string>& unchecked() const { return m_unchecked; }
    /// Something was compared, or could not be.
    bool looked() const { return m_compared || !m_unchecked.empty(); }
    /// Something was compared; difference: in words, "": there is none.
    void note_comparison(const std::string& difference);

private:
    /// As they were when the layer began: what it is worth is seen by them.
    struct taken_operands {
        reference::reference_layer layer; ///< with weights, if golden asks for them
        functional::bit_matrix non_zero_weights;
    };

    taken_operands take(const loas_descriptor& descriptor) const;
    void look_at(const loas_descriptor& descriptor, const observe::layer_outcome& outcome);
    cost::published_traffic published_counts(const loas_descriptor& descriptor, const functional::layer_shape& shape,
                                             reference::reference_layer& operands, const functional::bit_matrix& rows,
                                             const functional::bit_matrix& columns) const;
    void keep_output(const loas_descriptor& descriptor, const functional::layer_shape& shape,
                     const results::layer_result& result);
    results::layer_result& result_of(const loas_descriptor& descriptor);
    void compare(const reference::reference_layer& operands, const loas_descriptor& descriptor,
                 results::layer_result& result);
    void compare_with_source(const reference::reference_layer& operands, const source& of,
                             results::layer_result& result);

    memory_reader m_read;
    std::optional<taken_operands> m_taken; ///< of the layer under way
    std::vector<std::string> m_names;
    settings m_settings;
    std::map<std::uint32_t, source> m_sources; ///< by cookie
    results::output_files* m_outputs = nullptr;
    std::vector<results::layer_result> m_layers;
    bool m_compared = false;
    std::vector<std::string> m_differences, m_unchecked;
};

} // namespace loas::run
