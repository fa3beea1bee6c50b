// One ring by itself, to the letter of the contract: what it tells and when, and what an enable or a reset forgets. The
// test serves its descriptors in the dispatcher's place.
#include "models/control/command_ring.h"

#include "models/kernel/clock.h"
#include "tests/unit/devices/device_bench.h"

#include <cstring>
#include <vector>

using namespace loas;
using control::command_ring;
using control::ring_work;
using observe::counter;

namespace
{

constexpr std::uint64_t descriptors = 0x100000040, records = 0x100001020; // above 4 GiB: both halves matter

struct machine_around : control::ring_surroundings {
    unsigned wakes = 0, aborts = 0;
    bool memory_fails = false;
    std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(0x2000, 0xA5); ///< from 0x100000000 on

    void wake() override { ++wakes; }
    void abort() override { ++aborts; }
    bool transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes) override
    {
        std::uint8_t* const here = &memory.at(address - 0x100000000);
        if (!memory_fails && command == tlm::TLM_READ_COMMAND)
            std::memcpy(data, here, bytes);
        else if (!memory_fails)
            std::memcpy(here, data, bytes);
        return !memory_fails;
    }
};

control::ring_parameters parameters()
{
    control::ring_parameters p;
    p.clock_mhz = 1000;
    p.rings = 1;
    return p;
}

struct ring_bench {
    machine_around around;
    command_ring ring{"ring", parameters(), around};

    using body = std::function<void(ring_bench&, test::device_bench<command_ring>&)>;

    /// Enabled with 4 entries, then the test.
    explicit ring_bench(const body& run)
    {
        test::run_bench<command_ring>(ring, [&](test::device_bench<command_ring>& registers) {
            set_up(registers);
            run(*this, registers);
        });
    }

    static void set_up(test::device_bench<command_ring>& registers)
    {
        registers.write(LOAS_REG_QUEUE_BASE_LO, 0x40u);
        registers.write(LOAS_REG_QUEUE_BASE_HI, 1u);
        registers.write(LOAS_REG_COMPLETION_BASE_LO, 0x1020u);
        registers.write(LOAS_REG_COMPLETION_BASE_HI, 1u);
        registers.write(LOAS_REG_QUEUE_SIZE, 4u);
        registers.write(LOAS_REG_IRQ_ENABLE, std::uint32_t{LOAS_IRQ_COMPLETION | LOAS_IRQ_ERROR});
        registers.write(LOAS_REG_CONTROL, std::uint32_t{LOAS_CONTROL_ENABLE});
    }

    void place(std::uint32_t index, std::uint32_t cookie, std::uint8_t flags)
    {
        loas_descriptor d{};
        d.opcode = LOAS_OP_NOP;
        d.cookie = cookie;
        d.flags = flags;
        around.transfer(tlm::TLM_WRITE_COMMAND, descriptors + index * sizeof d, &d, sizeof d);
    }

    /// What the dispatcher does with the next one.
    void serve(loas_status status = LOAS_STATUS_OK, std::uint64_t address = 0)
    {
        ASSERT_TRUE(ring.ready());
        ring_work work = ring.fetch();
        EXPECT_FALSE(ring.ready());
        work.outcome.status = status;
        work.outcome.error_address = address;
        ring.finish(work);
    }

    loas_completion record(std::uint32_t index)
    {
        loas_completion r{};
        around.transfer(tlm::TLM_READ_COMMAND, records + index * sizeof r, &r, sizeof r);
        return r;
    }

    /// A layer of so many cycles has run.
    void count(std::uint64_t busy_cycles)
    {
        observe::layer_outcome outcome;
        outcome.counters[counter::cycles] = busy_cycles;
        ring.count(outcome);
    }
};

constexpr std::uint32_t busy = LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_BUSY_CYCLES,
                        busy_high = LOAS_REG_COUNTERS_HI + 8 * LOAS_COUNTER_BUSY_CYCLES,
                        joins = LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_JOINS;

} // namespace

