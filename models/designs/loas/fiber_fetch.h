// Operand fetch of the LoAS accelerator: reads fibers of A and B from memory by address. It gathers im2col rows from
// pixel fibers without a copy in memory.
//
// A fetch is started and is under way until its fiber is complete. Mask and pointer (its head) are read together; the
// values after them, since in hardware too the pointer is needed to find them. Rows come in over their tile's port.
// Columns are broadcast, their heads over one port and their values over another: else the values of the next column
// would stand in line behind the heads of all columns that are fetched ahead.
#pragma once

#include "models/compute/fiber.h"
#include "models/functional/layer_shape.h"
#include "models/kernel/memory_client.h"
#include "models/kernel/memory_port.h"

#include <cstdint>
#include <memory>
#include <systemc>
#include <vector>

namespace loas::designs
{

/// A fiber that is fetched, or was.
template <class value> struct fetched_fiber : kernel::arrival {
    compute::fiber<value> fiber;
};
using fetched_row = fetched_fiber<std::uint16_t>;
using fetched_column = fetched_fiber<std::int8_t>;

class fiber_fetch : public sc_core::sc_module, public kernel::memory_client, private kernel::memory_port::owner
{
public:
    using port = kernel::memory_port;

    /// rows, columns: fibers that can be under way or kept, numbered from 0. fault: of the layer; after it fetches read
    /// nothing more.
    fiber_fetch(const sc_core::sc_module_name& name, unsigned chunk_bits, const kernel::clock& clock,
                kernel::event_wheel& wheel, std::size_t tiles, std::size_t rows, std::size_t columns,
                kernel::memory_fault& fault);

    /// One port for each tile, then the two whose data are broadcast to all tiles.
    std::vector<port*> ports() const;

    void begin_layer(const functional::layer_shape& shape, std::uint64_t input_address, std::uint64_t weight_address);

    /// Columns of the product that are computed together.
    struct column_range {
        std::uint64_t first, count;
    };

    /// Starts to fetch the row fiber of output pixel `row` into row entry `entry`, over the port of `tile`; with it
    /// come the row's potentials in these columns, where they are carried, unless there are none. In hardware these
    /// stream through two lines a tile.
    void start_row(std::size_t entry, std::size_t tile, std::uint32_t row, const column_range& columns,
                   std::uint64_t cycle);

    /// Potentials of a row that came with it, and their way back: all of them are in memory when the arrival is
    /// complete.
    std::int32_t* potentials(std::size_t entry) { return m_rows[entry].potentials.data(); }
    void write_potentials(std::size_t first_entry, std::size_t entries, std::uint64_t cycle);
    const kernel::arrival& potentials_written() const { return m_potentials_written; }

    /// Tiles that get a column.
    struct receivers {
        std::size_t first, count;
    };

    /// The column fiber n into column entry `entry`; the bias is not part of it. It is broadcast to all tiles over the
    /// ports for that, or goes to some over the ports of their first and last one (column_streams.h).
    void start_column(std::size_t entry, std::uint32_t column, const receivers& to, std::uint64_t cycle);

    /// The bias of all columns, int32[N], and their thresholds behind it; all zero without an address.
    void start_bias(std::uint64_t address, std::uint64_t cycle);

    const fetched_row& row(std::size_t entry) const { return m_rows[entry].row; }
    fetched_column& column(std::size_t entry) { return m_columns[entry]; }
    const kernel::arrival& bias_arrival() const { return m_bias_arrival; }
    const std::vector<std::int32_t>& bias() const { return m_bias; }

    bool at_rest() const override;
    std::string describe() const override;

private:
    struct fetched_run : functional::pixel_run {
        std::uint32_t first_slot;  ///< of the run's pixels in the buffers of the row
        unsigned accesses_missing; ///< of masks and pointers
    };
    struct row_entry {
        fetched_row row;
        std::size_t tile = 0;
        std::vector<fetched_run> runs;
        std::vector<std::uint64_t> masks;    ///< [pixel slot][mask words]
        std::vector<std::uint32_t> pointers; ///< [pixel slot]
        std::vector<std::uint8_t> packed;    ///< [pixel slot][slot bytes]
        std::uint64_t potentials_address = 0;
        std::vector<std::int32_t> potentials; ///< [column]
    };

    enum class part : std::uint8_t {
        row_heads,
        row_values,
        row_potentials,
        column_heads,
        column_values,
        bias,
        potentials_written
    };

    static std::uint64_t tag_of(part what, std::size_t entry, std::size_t detail = 0)
    {
        return static_cast<std::uint64_t>(what) << 56 | std::uint64_t{entry} << 24 | detail;
    }

    void access_finished(const kernel::access_done& done) override;
    void start_values(row_entry& row, std::size_t entry, const fetched_run& run, std::uint64_t cycle);
    void start_weights(std::size_t entry, std::uint64_t cycle);
    port& port_of_column(const receivers& to, bool values);
    void assemble(row_entry& row);
    void read(port& through, std::uint64_t address, void* data, std::size_t bytes, observe::operand kind,
              std::uint64_t cycle, kernel::arrival& of, std::uint64_t tag);
    port& heads_port() { return *m_ports[m_ports.size() - 2]; }
    std::size_t pixel_words(const row_entry& row, std::size_t slot) const;

    unsigned m_chunk_words;
    kernel::clock m_clock;
    std::vector<std::unique_ptr<port>> m_ports;
    functional::layer_shape m_shape;
    loas_tensor_layout m_input{};
    loas_tensor_layout m_weights{};
    std::uint64_t m_input_address = 0;
    std::uint64_t m_weight_address = 0;
    std::size_t m_mask_words = 0;
    std::vector<row_entry> m_rows;
    std::vector<functional::pixel_run> m_runs; ///< of the row that is started
    std::vector<fetched_column> m_columns;
    std::vector<std::uint32_t> m_column_pointers;
    std::vector<receivers> m_receivers; ///< [column entry]
    kernel::arrival m_bias_arrival, m_potentials_written;
    std::vector<std::int32_t> m_bias;
    std::vector<std::uint16_t> m_words; ///< of the row that is put together
    kernel::memory_fault& m_fault;
};

} // namespace loas::designs
