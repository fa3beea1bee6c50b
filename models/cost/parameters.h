// Energy of the events and leakage at the published sizes: pJ and mW at 32 nm.
#pragma once

#include "models/parameter/words.h"

namespace loas::cost
{

/// Leakage of the global cache. The published 124.5 mW are CACTI's subthreshold leakage of the 16 banks at 360 K (7.78
/// mW a bank); CACTI itself adds what leaks through the gates. Either grows with size, banks and ports as CACTI says.
enum class leakage_source { published, cacti };
inline constexpr std::string_view leakage_source_words[] = {"published", "cacti"};
constexpr parameter::words words_of(leakage_source)
{
    return leakage_source_words;
}

/// What an event costs at the published sizes; energy.cpp scales it with the size of what works. The first group is
/// dynamic power x 2.5 ns of component_table.h: what a component takes in a cycle in which it works.
struct energy_constants {
    double fast_prefix_pj = 2.9335675;      ///< a chunk join
    double laggy_prefix_pj = 0.6741525;     ///< a cycle of its 16 adders; a chunk of 128 bits takes 8
    double position_fifo_pj = 0.2529175;    ///< a push or a pop
    double weight_fifo_pj = 0.2890475;      ///< a push or a pop
    double weight_buffer_pj = 0.134505;     ///< a fill or a read
    double mask_pj = 0.6016625;             ///< a chunk of 128 bits loaded
    double pseudo_add_pj = 0.072925;        ///< 12 bits
    double correction_add_pj = 0.060770625; ///< 10 bits: one of the table's four accumulators

    /// Of a P-LIF a timestep of a neuron. Nothing is published: three additions of 12 bits (pseudo - correction, + U,
    /// comparison with the threshold), each like one of the pseudo-accumulator; leaks of 1/2 and 1/4 are wires.
    double plif_timestep_pj = 0.218775;

    double sram_read_pj = 64.8;  ///< 32 bytes; CACTI 7, 32 nm itrs-lop, 256 KiB in 16 banks
    double sram_write_pj = 71.2; ///< the same
    // CACTI 7 as well: 4 KiB, lines of 16 bytes.
    double row_store_read_pj = 1.91;  ///< a word or a chunk of the mask
    double row_store_write_pj = 2.39; ///< 16 bytes
    /// A miss register compared with an address of 24 bits: like two additions of the pseudo-accumulator.
    double miss_compare_pj = 0.14585;
    double dram_bit_pj = 3.9;      ///< moved; HBM2 class
    double dram_activate_pj = 900; ///< a row; HBM2 class
    // Half of a legacy channel of 128 bits, by the currents that public simulators use for HBM2 at 1.2 V.
    double dram_refresh_pj = 30420; ///< of all banks of a channel: IDD5 250 less IDD3N 55 mA, for 260 ns
    double dram_closed_mw = 24;     ///< a channel, all banks closed: IDD2N 40 mA
    double dram_open_mw = 33;       ///< the same with a row open: IDD3N 55 mA

    double tppe_leakage_mw = 0.495156; ///< the table's sum
    double cache_leakage_mw = 124.5;   ///< published, 256 KiB
    leakage_source cache_leakage = leakage_source::published;
    /// Of the rest (crossbars, P-LIFs, compressor, scheduler): the published 188.9 mW less cache and 16 TPPEs
    /// leave 19.3 mW; of them the share that leaks in a TPPE, 17.6 %.
    double rest_leakage_mw = 3.4;

