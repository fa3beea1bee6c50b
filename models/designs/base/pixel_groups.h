// What output-stationary arrays of dense weights have in common, which leave out silent inputs and take time in rounds:
// PTB and Stellar. Rows of A ("pixels") come in groups of tppe.count; for each group the columns of B, a group of them
// at a time, and what the array does with both is the design's.
//
// What lies on the chip, everything twice, so that the next is fetched while this one is used: the bitmaps of a group
// of pixels, read once; the weights of a group of columns, read once for each group of pixels.
#pragma once

#include "models/designs/base/bitmap_rows.h"
#include "models/designs/base/dense_weights.h"
#include "models/designs/base/serial_accelerator.h"

#include <systemc>
#include <vector>

namespace loas::designs
{

class pixel_groups : public serial_accelerator
{
protected:
    /// columns: of a group, at most; round: timesteps that the array takes at once.
    pixel_groups(const sc_core::sc_module_name& name, const accelerator_parameters& parameters,
                 kernel::event_wheel& wheel, std::size_t columns, unsigned round);

    /// A group of columns for the pixels of a group, whose weights are there as they came.
    struct work {
        std::size_t pixels;
        std::uint64_t first_column;
        dense_weights& weights;
        bool last; ///< of the layer
    };

    // The design.
    virtual void begin_array() = 0;
    /// The bitmaps of a group of pixels are there.
    virtual void plan(std::size_t pixels) = 0;
    virtual std::size_t tiles_with_work(std::size_t pixels, std::size_t columns) const = 0;
    virtual void run(const work& of) = 0;

    // For the design.
    std::uint64_t rounds() const { return m_rounds; }
    unsigned first_timestep(std::uint64_t round) const { return static_cast<unsigned>(round) * m_round; }
    unsigned timesteps_of(std::uint64_t round) const;

    std::vector<std::vector<std::uint64_t>> m_bitmaps; ///< of the group that runs: [T][words of K bits] of each pixel

private:
    void run_layer(const loas_descriptor& descriptor) override;
    void begin_layer(const loas_descriptor& descriptor);
    void fetch_rows(std::uint64_t group);
    void fetch_weights(std::uint64_t position);
    void run_group(std::uint64_t group);
    void run_columns(std::uint64_t position, std::size_t pixels);
    std::uint64_t columns_of(std::uint64_t position) const;

    std::size_t m_columns;
    unsigned m_round;

    // The layer under way.
    loas_descriptor m_descriptor{};
    std::uint64_t m_groups = 0, m_column_groups = 0, m_rounds = 0;
    std::vector<std::uint32_t> m_group; ///< rows that are fetched, or were
    bitmap_rows m_fetched_rows;         ///< of that group
    arriving_weights m_weights[2];      ///< of position group * m_column_groups + column group, in turn
};

} // namespace loas::designs
