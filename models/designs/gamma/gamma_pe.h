// A processing element of Gamma: takes a row of A, and for one timestep after the other merges the rows of B that its
// spikes select into a row of sums, which it hands to its neurons. It goes on by itself, event by event. Of a layer of
// bytes each row of B is multiplied by the byte that selects it: Gamma-ANN's PE has a multiplier, pipelined, behind the
// merger.
//
// Rules of its time.
//  - The merger takes one element a cycle, of all fibers of a round together, and adds it: it is busy for an element of
//    B, and merges once more for one of a partial row. A round with fibers takes gamma.merger_latency cycles more, to
//    fill and to drain. It begins when all its fibers are in the PE; meanwhile the PE fetches those of the next round,
//    also of the next timestep or row.
//  - A partial row is written when its round is over, through the PE's port into the PE's part of the work area, and
//    asked for when it has arrived there and the round that takes it is fetched. While one is written the next one can
//    be made, but not one more.
//  - The PE has two rows of sums: a last round can begin when the neurons have begun to take the sums before.
//  - The spike words of a row leave the neurons with the last timestep; those of the row before must have been packed.
#pragma once

#include "models/compute/ports.h"
#include "models/designs/gamma/merge_plan.h"
#include "models/designs/gamma/row_fetch.h"
#include "models/kernel/event_wheel.h"

#include <cstdint>
#include <deque>
#include <systemc>
#include <vector>

namespace loas::designs
{

/// What a PE takes of the parameters.
struct pe_parameters {
    unsigned radix;
    unsigned merger_latency; ///< cycles
    unsigned rows_ahead;     ///< rows of A that the PE takes before it needs them
};

/// What the PEs of a layer share.
struct pe_layer {
    gamma_operands operands;
    std::uint64_t work_address = 0; ///< of the work area
    std::size_t partial_row_bytes = 0;
    std::uint32_t partial_rows = 0; ///< room for so many in the part of each PE, at least 2
    const kernel::arrival* bias = nullptr;
    std::uint64_t rounds = 0; ///< merged by all; shows that they get on
};

class gamma_pe : public sc_core::sc_module, public kernel::memory_client, private kernel::arrival_listener
{
public:
    class owner
    {
    public:
        /// The next row of A, if there is one.
        virtual bool take_row(std::uint32_t& row) = 0;
        /// All results of a row have come out of the neurons of the PE.
        virtual void row_complete(std::size_t pe, std::uint32_t row, std::uint64_t cycle) = 0;
        /// Cycle in which the neurons have taken all sums so far.
        virtual std::uint64_t neurons_done(std::size_t pe) const = 0;

    protected:
        ~owner() = default;
    };

    /// To the neurons, a lane for each PE: rows of sums, [N].
    sc_core::sc_port<compute::sums_receiver> sums_out{"sums_out"};

    gamma_pe(const sc_core::sc_module_name& name, const pe_parameters& parameters, const kernel::clock& clock,
             kernel::event_wheel& wheel, std::size_t index, block_ports& ports, kernel::memory_fault& fault,
             owner& owner);

    /// Nothing happens before take_rows().
    void begin_layer(pe_layer& layer, std::uint64_t cycle);
    /// Takes rows until it has `count`, the one that it merges included, and goes on.
    void take_rows(std::size_t count, std::uint64_t cycle);
    /// The bias has come.
    void go_on(std::uint64_t cycle);
    /// The row handed out last has been packed, at packed_cycle, and its words have left.
    void row_packed(std::uint64_t packed_cycle, std::uint64_t cycle);
    /// Its rows are done: until its neurons were it waited for them, and then it was idle.
    void finish(std::uint64_t cycle);
    /// The layer is abandoned: what still happens has no effect.
    void stop() { m_running = false; }

    /// Hands a row of sums to the neurons. Returns the cycle in which they begin to take it.
    std::uint64_t send_sums(functional::span<const std::int32_t> sums, unsigned timestep, std::uint64_t cycle);

    observe::counter_set& counters() { return m_counters; }
    const observe::counter_set& counters() const { return m_counters; }
    bool at_rest() const override { return m_events == 0; }
    std::string describe() const override { return {}; } // it waits for its port or for others

private:
    friend kernel::event_wheel; // happen()

