#include "models/observe/counters.h"

namespace loas::observe
{
namespace
{

// In the order of enum counter; a test walks the table.
constexpr std::array<counter_info, counter_count> table = {{
    {"", "cycles", "cycles", "accelerator clock cycles from the start of the layer to its last write"},
    {"", "joins", "joins", "chunk joins: one chunk of a row fiber with one chunk of a column fiber"},
    {"", "empty_joins", "joins", "chunk joins without a match"},
    {"", "matches", "matches",
     "pairs of a non-silent input and a non-zero weight; with timesteps in sequence, of a spike and a weight"},
    {"", "corrections", "matches", "matches whose spike word is not all ones: the speculation was corrected"},
    {"", "correction_adds", "additions", "additions to correction accumulators: one a timestep without the spike"},
    {"", "discarded_entries", "entries", "FIFO entries dropped because the spike word is all ones"},
    {"", "lif_updates", "updates", "output neurons computed, each over all timesteps"},
    {"", "output_spikes", "spikes", "spikes stored in the output tensor"},
    {"", "silent_outputs", "neurons", "entries of the output tensor without a spike"},
    {"", "pseudo_overflows", "neurons", "neurons whose pseudo-accumulator left tppe.acc_bits (computed in 32 bits)"},
    {"", "correction_overflows", "neurons", "neurons whose corrections left tppe.corr_bits (computed in 32 bits)"},
    {"", "max_abs_pseudo", "weight units", "largest magnitude in a pseudo-accumulator", merge::maximum},
    {"", "max_abs_correction", "weight units", "largest magnitude in a correction accumulator", merge::maximum},
    {"", "partial_sums_written", "partial sums",
     "sums over a part of K that left the tile they were made in; loas-nmtk: spike words that wait for the rest of "
     "their row"},
    {"", "partial_sums_read", "partial sums", "such sums that a tile, the neurons or the compressor took up again"},
    {"", "busy_cycles", "tile cycles", "cycles in which a compute tile added a match, over all tiles"},
    {"stall_cycles", "empty_join", "tile cycles", "spent on a chunk join without a match"},
    {"stall_cycles", "laggy", "tile cycles", "the laggy prefix-sum holds the masks, or its corrections drain"},
    {"stall_cycles", "fifo_full", "tile cycles", "a match waits because the FIFO of corrections is full"},
    {"stall_cycles", "weights_late", "tile cycles", "the weight buffer is refilled within a chunk"},
    {"stall_cycles", "prefix", "tile cycles", "latency of the fast prefix-sum beyond its first cycle"},
    {"stall_cycles", "stream", "tile cycles", "no matched spike has come over the stream of spikes yet (GoSPA)"},
    {"stall_cycles", "zero_operand", "tile cycles", "spike or weight of the pair is zero (dense designs)"},
    {"stall_cycles", "fill", "tile cycles", "a pipeline fills or drains"},
    {"stall_cycles", "merging", "tile cycles", "elements of a partial row are merged once more (Gamma)"},
    {"stall_cycles", "waiting_a", "tile cycles", "operands of A are not there yet: row fibers, or spikes"},
    {"stall_cycles", "waiting_b", "tile cycles", "operands of B, or the bias, are not there yet"},
    {"stall_cycles", "partial_sums", "tile cycles", "partial sums have not come back or not gone yet"},
    {"stall_cycles", "neurons", "tile cycles", "the neurons of the tile have not taken the sums before"},
    {"stall_cycles", "synchronisation", "tile cycles", "done with the step, waiting for slower tiles"},
    {"stall_cycles", "packing", "tile cycles", "neurons or output compressor hold the tiles"},
    {"stall_cycles", "write_back", "tile cycles", "outputs are not in the cache or, at the end, in memory yet"},
    {"stall_cycles", "dram_refresh", "tile cycles", "part of such waits for memory in which the channel refreshed"},
    {"stall_cycles", "idle", "tile cycles", "nothing to do for this tile: fewer rows or columns than tiles"},
    {"scheduler_cycles", "broadcasting", "cycles", "the tiles work on a broadcast step"},
    {"scheduler_cycles", "waiting_a", "cycles", "operands of A are not there yet: row fibers, or spikes"},
    {"scheduler_cycles", "waiting_b", "cycles", "operands of B, or the bias, are not there yet"},
    {"scheduler_cycles", "partial_sums", "cycles", "partial sums have not come back or not gone yet"},
    {"scheduler_cycles", "packing", "cycles", "neurons or output compressor hold the tiles"},
    {"scheduler_cycles", "write_back", "cycles", "outputs are not in the cache or, at the end, in memory yet"},
    {"scheduler_cycles", "dram_refresh", "cycles", "part of such waits in which the DRAM channel refreshed"},
    {"sram_read_bits", "a_mask", "bits", "row masks or spike bitmaps read into the tiles, once per change of chunk"},
    {"sram_read_bits", "a_words", "bits", "spike words read, one per match; coordinates read from the buffer"},
    {"sram_read_bits", "b_mask", "bits", "column masks read into the tiles"},
    {"sram_read_bits", "b_weights", "bits",
     "weights read into the tiles, with their coordinates; SparTen: one a match"},
    {"sram_read_bits", "c", "bits", "outputs read for the write-back"},
    {"sram_read_bits", "partial_sums", "bits", "partial sums read by tiles or neurons"},
    {"sram_write_bits", "fills", "bits", "operands filled from memory"},
    {"sram_write_bits", "c", "bits", "outputs written by the compressor"},
    {"sram_write_bits", "partial_sums", "bits", "partial sums written by tiles"},
    {"request_bytes", "a_mask", "bytes", "row masks that the accelerator asked for"},
    {"request_bytes", "a_pointers", "bytes", "row pointers that the accelerator asked for"},
    {"request_bytes", "a_words", "bytes", "spike words that the accelerator asked for"},
    {"request_bytes", "b_mask", "bytes", "column masks that the accelerator asked for"},
    {"request_bytes", "b_pointers", "bytes", "column pointers that the accelerator asked for"},
    {"request_bytes", "b_weights", "bytes", "weights that the accelerator asked for"},
    {"request_bytes", "bias", "bytes", "biases that the accelerator asked for"},
    {"request_bytes", "c_mask", "bytes", "output masks that the accelerator wrote"},
    {"request_bytes", "c_pointers", "bytes", "output pointers that the accelerator wrote"},
    {"request_bytes", "c_words", "bytes", "output spike words that the accelerator wrote"},
    {"request_bytes", "currents", "bytes", "int32 currents that the accelerator wrote"},
    {"request_bytes", "partial_sums", "bytes", "partial sums that the accelerator wrote and asked for"},
    {"cache_hits", "a_mask", "lines", "accesses for row masks that found their line, or found it on its way"},
    {"cache_hits", "a_pointers", "lines", "accesses for row pointers that found their line, or found it on its way"},
    {"cache_hits", "a_words", "lines", "accesses for spike words that found their line, or found it on its way"},
    {"cache_hits", "b_mask", "lines", "accesses for column masks that found their line, or found it on its way"},
    {"cache_hits", "b_pointers", "lines", "accesses for column pointers that found their line, or found it on its way"},
    {"cache_hits", "b_weights", "lines", "accesses for weights that found their line, or found it on its way"},
    {"cache_hits", "bias", "lines", "accesses for biases that found their line, or found it on its way"},
    {"cache_hits", "c_mask", "lines", "accesses for output masks that found their line, or found it on its way"},
    {"cache_hits", "c_pointers", "lines", "accesses for output pointers that found their line, or found it on its way"},
    {"cache_hits", "c_words", "lines", "accesses for output spike words that found their line, or found it on its way"},
    {"cache_hits", "currents", "lines", "accesses for int32 currents that found their line, or found it on its way"},
    {"cache_hits", "partial_sums", "lines", "accesses for partial sums that found their line, or found it on its way"},
    {"cache_misses", "a_mask", "lines", "accesses for row masks that did not find their line"},
    {"cache_misses", "a_pointers", "lines", "accesses for row pointers that did not find their line"},
    {"cache_misses", "a_words", "lines", "accesses for spike words that did not find their line"},
    {"cache_misses", "b_mask", "lines", "accesses for column masks that did not find their line"},
    {"cache_misses", "b_pointers", "lines", "accesses for column pointers that did not find their line"},
    {"cache_misses", "b_weights", "lines", "accesses for weights that did not find their line"},
    {"cache_misses", "bias", "lines", "accesses for biases that did not find their line"},
    {"cache_misses", "c_mask", "lines", "accesses for output masks that did not find their line"},
    {"cache_misses", "c_pointers", "lines", "accesses for output pointers that did not find their line"},
    {"cache_misses", "c_words", "lines", "accesses for output spike words that did not find their line"},
    {"cache_misses", "currents", "lines", "accesses for int32 currents that did not find their line"},
    {"cache_misses", "partial_sums", "lines", "accesses for partial sums that did not find their line"},
    {"dram_read_bytes", "a_mask", "bytes", "row masks read from memory"},
    {"dram_read_bytes", "a_pointers", "bytes", "row pointers read from memory"},
    {"dram_read_bytes", "a_words", "bytes", "spike words read from memory"},
    {"dram_read_bytes", "b_mask", "bytes", "column masks read from memory"},
    {"dram_read_bytes", "b_pointers", "bytes", "column pointers read from memory"},
    {"dram_read_bytes", "b_weights", "bytes", "weights read from memory"},
    {"dram_read_bytes", "bias", "bytes", "biases read from memory"},
    {"dram_read_bytes", "c_mask", "bytes", "read to fill lines of output masks written in part"},
    {"dram_read_bytes", "c_pointers", "bytes", "read to fill lines of output pointers written in part"},
    {"dram_read_bytes", "c_words", "bytes", "read to fill lines of output spike words written in part"},
    {"dram_read_bytes", "currents", "bytes", "read to fill lines of int32 currents written in part"},
    {"dram_read_bytes", "partial_sums", "bytes", "partial sums read from memory, or lines of them written in part"},
    {"dram_write_bytes", "c_mask", "bytes", "output masks written to memory"},
    {"dram_write_bytes", "c_pointers", "bytes", "output pointers written to memory"},
    {"dram_write_bytes", "c_words", "bytes", "output spike words written to memory"},
    {"dram_write_bytes", "currents", "bytes", "int32 currents written to memory"},
    {"dram_write_bytes", "partial_sums", "bytes", "partial sums written to memory"},
    {"cache", "requests", "lines", "accesses to lines that the crossbars brought to the banks"},
    {"cache", "mshr_merges", "lines", "of the hits, those that waited for a line on its way from memory"},
    {"cache", "evictions", "lines", "lines that made room for others"},
    {"cache", "write_backs", "lines", "changed lines written to memory, at evictions and at the end of a layer"},
    {"cache", "bank_conflicts", "cycles", "a port waited because another one had the bank"},
    {"cache", "port_conflicts", "cycles", "data waited because their port took other data"},
    {"cache", "mshr_full", "cycles",
     "a port waited because its bank had no miss register, no way or no write buffer free"},
}};

} // namespace

const counter_info& info_of(counter which)
{
    return table.at(static_cast<std::size_t>(which));
}

void counter_set::merge_with(const counter_set& other)
{
    for (std::size_t i = 0; i < counter_count; ++i) {
        if (table[i].rule == merge::sum)
            m_values[i] += other.m_values[i];
        else if (other.m_values[i] > m_values[i])
            m_values[i] = other.m_values[i];
    }
}

void counter_set::subtract(const counter_set& earlier)
{
    for (std::size_t i = 0; i < counter_count; ++i)
        m_values[i] -= earlier.m_values[i];
}

std::uint64_t counter_set::group_total(std::string_view group) const
{
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < counter_count; ++i)
        if (table[i].group == group)
            total += m_values[i];
    return total;
}

} // namespace loas::observe