    template <typename table> void describe(table& to)
    {
        using parameter::ours, parameter::published;
        constexpr std::string_view synthesis = "LoAS authors' 32 nm table", cacti = "CACTI 7, 32 nm",
                                   hbm2_currents = "currents of DRAMsim3's HBM2";
        to.number("energy.fast_prefix_pj", fast_prefix_pj, 0, 1e6, "pJ", synthesis,
                  "A chunk join in the fast prefix sum: 1.173427 mW x 2.5 ns, 128 bits.");
        to.number("energy.laggy_prefix_pj", laggy_prefix_pj, 0, 1e6, "pJ", synthesis,
                  "A cycle of the laggy prefix sum's 16 adders: 0.269661 mW x 2.5 ns; a chunk takes 8.");
        to.number("energy.position_fifo_pj", position_fifo_pj, 0, 1e6, "pJ", synthesis,
                  "A push or a pop of the FIFO of positions: 0.101167 mW x 2.5 ns, 8 entries.");
        to.number("energy.weight_fifo_pj", weight_fifo_pj, 0, 1e6, "pJ", synthesis,
                  "A push or a pop of the FIFO of weights: 0.115619 mW x 2.5 ns, 8 entries.");
        to.number("energy.weight_buffer_pj", weight_buffer_pj, 0, 1e6, "pJ", synthesis,
                  "A fill of the weight buffer, or a weight read: 0.053802 mW x 2.5 ns, 128 bytes.");
        to.number("energy.mask_pj", mask_pj, 0, 1e6, "pJ", synthesis,
                  "A chunk loaded into a mask register: 0.240665 mW x 2.5 ns, 128 bits.");
        to.number("energy.pseudo_add_pj", pseudo_add_pj, 0, 1e6, "pJ", synthesis,
                  "An addition to the pseudo-accumulator: 0.02917 mW x 2.5 ns, 12 bits.");
        to.number("energy.correction_add_pj", correction_add_pj, 0, 1e6, "pJ", synthesis,
                  "An addition to one correction accumulator: 0.097233 mW / 4 x 2.5 ns, 10 bits.");
        to.number("energy.plif_timestep_pj", plif_timestep_pj, 0, 1e6, "pJ", ours,
                  "A timestep of a neuron in the P-LIF: three additions like the pseudo-accumulator's.");
        to.number("energy.sram_read_pj", sram_read_pj, 0, 1e6, "pJ", cacti,
                  "A read of 32 bytes from a global cache of 256 KiB.");
        to.number("energy.sram_write_pj", sram_write_pj, 0, 1e6, "pJ", cacti, "A write of 32 bytes into it.");
        to.number("energy.row_store_read_pj", row_store_read_pj, 0, 1e6, "pJ", cacti,
                  "A read of a spike word or a chunk of the mask from a TPPE's row store of 4 KiB.");
        to.number("energy.row_store_write_pj", row_store_write_pj, 0, 1e6, "pJ", cacti,
                  "A write of 16 bytes of a row into it.");
        to.number(
            "energy.miss_compare_pj", miss_compare_pj, 0, 1e6, "pJ", ours,
            "A miss register of the cache compared with an address: two additions like the pseudo-accumulator's.");
        to.number("energy.dram_bit_pj", dram_bit_pj, 0, 1e6, "pJ", ours, "A bit moved between DRAM and cache (HBM2).");
        to.number("energy.dram_activate_pj", dram_activate_pj, 0, 1e9, "pJ", ours, "A row activation.");
        to.number("energy.dram_refresh_pj", dram_refresh_pj, 0, 1e12, "pJ", hbm2_currents,
                  "A refresh of all banks of a channel: (IDD5 250 - IDD3N 55 mA) x 1.2 V x 260 ns / 2; of one bank its "
                  "share.");
        to.number("energy.dram_closed_mw", dram_closed_mw, 0, 1e6, "mW", hbm2_currents,
                  "Background power of a DRAM channel with all banks closed: IDD2N 40 mA x 1.2 V / 2.");
        to.number("energy.dram_open_mw", dram_open_mw, 0, 1e6, "mW", hbm2_currents,
                  "The same with a row open in some bank: IDD3N 55 mA.");
        to.number("energy.tppe_leakage_mw", tppe_leakage_mw, 0, 1e6, "mW", synthesis,
                  "Leakage of a TPPE of the published size.");
        to.number("energy.cache_leakage_mw", cache_leakage_mw, 0, 1e6, "mW", published,
                  "Leakage of a global cache of 256 KiB.");
        to.word(
            "energy.cache_leakage", cache_leakage, ours,
            "The published figure, which is CACTI's subthreshold leakage; or CACTI's with that of the gates. Both grow "
            "with size, banks and ports.");
        to.number("energy.rest_leakage_mw", rest_leakage_mw, 0, 1e6, "mW", ours,
                  "Leakage of what else belongs to 16 TPPEs: of the 19.3 mW that the published 188.9 mW leave for it, "
                  "the share that leaks in a TPPE.");
    }
};

} // namespace loas::cost
