// A hart with RAM and two devices, for tests: what a program does to them is written down.
#pragma once

#include "models/cores/rv64/hart.h"
#include "tests/unit/cores/rv64/assembler.h"

#include <array>
#include <cstring>
#include <vector>

namespace loas::test
{

class small_board : public rv64::bus
{
public:
    static constexpr std::uint64_t ram_base = 0x80000000, ram_bytes = 1U << 20;
    static constexpr std::uint64_t called_base = ram_base + 0xf0000; ///< RAM without pointers from here on
    static constexpr std::uint64_t rom_base = 0x1000;                ///< a page that cannot be written
    static constexpr std::uint64_t device = 0x10000000;              ///< 4096 bytes; reads give a count of accesses
    static constexpr std::uint64_t broken = device + 0x800;          ///< of it, what answers with errors
    static constexpr std::uint64_t stop = device + 0x700;            ///< a store here ends run_to_stop

    struct access {
        bool write;
        std::uint64_t address, bytes, value, cycle;
        bool operator==(const access& o) const
        {
            return write == o.write && address == o.address && bytes == o.bytes && value == o.value && cycle == o.cycle;
        }
    };

    std::vector<std::uint8_t> ram = std::vector<std::uint8_t>(ram_bytes);
    std::vector<std::uint8_t> rom = std::vector<std::uint8_t>(rv64::page_bytes);
    std::vector<access> accesses;
    bool stopped = false;
    rv64::hart hart;

    explicit small_board(rv64::dispatch form = rv64::dispatch::threaded, rv64::class_cycles cycles = {})
        : hart(*this, {cycles, 7, form})
    {
        hart.reset(ram_base);
    }

    void put(std::uint64_t address, const std::vector<std::uint32_t>& code)
    {
        std::memcpy(&ram[address - ram_base], code.data(), code.size() * 4);
        hart.written_by_others(address, code.size() * 4);
    }
    void put(std::uint64_t address, const std::vector<std::uint16_t>& code)
    {
        std::memcpy(&ram[address - ram_base], code.data(), code.size() * 2);
        hart.written_by_others(address, code.size() * 2);
    }
    template <typename number> number get(std::uint64_t address) const
    {
        number value;
        std::memcpy(&value, &ram[address - ram_base], sizeof value);
        return value;
    }
    template <typename number> void set(std::uint64_t address, number value)
    {
        std::memcpy(&ram[address - ram_base], &value, sizeof value);
    }
    std::uint64_t csr(unsigned number)
    {
        std::uint64_t value = 0;
        hart.read_csr(number, value);
        return value;
    }
    /// Runs so many instructions, whatever stops in between.
    void steps(unsigned count)
    {
        for (unsigned i = 0; i < count; ++i)
            hart.run_instructions(1, ~std::uint64_t{0});
    }
    /// Runs until the program has stored to `stop`; false: not within so many cycles.
    bool run_to_stop(std::uint64_t cycles = 100000000)
    {
        const std::uint64_t end = hart.cycle() + cycles;
        while (!stopped && hart.cycle() < end && hart.run(end) != rv64::hart::stop::waiting) {
        }
        return stopped;
    }

    rv64::page find_page(std::uint64_t address) override
    {
        if (address == rom_base)
            return {true, rom.data(), false};
        if (!in_ram(address, 1))
            return {};
        return {true, address < called_base ? &ram[address - ram_base] : nullptr, true};
    }
    rv64::access_end read(std::uint64_t address, void* to, std::size_t bytes) override
    {
        std::uint64_t value = accesses.size();
        if (in_ram(address, bytes))
            std::memcpy(&value, &ram[address - ram_base], bytes);
        std::memcpy(to, &value, bytes);
        return done(false, address, bytes, value);
    }
    rv64::access_end write(std::uint64_t address, const void* from, std::size_t bytes) override
    {
        std::uint64_t value = 0;
        std::memcpy(&value, from, bytes);
        if (in_ram(address, bytes))
            std::memcpy(&ram[address - ram_base], from, bytes);
        stopped |= address == stop;
        return done(true, address, bytes, value);
    }
    bool fetch(std::uint64_t address, void* to, std::size_t bytes) override
    {
        std::memcpy(to, &ram[address - ram_base], bytes);
        return true;
    }
    std::uint64_t time() override { return hart.cycle() / 10; }

private:
    static bool in_ram(std::uint64_t address, std::uint64_t bytes)
    {
        return address >= ram_base && address - ram_base <= ram_bytes - bytes;
    }
    rv64::access_end done(bool write, std::uint64_t address, std::uint64_t bytes, std::uint64_t value)
    {
        const bool ok = in_ram(address, bytes) || (address >= device && address < broken);
        accesses.push_back({write, address, bytes, value, hart.cycle()});
        return {ok, device_cycles};
    }

    static constexpr std::uint64_t device_cycles = 9;
};

/// Each test in both forms of dispatch.
inline constexpr std::array<rv64::dispatch, 2> both_forms = {rv64::dispatch::threaded, rv64::dispatch::plain};

} // namespace loas::test
