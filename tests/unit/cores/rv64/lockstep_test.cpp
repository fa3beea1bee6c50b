// Random programs here and on QEMU, which must print the same. Skipped where qemu-system-riscv64 is not installed.
// LOAS_LOCKSTEP_SEED and LOAS_LOCKSTEP_CHECKPOINTS (about 89 random instructions each) make it another, longer one.
#include "models/cores/rv64/hart.h"
#include "tests/unit/cores/rv64/random_program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace
{

using namespace loas;
using test::random_program;

class virt_board : public rv64::bus
{
public:
    explicit virt_board(const std::vector<std::uint8_t>& image, rv64::dispatch form)
        : m_memory(random_program::memory_bytes), m_hart(*this, {{}, 0, form})
    {
        std::copy(image.begin(), image.end(), m_memory.begin());
        m_hart.reset(random_program::base);
    }

    std::string run()
    {
        while (!m_finished && m_hart.cycle() < std::uint64_t{1} << 50)
            m_hart.run(m_hart.cycle() + 1000000);
        return m_output;
    }
    const rv64::hart& hart() const { return m_hart; }

    rv64::page find_page(std::uint64_t address) override
    {
        const std::uint64_t at = address - random_program::base;
        return at < m_memory.size() ? rv64::page{true, m_memory.data() + at, true} : rv64::page{};
    }
    rv64::access_end read(std::uint64_t, void*, std::size_t) override { return {}; }
    rv64::access_end write(std::uint64_t address, const void* from, std::size_t) override
    {
        if (address == random_program::uart)
            m_output.push_back(*static_cast<const char*>(from));
        m_finished |= address == random_program::finisher;
        return {address == random_program::uart || m_finished, 0};
    }
    bool fetch(std::uint64_t, void*, std::size_t) override { return false; }
    std::uint64_t time() override { return 0; }

private:
    std::vector<std::uint8_t> m_memory;
    std::string m_output;
    bool m_finished = false;
    rv64::hart m_hart;
};

class scratch
{
public:
    explicit scratch(const char* name) : m_path(testing::TempDir() + "loas_rv64_" + std::to_string(getpid()) + name) {}
    ~scratch() { std::remove(m_path.c_str()); }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    const std::string& path() const { return m_path; }

private:
    std::string m_path;
};

std::string run_qemu(const std::vector<std::uint8_t>& image)
{
    const scratch program(".bin"), output(".txt");
    std::ofstream(program.path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
    // Without what this CPU does not have; a supervisor mode would make other registers writable.
    const std::string command = "timeout 3000 qemu-system-riscv64 -M virt -m 16M -cpu rv64,h=off,s=off,zbc=off "
                                "-display none -monitor none -serial file:" +
                                output.path() + " -bios " + program.path() + " </dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::ifstream file(output.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    std::string said = text.str();
    said.erase(std::remove(said.begin(), said.end(), '\r'), said.end());
    return said;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise)
{
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 0);
}

#ifdef __SANITIZE_ADDRESS__ // several times slower
constexpr std::uint64_t usual_checkpoints = 20000;
#else
constexpr std::uint64_t usual_checkpoints = 150000; // 13 million random instructions
#endif

/// The first line in which two texts differ, from 1; 0: none.
std::size_t first_difference(const std::string& a, const std::string& b)
{
    std::istringstream lines_a(a), lines_b(b);
    std::string line_a, line_b;
    for (std::size_t number = 1;; ++number) {
        const bool more_a = static_cast<bool>(std::getline(lines_a, line_a)),
                   more_b = static_cast<bool>(std::getline(lines_b, line_b));
        if (!more_a && !more_b)
            return 0;
        if (more_a != more_b || line_a != line_b)
            return number;
    }
}

} // namespace

TEST(rv64_lockstep, both_forms_print_the_same)
{
    random_program program;
    program.checkpoints = 4000;
    const std::vector<std::uint8_t> image = program.image();
    virt_board threaded(image, rv64::dispatch::threaded), plain(image, rv64::dispatch::plain);
    const std::string output = threaded.run();
    EXPECT_EQ(output.size(), (4000 / program.period) * 9u);
    EXPECT_EQ(plain.run(), output);
    EXPECT_EQ(plain.hart().cycle(), threaded.hart().cycle());
    EXPECT_GT(threaded.hart().traps(), 8000u); // beside checkpoints
}

TEST(rv64_lockstep, qemu_prints_the_same)
{
    if (std::system("qemu-system-riscv64 --version >/dev/null 2>&1") != 0)
        GTEST_SKIP() << "qemu-system-riscv64 is not installed";
    random_program program;
    program.seed = static_cast<std::uint32_t>(from_environment("LOAS_LOCKSTEP_SEED", 1));
    program.checkpoints = from_environment("LOAS_LOCKSTEP_CHECKPOINTS", usual_checkpoints);
    const std::string here = virt_board(program.image(), rv64::dispatch::threaded).run();
    const std::size_t line = first_difference(here, run_qemu(program.image()));
    if (line == 0)
        return;
    // Again up to there, with each checkpoint.
    program.checkpoints = line * program.period;
    program.period = 1;
    const std::size_t checkpoint =
        first_difference(virt_board(program.image(), rv64::dispatch::threaded).run(), run_qemu(program.image()));
    FAIL() << "seed " << program.seed << ": line " << line << ", checkpoint " << checkpoint << " of " << program.blocks
           << " blocks in turn differs";
}
