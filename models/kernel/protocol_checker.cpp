#include "models/kernel/protocol_checker.h"

#include <algorithm>
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

protocol_checker::attributes::attributes(const tlm::tlm_generic_payload& payload)
    : command(payload.get_command()), length(payload.get_data_length()), address(payload.get_address()),
      data(payload.get_data_ptr()), byte_enables(payload.get_byte_enable_ptr()),
      byte_enable_length(payload.get_byte_enable_length()), streaming_width(payload.get_streaming_width()),
      option(payload.get_gp_option())
{
}

protocol_checker::protocol_checker(std::string link, link_violations& violations)
    : m_link(std::move(link)), m_violations(violations)
{
}

/// The transaction's serial; 0: it belongs to none.
std::uint64_t protocol_checker::called(const link_call& call)
{
    if (call.by == link_call::way::blocking)
        return begin(call.payload, state::blocking, call.delay);
    m_sent.emplace_back(call.payload);
    if (call.by == link_call::way::forward && call.phase == tlm::BEGIN_REQ)
        return begin(call.payload, state::requested, call.delay);
    transaction* of = continued(call.payload, call.phase, call.delay);
    if (of == nullptr)
        return 0;
    const std::uint64_t serial = of->serial;
    if (call.by == link_call::way::forward)
        initiator_sends(*of, call.phase);
    else
        target_sends(*of, call.phase);
    return serial;
}

// After a call, a transaction is looked up again: the callee may have begun and ended others, in the same payload too.
void protocol_checker::returned(const link_call& given, const link_call& back, std::uint64_t serial)
{
    if (given.by == link_call::way::blocking) {
        if (transaction* done = find(given.payload, serial)) {
            check_unchanged(*done);
            check_response(*done);
            check_time(*done, back.delay);
            end(*done);
        }
        return;
    }
    const attributes sent = m_sent.back();
    m_sent.pop_back();
    if (back.answer == tlm::TLM_ACCEPTED)
        check_accepted(sent, given.phase, back.phase, given.delay, back.delay);
    else if (given.by == link_call::way::forward)
        forward_returned(sent, given, back, serial);
    else
        backward_returned(sent, given, back, serial);
}

void protocol_checker::forward_returned(const attributes& sent, const link_call& given, const link_call& back,
                                        std::uint64_t serial)
{
    if (transaction* of = find(back.payload, serial)) {
        check_unchanged(*of);
        check_time(*of, back.delay);
        if (back.answer == tlm::TLM_UPDATED) {
            target_sends(*of, back.phase);
        } else {
            if (given.phase != tlm::BEGIN_REQ)
                violation(sent, std::string("TLM_COMPLETED in answer to ") + given.phase.get_name() +
                                    " on the forward path, where it may answer BEGIN_REQ and END_RESP (15.2.3 f)");
            complete_early(*of);
        }
    } else if (serial != 0 && (back.answer == tlm::TLM_UPDATED || given.phase != tlm::END_RESP)) {
        violation(sent, std::string("answer to ") + given.phase.get_name() +
                            " goes on with a transaction that has ended on this link (15.2.4)");
    }
}

// The initiator may have given the payload back within the call: nothing is read from it.
void protocol_checker::backward_returned(const attributes& sent, const link_call& given, const link_call& back,
                                         std::uint64_t serial)
{
    if (transaction* of = find(back.payload, serial)) {
        check_time(*of, back.delay);
        if (back.answer == tlm::TLM_UPDATED) {
            initiator_sends(*of, back.phase);
        } else {
            if (given.phase != tlm::BEGIN_RESP)
                violation(sent, std::string("TLM_COMPLETED in answer to ") + given.phase.get_name() +
                                    " on the backward path, where it may answer BEGIN_RESP only (15.2.3 f)");
            end(*of);
        }
    } else if (serial != 0) {
        violation(sent, std::string("answer to ") + given.phase.get_name() +
                            " goes on with a transaction that has ended on this link (15.2.4)");
    }
}

