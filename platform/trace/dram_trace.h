// Files with what a DRAM was asked for: written by a run, read for a replay. The forms are on this room's page.
#pragma once

#include "models/memory/dram/burst_observer.h"
#include "models/memory/dram/replay.h"

#include <cstdint>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <vector>

namespace loas::trace
{

struct dram_trace {
    std::vector<dram::replay_request> requests; ///< a burst each, in the order of their times
    bool has_times = false;
    bool in_cycles = false; ///< DRAMSys's form
    std::vector<std::uint64_t> recorded_ps; ///< end of each request in the run that wrote it; empty: not said
};

/// An access that is not one whole burst becomes the bursts that it touches. cycle_ps: of the times in DRAMSys's form.
/// Throws text::user_error with all mistakes (at most 10), each with file and line.
dram_trace read_dram_trace(const std::filesystem::path& file, unsigned burst_bytes, std::uint64_t cycle_ps);

/// Writes our form. The file is there when finish() has been called; else none is left behind.
class dram_trace_writer : public dram::burst_observer
{
public:
    /// Throws text::user_error when the file cannot be written.
    dram_trace_writer(const std::filesystem::path& file, const dram::parameters& parameters);
    ~dram_trace_writer() override;
    dram_trace_writer(const dram_trace_writer&) = delete;
    dram_trace_writer& operator=(const dram_trace_writer&) = delete;

    void asked(const dram::asked_burst& burst) override;
    void answered(std::uint64_t number, std::uint64_t time_ps) override;

    /// What has not been answered is left out. Throws text::user_error, as when the disk is full.
    void finish();
    std::uint64_t written() const { return m_written; }

private:
    struct line {
        dram::asked_burst burst;
        std::uint64_t done_ps;
        bool done;
    };

    void write(const line& of);

    std::filesystem::path m_file, m_temporary;
    std::FILE* m_out;
    unsigned m_banks_per_group;
    std::deque<line> m_lines;  // asked for and not written; answers come in another order
    std::uint64_t m_first = 0; // number of the first one
    std::uint64_t m_written = 0;
};

} // namespace loas::trace
