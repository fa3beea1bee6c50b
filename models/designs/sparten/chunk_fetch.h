// Operands of SparTen, a chunk at a time: of each PE's column the mask and then its weights, over the PE's own port; of
// a block of rows the spike bits at one timestep, over a port whose data go to all PEs at once. Chunks come
// one after another in the order (block of rows, timestep, chunk); each buffer has a slot for as many as a PE holds.
//
// The weights of a chunk lie behind those of the chunks before it: a PE counts them as their masks come, so it asks for
// the weights of a chunk when its mask and all masks before it have come.
//
// Rows of bytes are masks, read like spike bits, and then values, over the same port. The values of a pixel's chunk lie
// behind those of the pixel's chunks before it: they are counted in the same way, and the pointer of a pixel comes with
// the first of its masks.
#pragma once

#include "models/designs/base/block_ports.h"
#include "models/designs/sparten/block_join.h"
#include "models/functional/layer_shape.h"

#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

namespace loas::designs
{

class chunk_fetch : public kernel::memory_client, private kernel::arrival_listener
{
public:
    class owner
    {
    public:
        /// What is there now may be taken.
        virtual void rows_came() = 0;
        virtual void column_came(std::size_t pe) = 0;

    protected:
        ~owner() = default;
    };

    chunk_fetch(block_ports& ports, const kernel::clock& clock, kernel::event_wheel& wheel, std::size_t pes,
                unsigned chunk_bits, unsigned slots, unsigned block_rows, owner& owner, kernel::memory_fault& fault);

    void begin_layer(const functional::layer_shape& shape, const loas_descriptor& descriptor,
                     const std::vector<std::uint32_t>& row_order);

    /// Columns of the PEs from now on. Reads their pointers, which must be there before the first request.
    void begin_columns(std::uint64_t first_column, std::size_t columns, std::uint64_t cycle);
    const kernel::arrival& pointers() const { return m_pointers_arrival; }

    /// A chunk of the sequence: chunk + chunks * (timestep + T * block).
    std::uint64_t chunks() const { return m_chunks; }
    std::uint64_t chunks_of_block() const { return m_chunks * m_shape.timesteps; }
    std::uint64_t sequence_length() const { return m_blocks * chunks_of_block(); }
    std::vector<std::uint32_t> block_rows(std::uint64_t block) const;

    /// Asks in `cycle`, not before now, for a chunk whose slot is free then.
    void request_rows(std::uint64_t sequence, std::uint64_t cycle);
    void request_column(std::size_t pe, std::uint64_t sequence, std::uint64_t cycle);

    bool rows_there(std::uint64_t sequence) const;
    bool column_there(std::size_t pe, std::uint64_t sequence) const;
    const kernel::arrival& rows(std::uint64_t sequence) const { return row_slot_of(sequence).arrival; }
    const kernel::arrival& column(std::size_t pe, std::uint64_t sequence) const
    {
        return m_columns[pe][sequence % m_rows.size()].arrival;
    }
    /// Cycle in which the rows of a chunk were asked for.
    std::uint64_t rows_asked(std::uint64_t sequence) const { return row_slot_of(sequence).asked_cycle; }

    /// The chunk's spikes of the block's rows, as the PEs take them: [word of rows][input], see block_join.h; it must
    /// be there.
    functional::span<const std::uint32_t> block_spikes(std::uint64_t sequence);
    /// Of rows of bytes their values, [word of rows][input][row], 0 where there is none; else empty. It must be there.
    functional::span<const std::uint8_t> block_bytes(std::uint64_t sequence) const
    {
        return m_shape.bytes() ? functional::span<const std::uint8_t>(row_slot_of(sequence).bytes)
                               : functional::span<const std::uint8_t>();
    }
    /// It must be there.
    column_chunk column_of(std::size_t pe, std::uint64_t sequence) const;

    /// Requests for later that have not been made count too.
    bool at_rest() const override { return m_requests_to_come == 0; }
    std::string describe() const override { return {}; } // the ports say more

private:
    friend kernel::event_wheel; // happen()

