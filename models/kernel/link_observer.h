// Who watches TLM links. An observer sees every call of a link as it is, before the callee does and when it is back,
// and changes nothing. Who only wants to know what was transferred, and not how, is a transaction_observer.
#pragma once

#include "models/kernel/traffic.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace loas::kernel
{

struct link_ends {
    std::string name; ///< of the link, as it was given
    std::string initiator, target;
};

struct link_call {
    enum class way { blocking, forward, backward };

    way by;
    /// After a backward call it may be gone: the initiator may give it back within the call.
    const tlm::tlm_generic_payload& payload;
    tlm::tlm_phase phase; ///< as it was given, or came back; meaningless when blocking
    sc_core::sc_time delay;
    tlm::tlm_sync_enum answer = tlm::TLM_ACCEPTED; ///< of what came back
};

class link_observer
{
public:
    virtual ~link_observer() = default;

    /// Before the callee. What it returns is handed to returned() or abandoned().
    virtual std::uint64_t called(const link_call& call) = 0;
    /// Calls of one link may be nested, and blocking ones overlap.
    virtual void returned(const link_call& given, const link_call& back, std::uint64_t token) = 0;
    /// A blocking call that ends by an exception, which is also how the kernel ends a process.
    virtual void abandoned(const link_call& given, std::uint64_t token) = 0;
};

/// Makes the observer of a link; nullptr: this link is not observed.
using observer_maker = std::function<std::unique_ptr<link_observer>(const link_ends& link)>;

/// A transaction whose response is there. Times include annotated delays.
struct transaction_record {
    std::uint64_t begin_ps = 0, end_ps = 0;
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;
    requester by;
    observe::operand kind = observe::operand::count; ///< count: none
};

class transaction_observer : public link_observer
{
public:
    /// When the response is there, so in the order of responses.
    virtual void transaction_ended(const transaction_record& what) = 0;

    std::uint64_t called(const link_call& call) final;
    void returned(const link_call& given, const link_call& back, std::uint64_t token) final;
    void abandoned(const link_call& given, std::uint64_t token) final;

private:
    struct open_transaction {
        const tlm::tlm_generic_payload* payload;
        transaction_record record;
    };

    void begin(const link_call& call);
    void end(const link_call& call);
    void forget(const tlm::tlm_generic_payload& payload);

    std::vector<open_transaction> m_open; // few: searched from the end
};

} // namespace loas::kernel
