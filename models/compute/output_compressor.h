// Output compressor: collects the spike words of a row group, packs each row into fibers of the design's spike format
// with an inverted laggy prefix-sum, and writes them to memory: the next layer's input as it stands. It also does what
// is defined on the stored tensor: pooling, by OR or of bytes by their maximum, and the masking of single spikes.
//
// Packed spikes take one pass over a row, coordinates one for each timestep; a bitmap is stored as it comes, and can
// also be stored a range of columns at a time.
//
// What one row group completes lies in a buffer of packed fibers until memory has taken it; the next group's fibers
// need that buffer.
#pragma once

#include "models/compute/parameters.h"
#include "models/compute/ports.h"
#include "models/functional/layer_shape.h"
#include "models/kernel/memory_client.h"
#include "models/kernel/memory_port.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

namespace loas::compute
{

class output_compressor : public sc_core::sc_module,
                          public results_receiver,
                          public kernel::memory_client,
                          private kernel::memory_port::owner
{
public:
    kernel::memory_port memory_out;

    /// chunk_bits: of an output row, taken at a time. rows: of a group, at most. fault: of the layer, to note an access
    /// that memory refused.
    output_compressor(const sc_core::sc_module_name& name, const compressor_parameters& parameters, unsigned chunk_bits,
                      const kernel::clock& clock, kernel::event_wheel& wheel, std::size_t rows,
                      kernel::memory_fault& fault);

    void begin_layer(const functional::layer_shape& shape, bool single_spike_mask, std::uint64_t output_address);

    /// The range of columns that the rows to come have: all of them, unless a design says otherwise. Between two ranges
    /// every row is computed. Bitmaps and currents are stored a range at a time; bitmaps begin at whole bytes of a
    /// mask.
    void begin_columns(std::uint64_t first_column, std::uint64_t columns);

    /// Of fibers that need whole rows: until the next begin_columns finish_rows only keeps the spike words, uint16, of
    /// a layer of bytes uint8, [row of the product][N], at this address.
    void keep_words_at(std::uint64_t address) { m_words_address = address; }
    /// Begins rows of all columns with the words that were kept; they are complete when the arrival is.
    const kernel::arrival& take_up_rows(const std::vector<std::uint32_t>& rows, std::uint64_t words_address,
                                        std::uint64_t cycle);

    /// The rows of the product that are computed next.
    void begin_rows(const std::vector<std::uint32_t>& rows);

    /// Of those rows, in the range of columns.
    void take_words(const result_block& block, span<const std::uint16_t> words, std::uint64_t cycle) override;
    void take_currents(const result_block& block, span<const std::int32_t> currents, std::uint64_t cycle) override;

    /// Columns [0, done_columns) of the range have left the tiles at `cycle`. Returns the cycle in which the tiles may
    /// go on: later when a full block finds the compressor still busy with the one before. Packing begins when the last
    /// result of the block has come out of its P-LIF.
    std::uint64_t columns_done(std::uint64_t done_columns, std::uint64_t cycle);

    /// Starts to write what the finished row group completes. Before, the writes of the group before it must be done.
    void finish_rows();

    /// For tiles that do not meet, instead of the two functions above: begin_rows() once, with as many rows as there
    /// are tiles, and then this when the results of a row have come from a tile. The rows are packed one after another
    /// in the order of these calls; the buffer of packed fibers is needed at the end of that. Then the tile may send
    /// results again, and is told so.
    class row_listener
    {
    public:
        virtual void row_packed(std::size_t tile, std::uint64_t packed_cycle, std::uint64_t cycle) = 0;

    protected:
        ~row_listener() = default;
    };
    void queue_row(std::size_t tile, std::uint32_t row, std::uint64_t cycle, row_listener& then);

    /// No row waits to be packed.
    bool queue_empty() const { return m_queue.empty(); }
    /// No write is under way.
    bool writes_done() const { return m_writes.empty(); }
    /// Cycle in which the fibers of those writes were packed.
    std::uint64_t packed_cycle() const { return m_packed_cycle; }
    /// Cycle in which the last write so far was done.
    std::uint64_t last_write_cycle() const { return m_last_write_cycle; }
    /// The longest that a write of the group waited for a DRAM refresh.
    std::uint64_t refresh_cycles() const { return m_refresh_cycles; }
    bool at_rest() const override { return writes_done() && queue_empty() && m_kept.complete(); }
    std::string describe() const override { return memory_out.describe(); }
    void collect(observe::counter_set& counters) const { counters.merge_with(m_counters); }

private:
    friend kernel::event_wheel; // happen()

    /// A pooling window that rows still to come will add to.
    struct window {
        std::uint64_t index;
        unsigned rows_missing;
        std::vector<std::uint16_t> words;
    };

    template <class number>
    void place(const result_block& block, span<const number> from, std::size_t of_result, std::vector<number>& into,
               std::uint64_t cycle);
    void pack_queued();
    void at(std::uint64_t cycle, std::uint64_t what);
    void take_packed(std::uint64_t cycle);
    void begin_writes();
    void store_row(std::size_t tile);
    void pool_row(std::size_t tile);
    void keep_words(std::size_t row);
    void write_pixel(std::uint64_t pixel, std::uint16_t* words);
    void write_packed(std::uint64_t pixel, const std::uint16_t* words);
    void write_bitmap(std::uint64_t pixel, const std::uint16_t* words);
    void write_coordinates(std::uint64_t pixel, const std::uint16_t* words);
    void write_pairs(std::uint64_t pixel, const std::uint16_t* words);
    void put_coordinate(std::size_t at, std::size_t column);
    void write_with_head(std::uint64_t fiber, std::uint32_t count, std::size_t value_bytes);
    bool has_masks_and_words() const
    {
        return m_shape.spike_format == LOAS_SPIKES_PACKED || m_shape.spike_format == LOAS_SPIKES_BYTES;
    }
    /// Of a word that is kept.
    std::size_t kept_bytes() const { return m_shape.bytes() ? 1 : 2; }
    void write_currents(std::size_t tile);
    std::uint64_t passes() const;
    std::uint64_t block_cycles() const;
    std::size_t row_buffer_bytes() const;
    void write(std::uint64_t address, const void* data, std::size_t bytes, observe::operand kind);
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void access_finished(const kernel::access_done& done) override;

    compressor_parameters m_parameters;
    unsigned m_chunk_bits;
    kernel::clock m_clock;
    functional::layer_shape m_shape;
    loas_tensor_layout m_layout{};
    bool m_single_spike_mask = false;
    std::uint64_t m_output_address = 0;
    std::vector<std::uint32_t> m_rows;
    std::uint64_t m_first_column = 0, m_columns = 0; ///< the range
    std::uint64_t m_words_address = 0;               ///< of kept words; 0: none are kept
    kernel::arrival m_kept;                          ///< words that are taken up again
    std::vector<std::uint16_t> m_words;              ///< [row][column of the range]
    std::vector<std::uint8_t> m_taken_up; ///< kept words of the rows, as in memory
    std::vector<std::int32_t> m_currents;            ///< [row][column of the range][T]
    std::vector<window> m_windows;
    std::vector<std::uint64_t> m_mask;
    std::vector<std::uint16_t> m_non_silent;
    std::vector<std::uint8_t> m_packed;
    struct pending_write {
        std::uint64_t address;
        std::size_t offset, bytes; ///< of its data in the buffer
        observe::operand kind;
    };
    kernel::event_wheel& m_wheel;
    std::uint64_t m_place; ///< in its order
    std::size_t m_group_rows;
    std::vector<std::uint8_t> m_buffer; ///< packed fibers of a group on their way to memory
    std::size_t m_buffer_used = 0;
    std::vector<pending_write> m_writes; ///< of the group; empty when all are done
    std::size_t m_writes_done = 0;
    std::uint64_t m_refresh_cycles = 0;
    enum event : std::uint64_t { start_writes, queued_row_packed };
    struct queued_row {
        std::size_t tile;
        std::uint64_t cycle; ///< in which its results were there
        row_listener* then;
    };
    std::deque<queued_row> m_queue; ///< the first one is being packed ...
    bool m_row_packed = false;      ///< ... or has been, and waits for the buffer
    std::uint64_t m_blocks_done = 0;
    std::uint64_t m_arrival_cycle = 0; ///< of the latest result of a P-LIF
    std::uint64_t m_free_cycle = 0;    ///< everything taken so far is packed
    std::uint64_t m_packed_cycle = 0;
    std::uint64_t m_last_write_cycle = 0;
    kernel::memory_fault& m_fault;
    observe::counter_set m_counters;
};

} // namespace loas::compute
