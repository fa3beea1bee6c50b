// Thousands of random accesses through crossbar, cache and memory against a plain array of bytes. Accesses under way at
// the same time do not overlap when one of them writes, so what each of them must see is defined; they may share a
// line.
#include "tests/unit/memory/memory_bench.h"

#include "tests/support/random.h"

#include <cstring>
#include <deque>

using namespace loas::memory;
using loas::support::random_source;

namespace
{

constexpr std::uint64_t storage_bytes = 8192;
constexpr std::size_t longest = 200;

bench_parameters random_parameters(random_source& random, unsigned number)
{
    const loas::cache::replacement policies[] = {loas::cache::replacement::lru, loas::cache::replacement::a_first,
                                                 loas::cache::replacement::random};
    const unsigned mshrs[] = {1, 2, 16};
    const unsigned buffers[] = {1, 3, 64};
    const unsigned latencies[] = {0, 1, 30};
    bench_parameters parameters;
    parameters.ports = random.between_unsigned(1, 6);
    parameters.broadcast = random.chance(1, 2);
    parameters.storage_bytes = storage_bytes;
    parameters.dram = random.chance(2, 3);
    parameters.fixed_cycles = random.pick(latencies);
    parameters.timing.channels = 1u << random.below(5);
    parameters.timing.row_bytes = 256; // so that rows of this small storage conflict
    parameters.timing.write_high = 4;
    parameters.timing.write_low = 1;
    parameters.timing.read_window = 1u << random.below(6);
    parameters.timing.write_window = 4u << random.below(4);
    parameters.timing.posted_writes = random.chance(1, 4);
    parameters.timing.merge_writes = random.chance(1, 2);
    parameters.timing.page = random.chance(1, 3) ? loas::dram::page_policy::closed : loas::dram::page_policy::open;
    parameters.timing.scheduler = random.chance(1, 3) ? loas::dram::scheduling::fcfs : loas::dram::scheduling::fr_fcfs;
    auto& shape = parameters.cache.geometry;
    shape.policy = policies[number % 3];
    shape.banks = 1u << number % 6; // 1..32
    shape.ways = 1u << random.below(4);
    shape.line_bytes = 16u << random.below(3);
    shape.size_bytes = std::max<std::uint64_t>(std::uint64_t{shape.banks} * shape.ways * shape.line_bytes,
                                               std::uint64_t{512} << random.below(3));
    shape.seed = number;
    parameters.cache.mshrs = random.pick(mshrs);
    parameters.cache.write_buffers = random.pick(buffers);
    parameters.cache.ideal = number % 11 == 10;
    parameters.xbar.banks = shape.banks;
    parameters.xbar.line_bytes = shape.line_bytes;
    parameters.xbar.hit_latency = random.between_unsigned(0, 3);
    parameters.xbar.latency = random.between_unsigned(0, 2);
    parameters.xbar.policy = random.chance(1, 2) ? arbitration::round_robin : arbitration::fixed_priority;
    parameters.xbar.ideal = number % 7 == 6;
    return parameters;
}

/// Keeps every port busy, and plays the host now and then.
class traffic_source
{
public:
    traffic_source(memory_bench& bench, std::uint64_t seed, unsigned accesses)
        : m_bench(bench), m_random(seed), m_left(accesses), m_shadow(bench.storage, bench.storage + storage_bytes),
          m_readers(storage_bytes), m_writers(storage_bytes)
    {
        for (std::size_t i = 0; i < bench.ports.size(); ++i) {
            bench.port(i).then = [this, i](const access_done& done) { finished(i, done); };
            for (std::uint64_t n = m_random.between_unsigned(1, 8); n > 0; --n)
                start(i, 0);
        }
    }

    const std::vector<std::uint8_t>& shadow() const { return m_shadow; }
    std::uint64_t lines() const { return m_lines; }
    unsigned finished_accesses() const { return m_finished; }
    unsigned left() const { return m_left; }

private:
    struct access {
        std::uint64_t address;
        std::vector<std::uint8_t> data;
        bool write;
    };

