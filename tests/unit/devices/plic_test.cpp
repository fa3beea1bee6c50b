// The interrupt controller, against the RISC-V PLIC specification.
#include "abi/loas_devices.h"
#include "models/devices/plic.h"
#include "tests/unit/devices/device_bench.h"

using namespace loas;
using namespace loas::test;

namespace
{

using bench = device_bench<devices::plic>;

constexpr std::uint64_t priority_of(unsigned input)
{
    return LOAS_PLIC_REG_PRIORITY + 4 * input;
}

void run(const std::function<void(bench&, devices::plic&)>& body)
{
    devices::plic plic("plic", ns(10));
    run_bench<devices::plic>(plic, [&](bench& b) { body(b, plic); });
}

} // namespace

TEST(plic, a_level_interrupts_once_until_it_is_completed)
{
    run([](bench& b, devices::plic& plic) {
        b.write(priority_of(33), 1);
        b.write(LOAS_PLIC_REG_ENABLE + 4, 2);
        EXPECT_FALSE(plic.interrupt_out.high());
        plic.set_input(33, true);
        EXPECT_TRUE(plic.interrupt_out.high()) << "at once";
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING), 0u);
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING + 4), 2u);
        EXPECT_EQ(b.look(LOAS_PLIC_REG_CLAIM), 33u);
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 33u) << "a look has claimed nothing";
        EXPECT_FALSE(plic.interrupt_out.high());
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING + 4), 0u);
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 0u);
        b.write(LOAS_PLIC_REG_CLAIM, 33); // the level is still up
        EXPECT_TRUE(plic.interrupt_out.high());
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 33u);
        plic.set_input(33, false);
        b.write(LOAS_PLIC_REG_CLAIM, 33);
        EXPECT_FALSE(plic.interrupt_out.high());
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING + 4), 0u);
    });
}

TEST(plic, a_request_that_was_let_through_stays_when_its_level_goes_down)
{
    run([](bench& b, devices::plic& plic) {
        b.write(priority_of(10), 1);
        b.write(LOAS_PLIC_REG_ENABLE, 1U << 10);
        plic.set_input(10, true);
        plic.set_input(10, false);
        EXPECT_TRUE(plic.interrupt_out.high());
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 10u);
        b.write(LOAS_PLIC_REG_CLAIM, 10);
        EXPECT_FALSE(plic.interrupt_out.high());
    });
}

TEST(plic, the_highest_priority_is_claimed_first_then_the_lowest_number)
{
    run([](bench& b, devices::plic& plic) {
        const unsigned inputs[] = {3, 5, 40, 63};
        const std::uint32_t priorities[] = {2, 7, 7, 1};
        for (unsigned i = 0; i < 4; ++i) {
            b.write(priority_of(inputs[i]), priorities[i]);
            plic.set_input(inputs[i], true);
        }
        EXPECT_FALSE(plic.interrupt_out.high()) << "none is enabled";
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING), 1U << 3 | 1U << 5);
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING + 4), 1U << 8 | 1U << 31);
        b.write(LOAS_PLIC_REG_ENABLE, ~0U);
        b.write(LOAS_PLIC_REG_ENABLE + 4, ~0U);
        EXPECT_TRUE(plic.interrupt_out.high());
        for (const unsigned expected : {5U, 40U, 3U, 63U, 0U})
            EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), expected);
        EXPECT_FALSE(plic.interrupt_out.high());
    });
}

TEST(plic, every_input_but_0_interrupts_and_a_change_of_its_priority_is_heard_at_once)
{
    run([](bench& b, devices::plic& plic) {
        b.write(LOAS_PLIC_REG_ENABLE, ~0U);
        b.write(LOAS_PLIC_REG_ENABLE + 4, ~0U);
        for (unsigned input = 1; input < 64; ++input) {
            plic.set_input(input, true);
            EXPECT_FALSE(plic.interrupt_out.high()) << input;
            b.write(priority_of(input), 1);
            EXPECT_TRUE(plic.interrupt_out.high()) << input;
            b.write(priority_of(input), 0);
            EXPECT_FALSE(plic.interrupt_out.high()) << input;
            b.write(priority_of(input), 7);
            EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), input);
            plic.set_input(input, false);
            b.write(LOAS_PLIC_REG_CLAIM, input);
            EXPECT_FALSE(plic.interrupt_out.high()) << input;
        }
    });
}

TEST(plic, priorities_up_to_the_threshold_do_not_interrupt_and_can_be_claimed)
{
    run([](bench& b, devices::plic& plic) {
        b.write(LOAS_PLIC_REG_ENABLE, 1U << 4);
        b.write(LOAS_PLIC_REG_THRESHOLD, 3);
        plic.set_input(4, true);
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 0u) << "priority 0 is never";
        b.write(priority_of(4), 3);
        EXPECT_FALSE(plic.interrupt_out.high());
        b.write(priority_of(4), 4);
        EXPECT_TRUE(plic.interrupt_out.high());
        b.write(LOAS_PLIC_REG_THRESHOLD, 4);
        EXPECT_FALSE(plic.interrupt_out.high());
        EXPECT_EQ(b.read(LOAS_PLIC_REG_CLAIM), 4u);
        b.write(LOAS_PLIC_REG_CLAIM, 70); // no such input: nothing
        EXPECT_EQ(b.read(LOAS_PLIC_REG_PENDING), 0u);
    });
}
