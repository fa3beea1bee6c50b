#include "models/kernel/link_observer.h"

#include <algorithm>

namespace loas::kernel
{
namespace
{

std::uint64_t time_of(const link_call& call)
{
    return (sc_core::sc_time_stamp() + call.delay).value();
}

} // namespace

std::uint64_t transaction_observer::called(const link_call& call)
{
    if (call.by == link_call::way::blocking || (call.by == link_call::way::forward && call.phase == tlm::BEGIN_REQ))
        begin(call);
    else if (call.by == link_call::way::backward && call.phase == tlm::BEGIN_RESP)
        end(call);
    return 0;
}

void transaction_observer::returned(const link_call& given, const link_call& back, std::uint64_t)
{
    if (given.by == link_call::way::blocking ||
        (given.by == link_call::way::forward && given.phase == tlm::BEGIN_REQ &&
         (back.answer == tlm::TLM_COMPLETED || (back.answer == tlm::TLM_UPDATED && back.phase == tlm::BEGIN_RESP))))
        end(back);
}

void transaction_observer::abandoned(const link_call& given, std::uint64_t)
{
    forget(given.payload);
}

void transaction_observer::begin(const link_call& call)
{
    const tlm::tlm_generic_payload& payload = call.payload;
    forget(payload); // what began in it and never ended
    m_open.push_back({&payload,
                      {time_of(call), 0, payload.get_command(), payload.get_address(), payload.get_data_length(),
                       tlm::TLM_INCOMPLETE_RESPONSE, traffic::requester_of(payload), traffic::kind_of(payload)}});
}

void transaction_observer::end(const link_call& call)
{
    const auto found = std::find_if(m_open.rbegin(), m_open.rend(),
                                    [&](const open_transaction& each) { return each.payload == &call.payload; });
    if (found == m_open.rend())
        return; // told already
    transaction_record record = found->record;
    *found = m_open.back();
    m_open.pop_back();
    record.end_ps = time_of(call);
    record.response = call.payload.get_response_status();
    transaction_ended(record);
}

void transaction_observer::forget(const tlm::tlm_generic_payload& payload)
{
    m_open.erase(std::remove_if(m_open.begin(), m_open.end(),
                                [&](const open_transaction& each) { return each.payload == &payload; }),
                 m_open.end());
}

} // namespace loas::kernel