TEST(command_ring, takes_descriptors_in_turn_and_tells_of_each)
{
    ring_bench([](ring_bench& b, auto& registers) {
        for (std::uint32_t i = 0; i < 6; ++i) {
            b.place(i % 4, 100 + i, 0);
            EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_IDLE});
            registers.write(LOAS_REG_QUEUE_TAIL, (i + 1) % 4);
            EXPECT_EQ(registers.read(LOAS_REG_STATUS), 0u);
            ring_work work = b.ring.fetch();
            EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_BUSY});
            EXPECT_EQ(work.descriptor.cookie, 100 + i);
            EXPECT_EQ(registers.read(LOAS_REG_QUEUE_HEAD), i % 4);
            sc_core::wait(test::ns(7 + i));
            b.ring.finish(work);
            EXPECT_EQ(registers.read(LOAS_REG_QUEUE_HEAD), (i + 1) % 4);
            const loas_completion told = b.record(i % 4);
            EXPECT_EQ(told.cookie, 100 + i);
            EXPECT_EQ(told.index, i % 4);
            EXPECT_EQ(told.sequence, i + 1);
            EXPECT_EQ(told.status, LOAS_STATUS_OK);
            EXPECT_EQ(told.cycles, 7 + i);
            EXPECT_EQ(told.error_address, 0u);
        }
        EXPECT_EQ(registers.read(LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_DESCRIPTORS), 6u);
        EXPECT_EQ(b.around.aborts, 0u);
        EXPECT_EQ(b.around.wakes, 1u + 6);
    });
}

TEST(command_ring, enabled_again_begins_with_entry_0_and_sequence_1)
{
    ring_bench([](ring_bench& b, auto& registers) {
        for (std::uint32_t i = 0; i < 3; ++i)
            b.place(i, i, 0);
        registers.write(LOAS_REG_QUEUE_TAIL, 3u);
        for (int i = 0; i < 3; ++i)
            b.serve();
        EXPECT_EQ(b.record(2).sequence, 3u);
        registers.write(LOAS_REG_CONTROL, 0u);
        registers.write(LOAS_REG_CONTROL, std::uint32_t{LOAS_CONTROL_ENABLE});
        EXPECT_EQ(registers.read(LOAS_REG_QUEUE_HEAD), 0u);
        EXPECT_EQ(registers.read(LOAS_REG_QUEUE_TAIL), 0u);
        EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_IDLE});
        EXPECT_FALSE(b.ring.ready());
        b.place(0, 77, 0);
        registers.write(LOAS_REG_QUEUE_TAIL, 1u);
        b.serve();
        EXPECT_EQ(b.record(0).sequence, 1u);
        EXPECT_EQ(b.record(0).cookie, 77u);
    });
}

TEST(command_ring, interrupts_for_those_that_ask_and_for_failures)
{
    ring_bench([](ring_bench& b, auto& registers) {
        b.place(0, 1, 0);
        b.place(1, 2, LOAS_FLAG_INTERRUPT);
        b.place(2, 3, 0);
        registers.write(LOAS_REG_QUEUE_TAIL, 3u);
        b.serve();
        EXPECT_EQ(registers.read(LOAS_REG_IRQ_STATUS), 0u) << "not asked for";
        EXPECT_FALSE(b.ring.interrupt_out.high());
        b.serve();
        EXPECT_EQ(registers.read(LOAS_REG_IRQ_STATUS), std::uint32_t{LOAS_IRQ_COMPLETION});
        EXPECT_TRUE(b.ring.interrupt_out.high());
        registers.write(LOAS_REG_IRQ_STATUS, std::uint32_t{LOAS_IRQ_COMPLETION});
        EXPECT_FALSE(b.ring.interrupt_out.high());
        b.serve(LOAS_STATUS_BAD_SHAPE);
        EXPECT_EQ(registers.read(LOAS_REG_IRQ_STATUS), std::uint32_t{LOAS_IRQ_ERROR}) << "and nothing of completion";
        EXPECT_TRUE(b.ring.interrupt_out.high());
        registers.write(LOAS_REG_IRQ_ENABLE, std::uint32_t{LOAS_IRQ_COMPLETION});
        EXPECT_FALSE(b.ring.interrupt_out.high());
    });
}

