#include "models/kernel/link_monitor.h"

#include <algorithm>
#include <cctype>
#include <sstream>

namespace loas::kernel
{
namespace
{

bool is_extended(const tlm::tlm_phase& phase)
{
    return phase > static_cast<unsigned>(tlm::END_RESP);
}

template <typename attributes> std::string words_of(const attributes& of)
{
    std::ostringstream text;
    text << (of.command == tlm::TLM_READ_COMMAND    ? "read"
             : of.command == tlm::TLM_WRITE_COMMAND ? "write"
                                                    : "transfer")
         << " of " << of.length << " bytes at 0x" << std::hex << of.address;
    return text.str();
}

} // namespace

link_monitor::attributes::attributes(const tlm::tlm_generic_payload& payload)
    : command(payload.get_command()), length(payload.get_data_length()), address(payload.get_address()),
      data(payload.get_data_ptr()), byte_enables(payload.get_byte_enable_ptr()),
      byte_enable_length(payload.get_byte_enable_length()), streaming_width(payload.get_streaming_width()),
      option(payload.get_gp_option())
{
}

link_monitor::link_monitor(const sc_core::sc_module_name& name, std::string link, link_violations& violations)
    : sc_module(name), m_link(std::move(link)), m_violations(violations)
{
    from.register_b_transport(this, &link_monitor::b_transport);
    from.register_nb_transport_fw(this, &link_monitor::nb_transport_fw);
    from.register_transport_dbg(this, &link_monitor::transport_dbg);
    from.register_get_direct_mem_ptr(this, &link_monitor::get_direct_mem_ptr);
    to.register_nb_transport_bw(this, &link_monitor::nb_transport_bw);
    to.register_invalidate_direct_mem_ptr(this, &link_monitor::invalidate_direct_mem_ptr);
}

void link_monitor::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay)
{
    const std::uint64_t serial = begin(payload, state::blocking, delay);
    try {
        to->b_transport(payload, delay);
    } catch (...) { // also how the kernel ends a process: its payload's memory may serve another one next
        if (transaction* aborted = find(payload, serial))
            end(*aborted);
        throw;
    }
    if (transaction* done = find(payload, serial)) {
        check_unchanged(*done);
        check_response(*done);
        check_time(*done, delay);
        end(*done);
    }
}

// After a call, a transaction is looked up again: the callee may have begun and ended others, in the same payload too.
tlm::tlm_sync_enum link_monitor::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay)
{
    const tlm::tlm_phase sent = phase;
    const sc_core::sc_time sent_delay = delay;
    const attributes given(payload);
    std::uint64_t serial = 0;
    if (phase == tlm::BEGIN_REQ) {
        serial = begin(payload, state::requested, delay);
    } else if (transaction* of = continued(payload, phase, delay)) {
        serial = of->serial;
        initiator_sends(*of, phase);
    }

    const tlm::tlm_sync_enum answer = to->nb_transport_fw(payload, phase, delay);

    if (answer == tlm::TLM_ACCEPTED) {
        check_accepted(given, sent, phase, sent_delay, delay);
    } else if (transaction* of = find(payload, serial)) {
        check_unchanged(*of);
        check_time(*of, delay);
        if (answer == tlm::TLM_UPDATED) {
            target_sends(*of, phase);
        } else {
            if (sent != tlm::BEGIN_REQ)
                violation(given, std::string("TLM_COMPLETED in answer to ") + sent.get_name() +
                                     " on the forward path, where it may answer BEGIN_REQ and END_RESP (15.2.3 f)");
            complete_early(*of);
        }
    } else if (serial != 0 && (answer == tlm::TLM_UPDATED || sent != tlm::END_RESP)) {
        violation(given, std::string("answer to ") + sent.get_name() +
                             " goes on with a transaction that has ended on this link (15.2.4)");
    }
    return answer;
}

// The initiator may give the payload back within the call: nothing is read from it afterwards.
tlm::tlm_sync_enum link_monitor::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                 sc_core::sc_time& delay)
{
    const tlm::tlm_phase sent = phase;
    const sc_core::sc_time sent_delay = delay;
    const attributes given(payload);
    std::uint64_t serial = 0;
    if (transaction* of = continued(payload, phase, delay)) {
        serial = of->serial;
        target_sends(*of, phase);
    }

    const tlm::tlm_sync_enum answer = from->nb_transport_bw(payload, phase, delay);

    if (answer == tlm::TLM_ACCEPTED) {
        check_accepted(given, sent, phase, sent_delay, delay);
    } else if (transaction* of = find(payload, serial)) {
        check_time(*of, delay);
        if (answer == tlm::TLM_UPDATED) {
            initiator_sends(*of, phase);
        } else {
            if (sent != tlm::BEGIN_RESP)
                violation(given, std::string("TLM_COMPLETED in answer to ") + sent.get_name() +
                                     " on the backward path, where it may answer BEGIN_RESP only (15.2.3 f)");
            end(*of);
        }
    } else if (serial != 0) {
        violation(given, std::string("answer to ") + sent.get_name() +
                             " goes on with a transaction that has ended on this link (15.2.4)");
    }
    return answer;
}

