// Parameters that all designs share. No SystemC.
#pragma once

#include "models/compute/parameters.h"

#include <algorithm>
#include <cstdint>

namespace loas::designs
{

/// What tiles do that a group of rows leaves free.
enum class spread {
    rows,    ///< nothing: a tile has a row, and all of them get the same columns
    columns, ///< they take other columns of the same rows
    by_rows  ///< that in layers whose rows take up at most half of the tiles
};

inline constexpr std::string_view spread_words[] = {"rows", "columns", "auto"};
constexpr parameter::words words_of(spread)
{
    return spread_words;
}

struct scheduler_parameters {
    unsigned prefetch_rows = 1;    ///< row groups of A fetched ahead of the one that is joined
    unsigned prefetch_columns = 8; ///< column fibers of B fetched ahead of those that are joined
    designs::spread spread = designs::spread::rows;

    /// Columns fetched ahead when tiles take so many columns side by side: at least the next one of each.
    unsigned columns_ahead(unsigned side_by_side) const
    {
        return prefetch_columns == 0 ? 0 : std::max(prefetch_columns, side_by_side);
    }
    /// What a scheduler for so many tiles has buffers for.
    unsigned most_columns_ahead(unsigned tiles) const
    {
        return columns_ahead(spread == designs::spread::rows ? 1 : tiles);
    }

    template <typename table> void describe(table& to)
    {
        using parameter::ours;
        to.integer("scheduler.prefetch_rows", prefetch_rows, 0, 64, "row groups", ours,
                   "Row groups of A fetched ahead.");
        to.integer("scheduler.prefetch_columns", prefetch_columns, 0, 4096, "column fibers", ours,
                   "Column fibers of B fetched ahead.");
        to.word("scheduler.spread", spread, ours,
                "What tiles do that have no row, as there are fewer rows than tiles: rows: nothing; columns: they take "
                "other columns of the same rows, wherever a group of rows leaves half of the tiles free or more; auto: "
                "so in layers of at most half as many rows as tiles (the result says which).");
    }
};

/// What a design is given beside its own parameters.
struct accelerator_parameters {
    double clock_mhz = 0;
    unsigned line_bytes = 0;       ///< that memory gives at once
    compute::tppe_parameters tppe; ///< count: the tiles, whatever they are
    compute::plif_parameters plif;
    compute::compressor_parameters compressor;
    scheduler_parameters scheduler;
    std::uint64_t longest_wait_ps = 10'000'000'000'000; ///< for one access to memory; after that the machine is stuck
};

} // namespace loas::designs
