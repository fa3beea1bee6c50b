// Every bit of every register of every device on the board: rights, reset values, bits without a meaning. What there is
// comes from the rows; whoever adds one has it tested.
#include "platform/machine/board.h"
#include "tests/integration/harness.h"

#include "abi/loas_board.h"
#include "abi/loas_devices.h"

#include <gtest/gtest.h>

using namespace loas;
using namespace loas::integration;
using kernel::register_row;
using kernel::right;

namespace
{

/// One block of registers as software on the CPU meets it.
struct block {
    const loas_hal& hal;
    const kernel::register_table& table;
    std::uint64_t base;

    std::uint32_t read(std::uint64_t offset) const
    {
        std::uint32_t value = 0;
        EXPECT_EQ(hal.read32(hal.context, base + offset, &value), LOAS_OK) << offset;
        return value;
    }
    int write(std::uint64_t offset, std::uint32_t value) const
    {
        return hal.write32(hal.context, base + offset, value);
    }
};

void for_each_register(const block& of, const std::function<void(const register_row&, std::uint64_t)>& body)
{
    for (const register_row& row : of.table.rows)
        for (unsigned i = 0; i < row.count; ++i) {
            SCOPED_TRACE(std::string(row.name) + ", " + std::to_string(i));
            body(row, row.offset + std::uint64_t{i} * row.stride);
        }
}

/// With the rows' reset values, but for what runs with time.
void check_reset_values(const block& of)
{
    for_each_register(of, [&](const register_row& row, std::uint64_t offset) {
        const bool runs = row.has(kernel::changes) && row.count > 1;
        if (!row.has(kernel::by_design) && !runs) {
            EXPECT_EQ(of.read(offset), row.reset_value());
        }
    });
}

/// Writes one value; what is there afterwards must follow from the row.
void check_write(const block& of, const register_row& row, std::uint64_t offset, std::uint32_t value)
{
    const std::uint32_t kept = row.mask(right::rw), cleared = row.mask(right::w1c);
    const std::uint32_t known = kept | cleared | row.mask(right::wo);
    const bool refused = !row.writable() || (row.has(kernel::refuses_reserved) && (value & ~known) != 0);
    const std::uint32_t before = of.read(offset);
    EXPECT_EQ(of.write(offset, value), refused ? LOAS_E_BUS : LOAS_OK) << std::hex << value;
    const std::uint32_t after = of.read(offset);
    const std::uint32_t stored = ((before & ~kept) | (value & kept)) & ~(value & cleared);
    const bool reads_otherwise = !row.writable() || row.mask(right::wo) != 0;
    if (reads_otherwise && row.has(kernel::changes))
        return;
    const bool stays = refused || (row.has(kernel::checked) && after == before);
    EXPECT_EQ(after, stays ? before : stored) << std::hex << value;
    EXPECT_EQ(after & ~(known | row.mask(right::ro)), 0u) << "bits without a meaning";
}

void check_every_bit(const block& of)
{
    for_each_register(of, [&](const register_row& row, std::uint64_t offset) {
        check_write(of, row, offset, 0);
        check_write(of, row, offset, ~0U);
        for (unsigned bit = 0; bit < 32; ++bit) {
            check_write(of, row, offset, 1U << bit);
            check_write(of, row, offset, ~(1U << bit));
        }
        check_write(of, row, offset, row.writable() ? row.reset_value() : 0);
    });
}

/// The whole of a small block; of a large one what is around each register and at the end.
void check_gaps(const block& of)
{
    std::vector<bool> there(of.table.size_bytes / 4), near(there.size(), there.size() <= 1024);
    near.back() = true;
    for_each_register(of, [&](const register_row&, std::uint64_t offset) {
        there.at(offset / 4) = true;
        for (std::size_t word = offset / 4; word < near.size() && word <= offset / 4 + 4; ++word)
            near[word] = true;
        if (offset >= 4)
            near[offset / 4 - 1] = true;
    });
    for (std::size_t word = 0; word < there.size(); ++word) {
        if (!near[word])
            continue;
        std::uint32_t value = 0;
        if (!there[word]) {
            EXPECT_EQ(of.hal.read32(of.hal.context, of.base + 4 * word, &value), LOAS_E_BUS) << word;
            EXPECT_EQ(of.write(4 * word, 0), LOAS_E_BUS) << word;
        }
    }
}

} // namespace