TEST(command_ring, failures_halt_it_and_the_first_one_is_told)
{
    ring_bench([](ring_bench& b, auto& registers) {
        b.place(0, 1, 0);
        b.place(1, 2, 0);
        registers.write(LOAS_REG_QUEUE_TAIL, 2u);
        b.serve();
        b.serve(LOAS_STATUS_MISALIGNED, 0x500000008);
        EXPECT_EQ(b.record(1).status, LOAS_STATUS_MISALIGNED);
        EXPECT_EQ(b.record(1).error_address, 0x500000008u);
        registers.write(LOAS_REG_QUEUE_TAIL, 4u); // a doorbell outside: a second error, and no doorbell
        EXPECT_EQ(registers.read(LOAS_REG_QUEUE_TAIL), 2u);
        EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_HALTED | LOAS_STATE_IDLE});
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_CODE), std::uint32_t{LOAS_STATUS_MISALIGNED});
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_INDEX), 1u);
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_ADDRESS_LO), 8u);
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_ADDRESS_HI), 5u);
        EXPECT_EQ(registers.read(LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_ERRORS), 2u);
        b.place(2, 3, LOAS_FLAG_INTERRUPT);
        registers.write(LOAS_REG_QUEUE_TAIL, 3u);
        EXPECT_FALSE(b.ring.ready()) << "halted";
        registers.write(LOAS_REG_CONTROL, std::uint32_t{LOAS_CONTROL_ENABLE | LOAS_CONTROL_RESUME});
        for (const std::uint32_t offset :
             {LOAS_REG_ERROR_CODE, LOAS_REG_ERROR_INDEX, LOAS_REG_ERROR_ADDRESS_LO, LOAS_REG_ERROR_ADDRESS_HI})
            EXPECT_EQ(registers.read(offset), 0u) << offset;
        // A record that memory does not take is the failure then, whatever the descriptor did.
        ASSERT_TRUE(b.ring.ready());
        const ring_work work = b.ring.fetch();
        b.around.memory_fails = true;
        b.ring.finish(work);
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_CODE), std::uint32_t{LOAS_STATUS_BUS_ERROR});
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_INDEX), 2u);
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_ADDRESS_LO), 0x1020u + 2 * 32);
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_ADDRESS_HI), 1u);
        EXPECT_EQ(registers.read(LOAS_REG_IRQ_STATUS), std::uint32_t{LOAS_IRQ_ERROR}) << "no completion was told";
    });
}

TEST(command_ring, the_lower_half_of_a_counter_latches_its_upper)
{
    ring_bench([](ring_bench& b, auto& registers) {
        b.count(0x1FFFFFFFF);
        EXPECT_EQ(registers.read(busy_high), 1u) << "nothing is latched: the half of the moment";
        EXPECT_EQ(registers.look(busy), 0xFFFFFFFFu) << "a look latches nothing";
        b.count(1);
        EXPECT_EQ(registers.read(busy_high), 2u);
        EXPECT_EQ(registers.read(busy), 0u);
        b.count(0x3FFFFFFFF);
        EXPECT_EQ(registers.read(busy_high), 2u) << "as latched with the lower half";
        EXPECT_EQ(registers.read(busy_high), 2u);
        EXPECT_EQ(registers.read(busy), 0xFFFFFFFFu);
        EXPECT_EQ(registers.read(busy_high), 5u);
        b.count(1);
        EXPECT_EQ(registers.read(joins), 0u); // latches another one
        EXPECT_EQ(registers.read(busy_high), 6u);
        EXPECT_EQ(registers.read(LOAS_REG_COUNTERS + 8 * LOAS_COUNTER_LAYERS), 4u);
    });
}