unsigned link_monitor::transport_dbg(tlm::tlm_generic_payload& payload)
{
    return to->transport_dbg(payload);
}

bool link_monitor::get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi)
{
    return to->get_direct_mem_ptr(payload, dmi);
}

void link_monitor::invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end)
{
    from->invalidate_direct_mem_ptr(start, end);
}

std::uint64_t link_monitor::begin(const tlm::tlm_generic_payload& payload, state where, const sc_core::sc_time& delay)
{
    const attributes given(payload);
    const sc_core::sc_time& now = sc_core::sc_time_stamp();
    if (transaction* earlier = find(payload)) {
        violation(given,
                  earlier->where == state::blocking && where == state::blocking
                      ? "b_transport with a payload that is in b_transport on this link (15.2.8 d)"
                  : earlier->where == state::blocking || where == state::blocking
                      ? "both b_transport and nb_transport for one transaction (15.2.10 c)"
                      : "BEGIN_REQ with a payload whose transaction has not ended on this link (15.2.4, 14.5 x)");
        end(*earlier);
    }
    check_begin(payload, given);
    const std::uint64_t serial = ++m_begun;
    if (where != state::blocking) {
        if (!payload.has_mm())
            violation(given, "nb_transport with a payload that has no memory manager (14.5 i)");
        if (m_requesting != 0)
            violation(given, "request exclusion rule: BEGIN_REQ while an earlier request has had neither END_REQ nor "
                             "BEGIN_RESP nor TLM_COMPLETED (15.2.6 e)");
        m_requesting = serial;
    }
    m_open.push_back({&payload, serial, where, given, now, now + delay});
    return serial;
}

void link_monitor::check_begin(const tlm::tlm_generic_payload& payload, const attributes& given)
{
    const bool moves_data = given.command == tlm::TLM_READ_COMMAND || given.command == tlm::TLM_WRITE_COMMAND;
    if (!moves_data && given.command != tlm::TLM_IGNORE_COMMAND)
        violation(given, "command is none of read, write and ignore (14.9)");
    if (moves_data && given.data == nullptr)
        violation(given, "data pointer of a read or write is null (14.11 e)");
    if (moves_data && given.length == 0)
        violation(given, "data length of a read or write is 0 (14.12 d)");
    if (given.byte_enables != nullptr && given.byte_enable_length == 0)
        violation(given, "byte enable length is 0 with a byte enable pointer (14.14 f)");
    if (given.streaming_width == 0)
        violation(given, "streaming width is 0 (14.15 f)");
    if (given.option != tlm::TLM_MIN_PAYLOAD)
        violation(given, "option is not TLM_MIN_PAYLOAD in a transport call (14.8 g)");
    if (payload.is_dmi_allowed())
        violation(given, "DMI hint is set before the target has seen the transaction (14.16 c, 14.7 h)");
    if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE)
        violation(given, "response status is not TLM_INCOMPLETE_RESPONSE at the beginning (14.17 e)");
}

link_monitor::transaction* link_monitor::continued(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                                                   const sc_core::sc_time& delay)
{
    transaction* of = find(payload);
    if (of == nullptr || of->where == state::blocking) {
        violation(attributes(payload), std::string(phase.get_name()) +
                                           " of a transaction that is not in progress by nb_transport on this link "
                                           "(15.2.4, 15.2.5 e)");
        return nullptr;
    }
    check_unchanged(*of);
    check_time(*of, delay);
    return of;
}

void link_monitor::initiator_sends(transaction& of, const tlm::tlm_phase& phase)
{
    if (is_extended(phase))
        return;
    if (phase != tlm::END_RESP) {
        violation(of.given, std::string(phase.get_name()) +
                                " sent by the initiator, which after BEGIN_REQ may send END_RESP only (15.2.3 c)");
        return;
    }
    if (of.where != state::responding)
        violation(of.given, "END_RESP before BEGIN_RESP (15.2.4)");
    end(of);
}

void link_monitor::target_sends(transaction& of, const tlm::tlm_phase& phase)
{
    if (is_extended(phase))
        return;
    if (phase == tlm::END_REQ) {
        if (of.where != state::requested)
            violation(of.given, "END_REQ although the request has ended (15.2.4)");
        else
            of.where = state::accepted;
    } else if (phase == tlm::BEGIN_RESP) {
        if (of.where == state::responding)
            violation(of.given, "BEGIN_RESP a second time (15.2.4)");
        else if (m_responding != 0)
            violation(of.given,
                      "response exclusion rule: BEGIN_RESP while an earlier response has had neither END_RESP "
                      "nor TLM_COMPLETED (15.2.6 f)");
        check_response(of);
        of.where = state::responding;
        m_responding = of.serial;
    } else {
        violation(of.given, std::string(phase.get_name()) +
                                " sent by the target, which may send END_REQ and BEGIN_RESP (15.2.3 c)");
        return;
    }
    if (m_requesting == of.serial)
        m_requesting = 0;
}

