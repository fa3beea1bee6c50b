// Rows of A that lie in memory as bitmaps: the masks of their pixels are fetched, over a port for each row, and put
// together to K bits a timestep.
#pragma once

#include "models/designs/base/block_ports.h"
#include "models/functional/layer_shape.h"
#include "models/functional/span.h"
#include "models/kernel/memory_client.h"

#include <cstdint>
#include <vector>

namespace loas::designs
{

class bitmap_rows
{
public:
    /// rows: of a group, at most as many as there are ports of tiles.
    explicit bitmap_rows(std::size_t rows) : m_rows(rows) {}

    /// Starts to fetch rows of the product from a tensor of format LOAS_SPIKES_BITMAP, in `cycle`. What was fetched
    /// before is gone.
    void fetch(block_ports& ports, const functional::layer_shape& shape, std::uint64_t input_address,
               const std::vector<std::uint32_t>& rows, std::uint64_t cycle);

    /// Complete when they are there; other accesses may belong to it.
    kernel::arrival& arrival() { return m_arrival; }

    /// A row that is there: [T][words of K bits], until the next one is asked for.
    functional::span<const std::uint64_t> put_together(const functional::layer_shape& shape, std::size_t row);

private:
    struct fetched_row {
        std::vector<functional::pixel_run> runs;
        std::vector<std::uint64_t> masks; ///< [T][pixel of the runs][words of a mask]
    };

    std::vector<fetched_row> m_rows;
    kernel::arrival m_arrival;
    std::vector<std::uint64_t> m_bitmaps;
};

} // namespace loas::designs