TEST(command_ring, a_soft_reset_forgets_everything)
{
    ring_bench([](ring_bench& b, auto& registers) {
        b.count(0x1FFFFFFFF);
        b.place(0, 1, 0);
        b.place(1, 2, LOAS_FLAG_INTERRUPT);
        registers.write(LOAS_REG_QUEUE_TAIL, 3u);
        b.serve();
        EXPECT_EQ(registers.read(busy), 0xFFFFFFFFu);
        sc_core::wait(test::ns(1000));
        const ring_work abandoned = b.ring.fetch();
        EXPECT_TRUE(b.ring.wants(abandoned));
        registers.write(LOAS_REG_CONTROL, std::uint32_t{LOAS_CONTROL_SOFT_RESET});
        const std::uint64_t reset_ns = test::now_ns();
        EXPECT_EQ(b.around.aborts, 1u);
        EXPECT_FALSE(b.ring.wants(abandoned));
        EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_BUSY});
        b.ring.finish(abandoned);
        EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_IDLE});
        EXPECT_EQ(b.record(1).sequence, 0xA5A5A5A5u) << "no record of it";
        EXPECT_EQ(registers.read(LOAS_REG_IRQ_STATUS), 0u);
        EXPECT_EQ(registers.read(busy_high), 0u) << "nor what was latched";
        for (std::uint32_t i = 0; i < LOAS_COUNTER_COUNT; ++i)
            EXPECT_EQ(registers.read(LOAS_REG_COUNTERS + 8 * i),
                      i == LOAS_COUNTER_CYCLES ? test::now_ns() - reset_ns : 0u)
                << i;
        for (const std::uint32_t offset : {LOAS_REG_CONTROL, LOAS_REG_QUEUE_SIZE, LOAS_REG_QUEUE_HEAD,
                                           LOAS_REG_QUEUE_TAIL, LOAS_REG_IRQ_ENABLE, LOAS_REG_QUEUE_BASE_HI})
            EXPECT_EQ(registers.read(offset), 0u) << offset;
        ring_bench::set_up(registers);
        registers.write(LOAS_REG_QUEUE_TAIL, 1u);
        b.serve(LOAS_STATUS_OVERLAP);
        EXPECT_EQ(b.record(0).sequence, 1u);
        EXPECT_TRUE(b.ring.interrupt_out.high());
        registers.write(LOAS_REG_CONTROL, std::uint32_t{LOAS_CONTROL_SOFT_RESET});
        EXPECT_EQ(b.around.aborts, 1u) << "nothing was in flight";
        EXPECT_FALSE(b.ring.interrupt_out.high());
        EXPECT_EQ(registers.read(LOAS_REG_STATUS), std::uint32_t{LOAS_STATE_IDLE}) << "nor halted any more";
        EXPECT_EQ(registers.read(LOAS_REG_ERROR_CODE), 0u);
    });
}

TEST(command_ring, owns_its_rings_while_it_may_use_them)
{
    ring_bench([](ring_bench& b, auto& registers) {
        const auto owned = [&b] {
            std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
            for (const control::address_range& each : b.ring.memory())
                ranges.emplace_back(each.base, each.size_bytes);
            return ranges;
        };
        const std::vector<std::pair<std::uint64_t, std::uint64_t>> both = {{descriptors, 4 * 64}, {records, 4 * 32}};
        EXPECT_EQ(owned(), both);
        b.place(0, 1, 0);
        registers.write(LOAS_REG_QUEUE_TAIL, 1u);
        const ring_work work = b.ring.fetch();
        registers.write(LOAS_REG_CONTROL, 0u);
        EXPECT_EQ(owned(), both) << "one is in flight";
        b.ring.finish(work);
        EXPECT_TRUE(owned().empty());
    });
}