void link_monitor::complete_early(transaction& of)
{
    if (m_responding != 0 && m_responding != of.serial)
        violation(of.given,
                  "response exclusion rule: TLM_COMPLETED in answer to BEGIN_REQ while an earlier response has "
                  "had neither END_RESP nor TLM_COMPLETED (15.2.3 i)");
    check_response(of);
    end(of);
}

void link_monitor::check_accepted(const attributes& given, const tlm::tlm_phase& sent, const tlm::tlm_phase& phase,
                                  const sc_core::sc_time& sent_delay, const sc_core::sc_time& delay)
{
    if (phase != sent)
        violation(given, std::string("TLM_ACCEPTED, but the phase was changed from ") + sent.get_name() + " to " +
                             phase.get_name() + " (15.2.4 f)");
    if (delay != sent_delay)
        violation(given, "TLM_ACCEPTED, but the delay was changed (11.1.2.7)");
}

void link_monitor::check_response(const transaction& of)
{
    if (of.payload->get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        violation(of.given, "response status is still TLM_INCOMPLETE_RESPONSE with the response (14.17 k)");
}

void link_monitor::check_unchanged(transaction& of)
{
    const attributes now(*of.payload);
    const auto changed = [&](bool is, const char* what) {
        if (is)
            violation(of.given, std::string(what) + " was changed during the transaction (14.7)");
    };
    changed(now.command != of.given.command, "command");
    changed(now.data != of.given.data, "data pointer");
    changed(now.length != of.given.length, "data length");
    changed(now.byte_enables != of.given.byte_enables, "byte enable pointer");
    changed(now.byte_enable_length != of.given.byte_enable_length, "byte enable length");
    changed(now.streaming_width != of.given.streaming_width, "streaming width");
    changed(now.option != of.given.option, "option");
    of.given = now; // told once
}

void link_monitor::check_time(transaction& of, const sc_core::sc_time& delay)
{
    const sc_core::sc_time effective = sc_core::sc_time_stamp() + delay;
    if (effective < of.latest)
        violation(of.given, "goes back in time: " + effective.to_string() + " after " + of.latest.to_string() +
                                ", annotations included (15.2.7 c)");
    of.latest = effective;
}

link_monitor::transaction* link_monitor::find(const tlm::tlm_generic_payload& payload)
{
    for (std::size_t i = m_open.size(); i-- > 0;)
        if (m_open[i].payload == &payload)
            return &m_open[i];
    return nullptr;
}

link_monitor::transaction* link_monitor::find(const tlm::tlm_generic_payload& payload, std::uint64_t serial)
{
    transaction* found = find(payload);
    return found != nullptr && found->serial == serial ? found : nullptr;
}

void link_monitor::end(transaction& which)
{
    if (m_requesting == which.serial)
        m_requesting = 0;
    if (m_responding == which.serial)
        m_responding = 0;
    which = m_open.back();
    m_open.pop_back();
}

void link_monitor::violation(const attributes& of, const std::string& what)
{
    if (++m_violations.count <= link_violations::kept)
        m_violations.texts.push_back("link " + m_link + " at " + sc_core::sc_time_stamp().to_string() + ", " +
                                     words_of(of) + ": " + what);
}

void link_monitor::list_open(std::vector<std::string>& texts) const
{
    std::vector<transaction> open = m_open;
    std::sort(open.begin(), open.end(), [](const auto& a, const auto& b) { return a.serial < b.serial; });
    for (const transaction& each : open) {
        const char* waits = each.where == state::blocking    ? "b_transport has not returned"
                            : each.where == state::requested ? "waits for END_REQ or BEGIN_RESP"
                            : each.where == state::accepted  ? "waits for BEGIN_RESP"
                                                             : "waits for END_RESP";
        texts.push_back("link " + m_link + ": " + words_of(each.given) + ", begun at " + each.begun.to_string() + ", " +
                        waits);
    }
}

link_monitor& links::add(const std::string& name)
{
    std::string module_name = "link_" + name;
    for (char& letter : module_name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0)
            letter = '_'; // what SystemC takes in a name
    m_monitors.push_back(
        std::make_unique<link_monitor>(sc_core::sc_gen_unique_name(module_name.c_str()), name, m_violations));
    return *m_monitors.back();
}

std::uint64_t links::transactions() const
{
    std::uint64_t total = 0;
    for (const auto& monitor : m_monitors)
        total += monitor->transactions();
    return total;
}

std::vector<std::string> links::open() const
{
    std::vector<std::string> texts;
    for (const auto& monitor : m_monitors)
        monitor->list_open(texts);
    return texts;
}

} // namespace loas::kernel