/// Its payload's memory may serve another transaction next.
void protocol_checker::abandoned(const link_call& given, std::uint64_t serial)
{
    if (transaction* aborted = find(given.payload, serial))
        end(*aborted);
}

std::uint64_t protocol_checker::begin(const tlm::tlm_generic_payload& payload, state where,
                                      const sc_core::sc_time& delay)
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

void protocol_checker::check_begin(const tlm::tlm_generic_payload& payload, const attributes& given)
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

protocol_checker::transaction* protocol_checker::continued(const tlm::tlm_generic_payload& payload,
                                                           const tlm::tlm_phase& phase, const sc_core::sc_time& delay)
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

void protocol_checker::initiator_sends(transaction& of, const tlm::tlm_phase& phase)
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

void protocol_checker::target_sends(transaction& of, const tlm::tlm_phase& phase)
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

void protocol_checker::complete_early(transaction& of)
{
    if (m_responding != 0 && m_responding != of.serial)
        violation(of.given,
                  "response exclusion rule: TLM_COMPLETED in answer to BEGIN_REQ while an earlier response has "
                  "had neither END_RESP nor TLM_COMPLETED (15.2.3 i)");
    check_response(of);
    end(of);
}

void protocol_checker::check_accepted(const attributes& given, const tlm::tlm_phase& sent, const tlm::tlm_phase& phase,
                                      const sc_core::sc_time& sent_delay, const sc_core::sc_time& delay)
{
    if (phase != sent)
        violation(given, std::string("TLM_ACCEPTED, but the phase was changed from ") + sent.get_name() + " to " +
                             phase.get_name() + " (15.2.4 f)");
    if (delay != sent_delay)
        violation(given, "TLM_ACCEPTED, but the delay was changed (11.1.2.7)");
}

void protocol_checker::check_response(const transaction& of)
{
    if (of.payload->get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE)
        violation(of.given, "response status is still TLM_INCOMPLETE_RESPONSE with the response (14.17 k)");
}

void protocol_checker::check_unchanged(transaction& of)
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

void protocol_checker::check_time(transaction& of, const sc_core::sc_time& delay)
{
    const sc_core::sc_time effective = sc_core::sc_time_stamp() + delay;
    if (effective < of.latest)
        violation(of.given, "goes back in time: " + effective.to_string() + " after " + of.latest.to_string() +
                                ", annotations included (15.2.7 c)");
    of.latest = effective;
}

protocol_checker::transaction* protocol_checker::find(const tlm::tlm_generic_payload& payload)
{
    for (std::size_t i = m_open.size(); i-- > 0;)
        if (m_open[i].payload == &payload)
            return &m_open[i];
    return nullptr;
}

protocol_checker::transaction* protocol_checker::find(const tlm::tlm_generic_payload& payload, std::uint64_t serial)
{
    transaction* found = find(payload);
    return found != nullptr && found->serial == serial ? found : nullptr;
}

void protocol_checker::end(transaction& which)
{
    if (m_requesting == which.serial)
        m_requesting = 0;
    if (m_responding == which.serial)
        m_responding = 0;
    which = m_open.back();
    m_open.pop_back();
}

void protocol_checker::violation(const attributes& of, const std::string& what)
{
    if (++m_violations.count <= link_violations::kept)
        m_violations.texts.push_back("link " + m_link + " at " + sc_core::sc_time_stamp().to_string() + ", " +
                                     words_of(of) + ": " + what);
}

void protocol_checker::list_open(std::vector<std::string>& texts) const
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

observer_maker protocol_checks::maker()
{
    return [this](const link_ends& link) {
        auto made = std::make_unique<protocol_checker>(link.name, m_violations);
        m_checkers.push_back(made.get());
        return made;
    };
}

std::uint64_t protocol_checks::transactions() const
{
    std::uint64_t total = 0;
    for (const protocol_checker* each : m_checkers)
        total += each->transactions();
    return total;
}

std::vector<std::string> protocol_checks::open() const
{
    std::vector<std::string> texts;
    for (const protocol_checker* each : m_checkers)
        each->list_open(texts);
    return texts;
}

} // namespace loas::kernel