    enum event : std::uint64_t { look_again, round_over, results_out };

    /// A partial row, from the plan of its round to the start of the round that takes it.
    struct partial_row {
        enum class state { free, planned, writing, written, reading, back } at = state::free;
        bool wanted = false; ///< by a round that is fetched
        kernel::arrival arrival;
        std::vector<std::uint8_t> out, in; ///< elements: column, then int32 sum
    };
    struct round {
        round(block_ports& ports, std::size_t port, kernel::memory_fault& fault, arrival_listener* then)
            : rows(ports, port, fault, then)
        {
        }

        weight_rows rows;
        std::vector<std::uint8_t> factors;     ///< of these rows
        std::vector<std::size_t> partial_rows; ///< that it takes
        std::size_t output = 0;                ///< partial row that it makes, unless it is the last
        bool last = false;
        unsigned timestep = 0;
        std::uint32_t row = 0;       ///< of A
        std::uint64_t row_cycle = 0; ///< when the row of A had come
        std::uint64_t row_refresh_cycles = 0;
    };

    void happen(std::uint64_t now_ps, std::uint64_t what);
    void arrived(kernel::arrival& what) override;
    void plan_rounds(std::uint64_t cycle);
    void read_partial_row(partial_row& from, std::size_t index, std::uint64_t cycle);
    bool try_round(std::uint64_t cycle);
    bool may_begin(const round& next, std::uint64_t cycle);
    void count_wait(const round& next, std::uint64_t cycle);
    std::uint64_t merge(round& next);
    template <bool partial> std::uint64_t add_fibers(round& next);
    void make_partial_row(partial_row& into);
    void end_round(std::uint64_t cycle);
    void hand_over(unsigned timestep, std::uint32_t row, std::uint64_t cycle);
    void wait_until(std::uint64_t cycle, observe::counter cause, std::uint64_t refresh_cycles = 0);
    void ask_for(event what, std::uint64_t cycle);
    std::uint64_t partial_row_address(std::size_t index) const;
    round& round_at(std::uint64_t number) { return m_rounds[number % 2]; }

    pe_parameters m_parameters;
    kernel::clock m_clock;
    kernel::event_wheel& m_wheel;
    std::uint64_t m_place; ///< in its order
    std::size_t m_index;
    block_ports& m_ports;
    kernel::memory_fault& m_fault;
    owner& m_owner;

    // The layer under way.
    pe_layer* m_layer = nullptr;
    bool m_running = false;
    std::size_t m_element_bytes = 0; ///< of a partial row
    std::vector<spike_row> m_rows;   ///< ring: taken, not yet merged
    std::uint64_t m_rows_taken = 0, m_rows_planned = 0, m_rows_merged = 0;
    unsigned m_planned_timestep = 0;
    merge_plan m_plan;           ///< of that timestep
    std::vector<round> m_rounds; ///< the one that is merged and the one that is fetched
    std::uint64_t m_rounds_planned = 0, m_rounds_merged = 0;
    std::vector<partial_row> m_partial_rows;
    std::deque<std::size_t> m_waiting; ///< partial rows that no planned round takes, oldest first
    std::size_t m_partial_rows_writing = 0;
    bool m_merging = false;
    bool m_row_out = false;           ///< a row has had its last timestep and is not packed yet
    std::uint32_t m_complete_row = 0; ///< that row
    bool m_sums_held = false;         ///< the sums of the next row's last timestep wait until it is
    std::uint32_t m_held_row = 0;
    std::uint64_t m_sums_free_cycle = 0;      ///< the other row of sums
    std::uint64_t m_look_cycle = 0;           ///< asked for
    std::vector<std::int32_t> m_sums;         ///< by column
    std::vector<std::int32_t> m_partial_sums; ///< the same, 0 between rounds
    std::vector<std::uint64_t> m_touched;     ///< columns of the partial row
    std::uint64_t m_counted_cycle = 0;        ///< every cycle before has a name
    std::size_t m_events = 0;                 ///< under way
    observe::counter_set m_counters;
};

} // namespace loas::designs
