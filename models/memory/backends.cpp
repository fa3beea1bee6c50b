// The backends that a scenario can choose, in the order of the option's words.
#include "models/memory/dram_controller.h"
#include "models/memory/fixed_memory.h"
#include "models/memory/memory_backend.h"

#include <algorithm>
#include <stdexcept>

namespace loas::memory
{

std::unique_ptr<memory_backend> make_dram(const char* name, const backend_settings& settings,
                                          kernel::event_wheel& wheel)
{
    auto made = std::make_unique<dram_controller>(name, settings.dram, wheel, settings.lose_response);
    if (settings.check_commands)
        made->check_commands(settings.dram);
    made->set_burst_observer(settings.burst_observer);
    return made;
}

std::unique_ptr<memory_backend> make_fixed(const char* name, const backend_settings& settings, kernel::event_wheel&)
{
    return std::make_unique<fixed_memory>(name,
                                          fixed_memory_parameters{settings.latency, settings.bandwidth_bytes_per_ns});
}

namespace
{

std::unique_ptr<memory_backend> make_ideal(const char* name, const backend_settings&, kernel::event_wheel&)
{
    return std::make_unique<fixed_memory>(name, fixed_memory_parameters{sc_core::SC_ZERO_TIME, 0});
}

/// The row is closed: activate, read, burst.
double idle_dram_ns(const memory_parameters&, const dram::parameters& dram)
{
    return dram.timing.t_rcd + dram.timing.t_cl +
           static_cast<double>(dram.burst_beats) / dram.beats_per_clock * dram.timing.t_ck;
}

double dram_peak(const memory_parameters&, const dram::parameters& dram)
{
    return dram.peak_bytes_per_ns();
}

double given_ns(const memory_parameters& memory, const dram::parameters&)
{
    return static_cast<double>(memory.latency_ns);
}

double given_bandwidth(const memory_parameters& memory, const dram::parameters&)
{
    return memory.bandwidth_gb_per_s;
}

double nothing(const memory_parameters&, const dram::parameters&)
{
    return 0;
}

} // namespace

// Backends in files of their own declare their rows here.

namespace
{

const std::vector<backend_row>& rows()
{
    static const std::vector<backend_row> list = {
        {{"dram", true, true, true, idle_dram_ns, dram_peak}, make_dram},
        {{"fixed", false, true, false, given_ns, given_bandwidth}, make_fixed},
        {{"ideal", false, false, false, nothing}, make_ideal},
    };
    return list;
}

} // namespace

const backend_row& backend_called(std::string_view word)
{
    const auto found =
        std::find_if(rows().begin(), rows().end(), [&](const backend_row& row) { return row.word == word; });
    if (found == rows().end())
        throw std::logic_error("no memory backend is called " + std::string(word));
    return *found;
}

const backend_facts& backend_facts_of(std::string_view word)
{
    return backend_called(word);
}

std::vector<std::string_view> backend_words()
{
    std::vector<std::string_view> words;
    for (const backend_row& each : rows())
        words.push_back(each.word);
    return words;
}

} // namespace loas::memory