    bool clash(std::uint64_t address, std::size_t bytes, bool write) const
    {
        for (std::uint64_t i = address; i < address + bytes; ++i)
            if (m_writers[i] != 0 || (write && m_readers[i] != 0))
                return true;
        return false;
    }

    void lock(const access& of, int by)
    {
        for (std::uint64_t i = of.address; i < of.address + of.data.size(); ++i)
            (of.write ? m_writers : m_readers)[i] =
                static_cast<std::uint8_t>((of.write ? m_writers : m_readers)[i] + by);
    }

    void start(std::size_t port, std::uint64_t now_ps)
    {
        if (m_left == 0)
            return;
        --m_left;
        const bool broadcasts = m_bench.parameters.broadcast && port + 1 == m_bench.ports.size();
        access next;
        std::size_t bytes = 0;
        do { // a few tries find a free place: little is under way
            next.write = !broadcasts && m_random.chance(2, 5);
            const std::uint64_t line = m_bench.parameters.xbar.line_bytes;
            bytes =
                m_random.chance(1, 3) ? line * m_random.between_unsigned(1, 3) : m_random.between_unsigned(1, longest);
            next.address = m_random.below(storage_bytes - longest);
            if (m_random.chance(1, 2)) // often the same few lines, often whole ones
                next.address = next.address % 1024 / line * line;
        } while (clash(next.address, bytes, next.write));
        next.data.resize(bytes);
        if (next.write) {
            for (std::uint8_t& byte : next.data)
                byte = static_cast<std::uint8_t>(m_random.next());
            std::memcpy(&m_shadow[next.address], next.data.data(), bytes);
        }
        lock(next, 1);
        const std::uint64_t line = m_bench.parameters.xbar.line_bytes;
        m_lines += (next.address + bytes - 1) / line - next.address / line + 1;
        const std::uint64_t tag = m_accesses.size();
        m_accesses.push_back(std::move(next));
        access& kept = m_accesses.back();
        const std::uint64_t cycle = now_ps / 1250 + (m_random.chance(1, 2) ? 0 : m_random.below(20));
        const auto kind = static_cast<operand>(kept.write ? m_random.between(7, 10) : m_random.between(0, 6));
        if (kept.write)
            m_bench.port(port).write(kept.address, kept.data.data(), bytes, cycle, tag, kind);
        else
            m_bench.port(port).read(kept.address, kept.data.data(), bytes, cycle, tag, kind);
    }

    void finished(std::size_t port, const access_done& done)
    {
        ++m_finished;
        access& of = m_accesses[done.tag];
        ASSERT_TRUE(done.ok);
        const bool right = of.write || std::equal(of.data.begin(), of.data.end(), &m_shadow[of.address]);
        ASSERT_TRUE(right) << "read of " << of.data.size() << " bytes at " << of.address << ", access " << done.tag;
        lock(of, -1);
        of.data = {};
        if (m_random.chance(1, 20))
            play_host();
        start(port, done.time_ps);
    }

    void play_host()
    {
        const std::size_t bytes = m_random.between_unsigned(1, longest);
        const std::uint64_t address = m_random.below(storage_bytes - longest);
        const bool write = m_random.chance(1, 2);
        if (clash(address, bytes, write))
            return;
        m_bench.cache.snoop(address, bytes, write);
        const bool right = write || std::memcmp(m_bench.storage + address, &m_shadow[address], bytes) == 0;
        ASSERT_TRUE(right) << "read of the host, " << bytes << " bytes at " << address;
        for (std::uint64_t i = address; write && i < address + bytes; ++i)
            m_bench.storage[i] = m_shadow[i] = static_cast<std::uint8_t>(m_random.next());
    }

