#include "models/control/dispatcher.h"

#include "models/kernel/access_check.h"

namespace loas::control
{

dispatcher::dispatcher(const sc_core::sc_module_name& name, const ring_parameters& parameters)
    : sc_module(name), m_limits(parameters.limits), m_rings("ring")
{
    if (parameters.rings == 0 || parameters.rings > LOAS_MAX_RINGS)
        SC_REPORT_FATAL(this->name(), "no ring, or more than the contract has room for");
    m_rings.init(parameters.rings, [&](const char* ring_name, std::size_t) {
        return new command_ring(ring_name, parameters, *this); // sc_vector deletes it
    });
    SC_THREAD(run);
}

void dispatcher::run()
{
    for (;;) {
        if (command_ring* ring = next_ready())
            serve(*ring);
        else
            wait(m_work);
    }
}

command_ring* dispatcher::next_ready()
{
    for (unsigned i = 0; i < rings(); ++i) {
        const unsigned candidate = (m_turn + i) % rings();
        if (!m_rings[candidate].ready())
            continue;
        m_turn = (candidate + 1) % rings();
        m_payload.about.by.ring = static_cast<std::uint16_t>(candidate);
        return &m_rings[candidate];
    }
    return nullptr;
}

void dispatcher::serve(command_ring& ring)
{
    ring_work work = ring.fetch();
    if (work.outcome.status == LOAS_STATUS_OK && ring.wants(work)) {
        check(work);
        if (work.outcome.status == LOAS_STATUS_OK && work.descriptor.opcode == LOAS_OP_RUN_LAYER)
            execute(ring, work); // a no-op is done; a fence has nothing to wait for, since a ring runs in order
    }
    ring.finish(work);
}

void dispatcher::check(ring_work& work) const
{
    std::vector<address_range> memory_of_rings;
    for (const command_ring& each : m_rings) {
        const std::vector<address_range> ranges = each.memory();
        memory_of_rings.insert(memory_of_rings.end(), ranges.begin(), ranges.end());
    }
    const check_result found = check_descriptor(work.descriptor, m_limits, memory_of_rings);
    work.outcome.status = found.status;
    work.outcome.error_address = found.address;
}

void dispatcher::execute(command_ring& ring, ring_work& work)
{
    if (m_observer != nullptr)
        m_observer->layer_started(work.descriptor);
    if (m_meter != nullptr)
        m_meter->begin_layer();
    work.outcome = executor->execute(work.descriptor);
    if (m_meter != nullptr)
        m_meter->end_layer(work.outcome);
    if (!ring.wants(work))
        return;
    if (work.outcome.status == LOAS_STATUS_OK)
        ring.count(work.outcome);
    if (m_observer != nullptr)
        m_observer->layer_finished(work.descriptor, work.outcome);
}

bool dispatcher::transfer(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t bytes)
{
    kernel::prepare(m_payload, command, address, data, bytes);
    sc_core::sc_time delay;
    dma_out->b_transport(m_payload, delay);
    wait(delay);
    return m_payload.is_response_ok();
}

std::string dispatcher::describe() const
{
    if (rings() == 1)
        return "command ring: " + m_rings[0].describe();
    std::string text;
    for (unsigned i = 0; i < rings(); ++i)
        text += (i == 0 ? "command ring " : "; command ring ") + std::to_string(i) + ": " + m_rings[i].describe();
    return text;
}

} // namespace loas::control
