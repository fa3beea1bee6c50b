#include "models/memory/memory_system.h"

namespace loas::memory
{

memory_system::memory_system(const sc_core::sc_module_name& name, const memory_system_parameters& parameters,
                             kernel::event_wheel& wheel, kernel::links& links)
    : sc_module(name), m_links(links)
{
    if (parameters.cached && !parameters.dram_ideal) {
        m_dram = std::make_unique<dram_controller>("dram", parameters.dram, wheel, parameters.lose_response);
        if (parameters.check_commands) {
            m_checker = std::make_unique<dram::command_checker>(parameters.dram);
            m_dram->set_observer(m_checker.get());
        }
    } else {
        const fixed_memory_parameters ideal{sc_core::SC_ZERO_TIME, 0, false}; // the cache counts its fills
        m_fixed = std::make_unique<fixed_memory>("fixed", parameters.cached ? ideal : parameters.fixed);
    }
    if (parameters.host_timed)
        m_host = std::make_unique<host_port>("host", parameters.xbar.clock, wheel);
    else
        m_coherence = std::make_unique<coherence_point>("coherence");
    if (!parameters.cached)
        return;
    m_cache = std::make_unique<global_cache>("cache", parameters.cache, parameters.xbar.clock, wheel);
    m_xbar = std::make_unique<crossbar>("crossbar", parameters.xbar, wheel);
    m_xbar->cache.bind(*m_cache);
    if (m_coherence)
        m_coherence->set_cache(m_cache.get());
    else
        m_cache->share();
    if (m_dram)
        links.connect("cache_to_dram", m_cache->memory_out(), m_dram->memory_in);
    else
        links.connect("cache_to_dram", m_cache->memory_out(), m_fixed->memory_in);
}

void memory_system::collect(observe::counter_set& counters, observe::memory_statistics& statistics) const
{
    if (m_xbar)
        m_xbar->collect(counters, statistics);
    if (m_cache)
        m_cache->collect(counters);
    if (m_dram)
        m_dram->collect(counters, statistics);
    if (m_fixed)
        m_fixed->collect(counters);
}

void memory_system::begin_layer()
{
    if (m_dram)
        m_dram->idle_until(sc_core::sc_time_stamp().value());
    m_counters_before = {};
    m_statistics_before = {};
    collect(m_counters_before, m_statistics_before);
}

void memory_system::end_layer(observe::layer_outcome& outcome)
{
    if (m_dram)
        m_dram->idle_until(sc_core::sc_time_stamp().value());
    observe::counter_set counters;
    observe::memory_statistics statistics;
    collect(counters, statistics);
    counters.subtract(m_counters_before);
    statistics.subtract(m_statistics_before);
    outcome.counters.merge_with(counters);
    outcome.memory.add(statistics);
}

std::vector<std::string> memory_system::violations() const
{
    return m_checker ? m_checker->violations() : std::vector<std::string>();
}

std::string memory_system::describe() const
{
    std::string text;
    const auto add = [&text](const std::string& part) {
        if (!part.empty())
            text += (text.empty() ? "" : "; ") + part;
    };
    if (m_xbar)
        add(m_xbar->describe());
    if (m_cache)
        add(m_cache->describe());
    if (m_dram)
        add(m_dram->describe());
    return text;
}

} // namespace loas::memory
