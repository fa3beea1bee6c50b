// The rows of memory, crossbars, cache, DRAM and energy; options.cpp says how to add one.
#include "platform/config/option_rows.h"

namespace loas::config
{
namespace
{

constexpr text_view synthesis = "LoAS authors' 32 nm table";
constexpr text_view cacti = "CACTI 7, 32 nm";

} // namespace

void append_memory_options(scenario& s, std::vector<option>& rows)
{
    auto& m = s.memory;
    auto& c = s.cache;
    auto& d = s.dram;
    auto& e = s.energy;
    const option added[] = {
        word("memory.backend", m.backend, {"dram", "fixed", "ideal"}, ours,
             "Behind the accelerator's ports: crossbars, global cache and DRAM; or a fixed latency and bandwidth; or "
             "memory "
             "that never stalls."),
        integer("memory.latency_ns", m.latency_ns, 0, 1000000, "ns", ours,
                "Latency of a read or write (backend fixed)."),
        number("memory.bandwidth_gb_per_s", m.bandwidth_gb_per_s, 0.001, 100000, "10^9 bytes/s", published,
               "Bandwidth of the memory (backend fixed)."),
        integer("memory.ram_mib", m.ram_mib, 1, 16384, "MiB", ours, "Size of the machine's RAM."),

        word("xbar.arbitration", s.xbar.arbitration, {"round-robin", "fixed-priority"}, ours,
             "Who gets a bank of the cache that several ports want; fixed priority: the lowest port."),
        integer("xbar.latency", s.xbar.latency, 0, 64, "cycles", ours, "Latency of the crossbar, bank to port."),
        flag("xbar.ideal", s.xbar.ideal, ours, "No port and no bank ever waits for another."),

        power_of_two("cache.size_kib", c.size_kib, 1, 65536, "KiB", published, "Size of the global cache."),
        power_of_two("cache.line_bytes", c.line_bytes, 8, 256, "bytes", ours, "Line of the global cache."),
        power_of_two("cache.banks", c.banks, 1, 256, "banks", published, "Banks, interleaved by line."),
        integer("cache.bank_ports", c.bank_ports, 1, 16, "ports", published,
                "Read ports, and as many write ports, of a bank: lines that it serves in a cycle."),
        power_of_two("cache.ways", c.ways, 1, 65536, "ways", published,
                     "Associativity: 1 is direct-mapped, size / line / banks fully associative in a bank."),
        word("cache.policy", c.policy, {"lru", "a-first", "random"}, published,
             "Replacement: least recently used; the same, but lines of A stay longest; or any line."),
        integer("cache.seed", c.seed, 0, 1e9, "", ours, "Seed of policy random."),
        integer("cache.hit_latency", c.hit_latency, 0, 64, "cycles", "CACTI: 1.36 ns at 32 nm",
                "From bank access to data."),
        integer("cache.mshrs", c.mshrs, 1, 1024, "lines", ours,
                "Miss registers of each bank: lines on their way from memory. 16 in all could not fill an HBM."),
        integer("cache.write_buffers", c.write_buffers, 1, 4096, "lines", ours, "Lines on their way to memory."),
        flag("cache.ideal", c.ideal, ours, "Every access hits, and moves nothing between cache and memory."),

        power_of_two("dram.channels", d.channels, 1, 64, "channels", published, "DRAM channels."),
        power_of_two("dram.channel_bits", d.channel_bits, 8, 512, "bits", published, "Width of a channel."),
        power_of_two("dram.burst_beats", d.burst_beats, 2, 64, "beats", hbm2,
                     "Data beats of one access, two a clock; with the width, the bytes of a burst."),
        power_of_two("dram.bank_groups", d.bank_groups, 1, 16, "groups", hbm2, "Bank groups of a channel."),
        power_of_two("dram.banks_per_group", d.banks_per_group, 1, 64, "banks", hbm2, "Banks of a group."),
        power_of_two("dram.row_bytes", d.row_bytes, 64, 65536, "bytes", hbm2, "Row of a bank."),
        number("dram.t_ck_ns", d.t_ck_ns, 0.1, 100, "ns", published, "Command clock; data move twice a clock."),
        number("dram.t_rcd_ns", d.t_rcd_ns, 0, 1000, "ns", hbm2, "ACTIVATE to READ or WRITE."),
        number("dram.t_rp_ns", d.t_rp_ns, 0, 1000, "ns", hbm2, "PRECHARGE to ACTIVATE."),
        number("dram.t_cl_ns", d.t_cl_ns, 0, 1000, "ns", hbm2, "READ to first data."),
        number("dram.t_cwl_ns", d.t_cwl_ns, 0, 1000, "ns", hbm2, "WRITE to first data."),
        number("dram.t_ras_ns", d.t_ras_ns, 0, 1000, "ns", hbm2, "ACTIVATE to PRECHARGE."),
        number("dram.t_rc_ns", d.t_rc_ns, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE of the same bank."),
        number("dram.t_ccd_s_ns", d.t_ccd_s_ns, 0, 1000, "ns", hbm2, "Column command to the next, other bank group."),
        number("dram.t_ccd_l_ns", d.t_ccd_l_ns, 0, 1000, "ns", hbm2, "Column command to the next, same bank group."),
        number("dram.t_rrd_ns", d.t_rrd_ns, 0, 1000, "ns", hbm2, "ACTIVATE to ACTIVATE of another bank."),
        number("dram.t_faw_ns", d.t_faw_ns, 0, 1000, "ns", hbm2, "Window in which four ACTIVATEs fit."),
        number("dram.t_wr_ns", d.t_wr_ns, 0, 1000, "ns", hbm2, "Last written data to PRECHARGE."),
        number("dram.t_wtr_ns", d.t_wtr_ns, 0, 1000, "ns", hbm2, "Last written data to READ."),
        number("dram.t_rtp_ns", d.t_rtp_ns, 0, 1000, "ns", hbm2, "READ to PRECHARGE."),
        number("dram.t_refi_ns", d.t_refi_ns, 0, 1e6, "ns", hbm2, "Refresh interval; 0 = no refresh."),
        number("dram.t_rfc_ns", d.t_rfc_ns, 0, 1e5, "ns", hbm2, "A refresh."),
        word("dram.mapping", d.mapping,
             {"row-bank-column-bankgroup-channel", "row-column-bank-bankgroup-channel",
              "row-bank-bankgroup-column-channel", "row-channel-bank-bankgroup-column"},
             ours, "Fields of an address from the highest bits to the lowest."),
        flag("dram.channel_hash", d.channel_hash, ours, "XOR the channel bits with higher bits of the address."),
        flag("dram.refresh_staggered", d.refresh_staggered, ours,
             "Channels refresh one after another, not all together; fibers that lie in all channels then wait more "
             "often."),
        word("dram.page_policy", d.page_policy, {"open", "closed"}, ours,
             "Rows stay open after an access, or are closed when nothing waits for them."),
        word("dram.scheduler", d.scheduler, {"fr-fcfs", "fcfs"}, ours,
             "Open rows first, then in order of arrival; or strictly in order of arrival, reads and writes each."),
        integer("dram.read_window", d.read_window, 1, 256, "requests", ours,
                "Waiting reads of a channel among which the scheduler chooses."),
        integer("dram.write_window", d.write_window, 1, 256, "requests", ours, "The same of writes."),
        integer("dram.write_high", d.write_high, 1, 256, "requests", ours,
                "Waiting writes of a channel at which they are served before reads."),
        integer("dram.write_low", d.write_low, 0, 255, "requests", ours, "Waiting writes at which that ends."),
        flag("dram.ideal", d.ideal, ours, "Behind the cache is a memory without latency and limit."),
        integer("dram.lose_response", d.lose_response, 0, 1e9, "", ours,
                "Fault injection: the access of this number is never answered; 0 = none."),

        word("energy.rule", e.rule, {"physical", "published"}, ours,
             "Which energy the summary shows: physical, in joules, or the publication's dimensionless sum. The result "
             "file has both."),
        number("energy.fast_prefix_pj", e.fast_prefix_pj, 0, 1e6, "pJ", synthesis,
               "A chunk join in the fast prefix sum: 1.173427 mW x 2.5 ns, 128 bits."),
        number("energy.laggy_prefix_pj", e.laggy_prefix_pj, 0, 1e6, "pJ", synthesis,
               "A cycle of the laggy prefix sum's 16 adders: 0.269661 mW x 2.5 ns; a chunk takes 8."),
        number("energy.position_fifo_pj", e.position_fifo_pj, 0, 1e6, "pJ", synthesis,
               "A push or a pop of the FIFO of positions: 0.101167 mW x 2.5 ns, 8 entries."),
        number("energy.weight_fifo_pj", e.weight_fifo_pj, 0, 1e6, "pJ", synthesis,
               "A push or a pop of the FIFO of weights: 0.115619 mW x 2.5 ns, 8 entries."),
        number("energy.weight_buffer_pj", e.weight_buffer_pj, 0, 1e6, "pJ", synthesis,
               "A fill of the weight buffer, or a weight read: 0.053802 mW x 2.5 ns, 128 bytes."),
        number("energy.mask_pj", e.mask_pj, 0, 1e6, "pJ", synthesis,
               "A chunk loaded into a mask register: 0.240665 mW x 2.5 ns, 128 bits."),
        number("energy.pseudo_add_pj", e.pseudo_add_pj, 0, 1e6, "pJ", synthesis,
               "An addition to the pseudo-accumulator: 0.02917 mW x 2.5 ns, 12 bits."),
        number("energy.correction_add_pj", e.correction_add_pj, 0, 1e6, "pJ", synthesis,
               "An addition to one correction accumulator: 0.097233 mW / 4 x 2.5 ns, 10 bits."),
        number("energy.plif_timestep_pj", e.plif_timestep_pj, 0, 1e6, "pJ", ours,
               "A timestep of a neuron in the P-LIF: three additions like the pseudo-accumulator's."),
        number("energy.sram_read_pj", e.sram_read_pj, 0, 1e6, "pJ", cacti,
               "A read of 32 bytes from a global cache of 256 KiB."),
        number("energy.sram_write_pj", e.sram_write_pj, 0, 1e6, "pJ", cacti, "A write of 32 bytes into it."),
        number("energy.dram_bit_pj", e.dram_bit_pj, 0, 1e6, "pJ", ours, "A bit moved between DRAM and cache (HBM2)."),
        number("energy.dram_activate_pj", e.dram_activate_pj, 0, 1e9, "pJ", ours, "A row activation."),
        number("energy.tppe_leakage_mw", e.tppe_leakage_mw, 0, 1e6, "mW", synthesis,
               "Leakage of a TPPE of the published size."),
        number("energy.cache_leakage_mw", e.cache_leakage_mw, 0, 1e6, "mW", published,
               "Leakage of a global cache of 256 KiB."),
        number("energy.rest_leakage_mw", e.rest_leakage_mw, 0, 1e6, "mW", ours,
               "Leakage of what else belongs to 16 TPPEs: of the 19.3 mW that the published 188.9 mW leave for it, the "
               "share that leaks in a TPPE."),
    };
    rows.insert(rows.end(), std::begin(added), std::end(added));
}

} // namespace loas::config