    struct tracked : kernel::arrival {
        bool of_column = false;
        std::uint32_t pe = 0, slot = 0;
    };
    /// Bits of a row's chunk that lie next to each other in memory.
    struct segment {
        std::uint64_t byte;     ///< from the start of the timestep's bitmaps
        std::uint32_t bytes;    ///< 1..72
        std::uint32_t row;      ///< of the block
        std::uint16_t skip;     ///< bits of the first byte that are not ours
        std::uint16_t position; ///< in the chunk
        std::uint32_t bits;
        std::uint64_t begin;  ///< in the stretch
        std::size_t stretch;  ///< number in the block
    };
    struct stretch {                 // of bits of a row that lie together in memory
        std::uint64_t position, end; ///< in the row
        std::uint64_t first_pixel;   ///< of the input
        std::uint32_t row;           ///< of the block
        std::size_t pixel;           ///< number in the block, of its first pixel; one a run of channels
    };
    /// The same for all chunks and timesteps of a block.
    struct block_places {
        std::uint64_t block = never;
        std::vector<stretch> stretches;
        std::vector<std::uint32_t> pointers; ///< [pixel of a stretch], of bytes
        std::vector<std::uint64_t> before;   ///< [pixel of a stretch] values of the chunks before
    };
    struct value_piece { // of a pixel and chunk
        std::uint32_t row, position, bits;
        std::size_t values;    ///< where they begin
        std::uint64_t address; ///< of them
    };
    struct row_slot {
        tracked arrival;
        std::uint64_t sequence = never, asked_cycle = 0;
        std::vector<segment> segments;
        std::vector<std::uint64_t> raw;    ///< [segment][10]
        std::vector<std::uint64_t> words;  ///< of the rows, [row][chunk words]
        std::vector<std::uint32_t> spikes; ///< [word of rows][input of the chunk]
        bool assembled = false;
        // Of bytes.
        bool masks_came = false, values_asked = false;
        std::vector<value_piece> pieces;
        std::vector<std::uint8_t> values; ///< as in memory
        std::vector<std::uint8_t> bytes;  ///< [word of rows][input of the chunk][row]
    };
    struct column_slot {
        tracked arrival;
        std::uint64_t sequence = never;
        bool mask_came = false, weights_asked = false;
        std::vector<std::uint8_t> bytes; ///< mask, weights
    };
    struct pe_state {
        std::uint64_t next = 0;           ///< chunk of the sequence whose weights are asked for next
        std::uint64_t weights_before = 0; ///< of the column, in the chunks before that one
    };
    static constexpr std::uint64_t never = ~std::uint64_t{0};
    static constexpr std::size_t raw_words = 10; ///< 72 bytes of 512 bits in the worst place, and one to shift from

    void arrived(kernel::arrival& what) override;
    void happen(std::uint64_t now_ps, std::uint64_t what);
    void read_rows(std::uint64_t sequence, std::uint64_t cycle);
    void read_mask(std::size_t pe, std::uint64_t sequence, std::uint64_t cycle);
    void read_weights(std::size_t pe, std::uint64_t cycle);
    void at(std::uint64_t cycle, std::uint64_t what);
    const row_slot& row_slot_of(std::uint64_t sequence) const { return m_rows[sequence % m_rows.size()]; }
    block_places& places_of(std::uint64_t block) { return m_places[block % m_places.size()]; }
    block_places& find_stretches(std::uint64_t block);
    void find_segments(row_slot& slot, const block_places& places, std::uint64_t chunk);
    void put_together(row_slot& slot);
    void assemble(row_slot& slot);
    void read_values(std::uint64_t cycle);
    bool find_pieces(row_slot& slot, block_places& places);
    template <class function> void for_each_bit(const row_slot& slot, const value_piece& piece, function f) const;

    block_ports& m_ports;
    kernel::clock m_clock;
    kernel::event_wheel& m_wheel;
    std::uint64_t m_place;     ///< in its order
    std::uint64_t m_asked = 0; ///< of it
    owner& m_owner;
    kernel::memory_fault& m_fault;
    unsigned m_chunk_bits;
    unsigned m_block_rows;
    functional::layer_shape m_shape;
    loas_tensor_layout m_input{}, m_weights{};
    std::uint64_t m_input_address = 0, m_weight_address = 0;
    const std::vector<std::uint32_t>* m_row_order = nullptr;
    std::uint64_t m_chunks = 0, m_blocks = 0;
    std::uint64_t m_first_column = 0;
    kernel::arrival m_pointers_arrival;
    std::vector<std::uint32_t> m_pointers;
    std::vector<row_slot> m_rows;
    std::vector<std::vector<column_slot>> m_columns; ///< [PE][slot]
    std::vector<pe_state> m_pes;
    std::vector<functional::pixel_run> m_runs; ///< of a row
    std::vector<block_places> m_places; ///< of the blocks that slots may be of
    std::uint64_t m_next_values = 0;    ///< chunk of the sequence whose values are asked for next
    std::uint64_t m_requests_to_come = 0;
};

} // namespace loas::designs