    memory_bench& m_bench;
    random_source m_random;
    unsigned m_left;
    unsigned m_finished = 0;
    std::uint64_t m_lines = 0;
    std::vector<std::uint8_t> m_shadow;
    std::vector<std::uint8_t> m_readers, m_writers; ///< of each byte: accesses under way
    std::deque<access> m_accesses;
};

void expect_sums(memory_bench& b, std::uint64_t lines)
{
    const loas::observe::counter_set all = b.counters();
    const std::uint64_t line = b.parameters.xbar.line_bytes;
    std::uint64_t hits = 0, misses = 0, read = 0, written = 0;
    for (std::size_t i = 0; i < loas::observe::operand_count; ++i) {
        const auto kind = static_cast<operand>(i);
        hits += all[of(counter::cache_hits, kind)];
        misses += all[of(counter::cache_misses, kind)];
        read += all[of(counter::dram_read, kind)];
        if (i < loas::observe::read_operand_count) {
            EXPECT_EQ(all[of(counter::dram_read, kind)], all[of(counter::cache_misses, kind)] * line) << i;
        } else {
            written += all[of(counter::dram_write, kind)];
        }
    }
    EXPECT_EQ(hits + misses, lines);
    EXPECT_LE(read, misses * line); // a write of a whole line misses and reads nothing
    EXPECT_LE(all[counter::mshr_merges], hits);
    EXPECT_EQ(written, all[counter::write_backs] * line);
    EXPECT_EQ(all[counter::sram_write_fills], 8 * read);
}

} // namespace

TEST(memory_random, every_byte_is_right_and_every_access_comes_home)
{
    std::vector<std::unique_ptr<memory_bench>> benches;
    random_source random(2024);
    for (unsigned i = 0; i < 60; ++i)
        benches.push_back(
            std::make_unique<memory_bench>(("bench" + std::to_string(i)).c_str(), random_parameters(random, i)));
    for (const auto& each : benches)
        each->elaborate();
    for (std::size_t i = 0; i < benches.size(); ++i) {
        SCOPED_TRACE("bench " + std::to_string(i));
        memory_bench& b = *benches[i];
        const unsigned accesses = 3000;
        traffic_source source(b, i, accesses);
        // As the accelerator does: up to a time, then on; the result must not depend on where the pauses are.
        for (std::uint64_t pause = 777; b.wheel.next_ps() != loas::kernel::event_wheel::never; pause += 777777)
            b.wheel.run_before(pause);
        EXPECT_EQ(source.left(), 0u);
        EXPECT_EQ(source.finished_accesses(), accesses);
        b.expect_clean();
        const std::uint64_t end = b.settle();
        b.cache.begin_write_back(end * 1250);
        b.settle();
        b.expect_clean();
        EXPECT_EQ(0, std::memcmp(b.storage, source.shadow().data(), storage_bytes));
        expect_sums(b, source.lines());
        b.cache.begin_write_back(b.settle() * 1250);
        EXPECT_TRUE(b.cache.quiet()) << "nothing is changed any more";
        if (testing::Test::HasFailure())
            return;
    }
}

// Pauses of the thread that turns the wheel are no events of the machine, and it does not matter when the DRAM's
// commands are decided, and how many lines it is asked for at a time.
TEST(memory_random, times_do_not_depend_on_how_the_wheel_is_turned)
{
    random_source random(7);
    std::vector<std::unique_ptr<memory_bench>> benches;
    for (unsigned i = 0; i < 80; ++i) {
        random_source same(100 + i / 2);
        bench_parameters parameters = random_parameters(same, i / 2);
        parameters.decide_at_once = i % 2 == 1;
        benches.push_back(std::make_unique<memory_bench>(("bench" + std::to_string(i)).c_str(), parameters));
    }
    for (const auto& each : benches)
        each->elaborate();
    for (std::size_t i = 0; i < benches.size(); i += 2) {
        SCOPED_TRACE("benches " + std::to_string(i));
        for (std::size_t k = i; k < i + 2; ++k) {
            traffic_source source(*benches[k], i, 1000);
            while (k % 2 == 1 && benches[k]->wheel.next_ps() != loas::kernel::event_wheel::never)
                benches[k]->wheel.run_before(benches[k]->wheel.now_ps() + 1 + random.below(5000));
            benches[k]->settle();
        }
        for (std::size_t port = 0; port < benches[i]->ports.size(); ++port)
            EXPECT_EQ(benches[i]->port(port).cycles(), benches[i + 1]->port(port).cycles()) << port;
    }
}