TEST(registers, of_every_device_obey_their_rows_bit_by_bit)
{
    machine_run run({"queue.rings=2"});
    unsigned blocks = 0;
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        for (const machine::board_device* device : machine::board::devices) {
            if (device->registers == nullptr || device->registers().register_bytes != 4)
                continue; // the CPU of these tests has words only; the UART has tests of its own
            SCOPED_TRACE(device->name);
            const kernel::register_table& table = device->registers();
            const unsigned inputs = device == &machine::board::plic ? devices::plic_inputs : 0;
            for (unsigned input = 1; input < inputs; ++input) // start-up code has set the priorities
                EXPECT_EQ(hal.write32(hal.context, device->base + LOAS_PLIC_REG_PRIORITY + 4 * input, 0), LOAS_OK);
            for (std::uint64_t at = 0; at < device->size_bytes; at += table.size_bytes) {
                std::uint32_t first = 0;
                if (hal.read32(hal.context, device->base + at, &first) != LOAS_OK)
                    continue; // a ring that this machine does not have
                ++blocks;
                const block of{hal, table, device->base + at};
                check_reset_values(of);
                check_every_bit(of);
                check_gaps(of);
            }
        }
    }));
    EXPECT_EQ(blocks, 6u) << "finisher, CLINT, PLIC, watchdog and two rings";
}

TEST(registers, of_a_ring_that_runs_cannot_be_set_up_and_a_soft_reset_resets_them_all)
{
    machine_run run({});
    ASSERT_TRUE(run.run([&](const loas_hal& hal) {
        const block of{hal, control::ring_registers(), LOAS_BOARD_ACCELERATOR_BASE};
        ASSERT_EQ(of.write(LOAS_REG_QUEUE_SIZE, 4), LOAS_OK);
        ASSERT_EQ(of.write(LOAS_REG_IRQ_ENABLE, LOAS_IRQ_ERROR), LOAS_OK);
        ASSERT_EQ(of.write(LOAS_REG_CONTROL, LOAS_CONTROL_ENABLE), LOAS_OK);
        EXPECT_EQ(of.read(LOAS_REG_CONTROL), LOAS_CONTROL_ENABLE);
        unsigned refused = 0;
        for_each_register(of, [&](const register_row& row, std::uint64_t offset) {
            if (!row.has(kernel::while_disabled))
                return;
            const std::uint32_t before = of.read(offset);
            EXPECT_EQ(of.write(offset, ~before), LOAS_E_BUS);
            EXPECT_EQ(of.read(offset), before);
            ++refused;
        });
        EXPECT_EQ(refused, 5u);
        ASSERT_EQ(of.write(LOAS_REG_QUEUE_TAIL, 4), LOAS_OK); // beyond the ring: error registers, halt, interrupt
        EXPECT_EQ(of.read(LOAS_REG_STATUS) & LOAS_STATE_HALTED, LOAS_STATE_HALTED);
        ASSERT_EQ(of.write(LOAS_REG_IRQ_STATUS, LOAS_IRQ_COMPLETION), LOAS_OK);
        EXPECT_EQ(of.read(LOAS_REG_IRQ_STATUS), LOAS_IRQ_ERROR) << "only the bits written as 1 are cleared";
        ASSERT_EQ(of.write(LOAS_REG_CONTROL, LOAS_CONTROL_SOFT_RESET), LOAS_OK);
        check_reset_values(of);
    }));
}
