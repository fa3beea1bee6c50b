#include "models/memory/memory_system.h"

#include "models/memory/fixed_memory.h"

#include <sstream>

namespace loas::memory
{

memory_system::memory_system(const sc_core::sc_module_name& name, const memory_system_parameters& parameters,
                             kernel::event_wheel& wheel, kernel::links& links)
    : sc_module(name), m_links(links), m_checked(parameters.behind.check_commands)
{
    const fixed_memory_parameters ideal{sc_core::SC_ZERO_TIME, 0, false}; // the cache counts its fills
    if (parameters.cached && parameters.dram_ideal)
        m_backend = std::make_unique<fixed_memory>("fixed", ideal);
    else
        m_backend = parameters.make(parameters.cached ? "dram" : "fixed", parameters.behind, wheel);
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
    m_cache->set_room(*m_backend);
    m_backend->answer_at_edges_of(parameters.xbar.clock);
    links.connect("cache_to_dram", m_cache->memory_out(), m_backend->target());
}

void memory_system::collect(observe::counter_set& counters, observe::memory_statistics& statistics) const
{
    if (m_xbar)
        m_xbar->collect(counters, statistics);
    if (m_cache)
        m_cache->collect(counters);
    m_backend->collect(counters, statistics);
}

void memory_system::begin_layer()
{
    m_backend->idle_until(sc_core::sc_time_stamp().value());
    m_counters_before = {};
    m_statistics_before = {};
    collect(m_counters_before, m_statistics_before);
}

/// A layer is done when what it wrote is in memory: its figures have all of it, and so has whoever reads there without
/// asking memory's queues.
void memory_system::end_layer(observe::layer_outcome& outcome)
{
    const auto now_ps = [] { return sc_core::sc_time_stamp().value(); };
    m_backend->idle_until(now_ps());
    for (std::uint64_t until_ps; (until_ps = m_backend->posted_until_ps()) != 0;) {
        wait(sc_core::sc_time::from_value(until_ps > now_ps() ? until_ps - now_ps() : 1));
        m_backend->idle_until(now_ps());
    }
    observe::counter_set counters;
    observe::memory_statistics statistics;
    collect(counters, statistics);
    counters.subtract(m_counters_before);
    statistics.subtract(m_statistics_before);
    outcome.counters.merge_with(counters);
    outcome.memory.add(statistics);
    check_cache();
}

/// A host whose accesses are timed may have some under way; then a later layer is looked at.
void memory_system::check_cache()
{
    if (!m_checked || !m_cache || !m_stale.empty() || !m_cache->quiet())
        return;
    const std::vector<std::uint64_t> stale = m_cache->stale_lines();
    if (stale.empty())
        return;
    std::ostringstream text;
    text << "cache: " << stale.size() << " unchanged lines are not what memory holds, the first at 0x" << std::hex
         << stale.front();
    m_stale = text.str();
}

std::vector<std::string> memory_system::violations() const
{
    std::vector<std::string> all;
    if (!m_stale.empty())
        all.push_back(m_stale);
    for (const std::string& each : m_backend->violations())
        all.push_back("DRAM: " + each);
    return all;
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
    add(m_backend->describe());
    return text;
}

} // namespace loas::memory
