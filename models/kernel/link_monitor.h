// Watches a TLM link for breaches of the base protocol. Where links are checked, a monitor sits in each of them and
// passes every call on as it is: same payload, phase and delay, at once.
//
// A rule is told with its place in IEEE 1666-2011, clauses 14 (generic payload) and 15 (base protocol). Not checked,
// because it would cost a copy of every data array: that nobody but the target of a read writes to it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace loas::kernel
{

struct link_violations {
    static constexpr std::size_t kept = 20; // the first ones tell; a broken model makes millions

    std::vector<std::string> texts; ///< the first `kept`
    std::uint64_t count = 0;
};

class link_monitor : public sc_core::sc_module
{
public:
    // Not a simple_target_socket, which brings processes and queues for conversions that a monitor must not do.
    tlm_utils::passthrough_target_socket<link_monitor> from{"from"};
    tlm_utils::simple_initiator_socket<link_monitor> to{"to"};

    /// link: its name in the texts. violations must outlive the monitor.
    link_monitor(const sc_core::sc_module_name& name, std::string link, link_violations& violations);

    /// Begun, by either interface.
    std::uint64_t transactions() const { return m_begun; }
    /// Appends those begun and not ended, in words, in the order in which they began.
    void list_open(std::vector<std::string>& texts) const;

private:
    enum class state { blocking, requested, accepted, responding };

    struct attributes {
        explicit attributes(const tlm::tlm_generic_payload& payload);

        tlm::tlm_command command;
        unsigned length;
        std::uint64_t address;
        const unsigned char* data;
        const unsigned char* byte_enables;
        unsigned byte_enable_length;
        unsigned streaming_width;
        tlm::tlm_gp_option option;
    };

    struct transaction {
        const tlm::tlm_generic_payload* payload;
        std::uint64_t serial; ///< tells it from a later one in the same payload
        state where;
        attributes given;
        sc_core::sc_time begun;
        sc_core::sc_time latest; ///< latest effective local time
    };

    void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                       sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& payload);
    bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi);
    void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end);

    std::uint64_t begin(const tlm::tlm_generic_payload& payload, state where, const sc_core::sc_time& delay);
    void check_begin(const tlm::tlm_generic_payload& payload, const attributes& given);
    transaction* continued(const tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                           const sc_core::sc_time& delay);
    void initiator_sends(transaction& of, const tlm::tlm_phase& phase);
    void target_sends(transaction& of, const tlm::tlm_phase& phase);
    void complete_early(transaction& of);
    void check_accepted(const attributes& given, const tlm::tlm_phase& sent, const tlm::tlm_phase& phase,
                        const sc_core::sc_time& sent_delay, const sc_core::sc_time& delay);
    void check_response(const transaction& of);
    void check_unchanged(transaction& of);
    void check_time(transaction& of, const sc_core::sc_time& delay);

    transaction* find(const tlm::tlm_generic_payload& payload);
    transaction* find(const tlm::tlm_generic_payload& payload, std::uint64_t serial);
    void end(transaction& which);
    void violation(const attributes& of, const std::string& what);

    std::string m_link;
    link_violations& m_violations;
    std::vector<transaction> m_open; // few: searched from the end
    std::uint64_t m_begun = 0;
    std::uint64_t m_requesting = 0; // serial of the transaction that holds the request channel; 0: none
    std::uint64_t m_responding = 0;
};

/// Wires initiators to targets, with a monitor in between or without. Lives as long as the modules it wires.
class links
{
public:
    explicit links(bool checked) : m_checked(checked) {}
    links(const links&) = delete;
    links& operator=(const links&) = delete;

    /// While modules are built; a target with several initiators numbers them in the order of these calls.
    template <typename initiator_socket, typename target_socket>
    void connect(const std::string& name, initiator_socket& initiator, target_socket& target)
    {
        if (!m_checked) {
            initiator.bind(target);
            return;
        }
        link_monitor& monitor = add(name);
        initiator.bind(monitor.from);
        monitor.to.bind(target);
    }

    /// The first breaches on any link, in words.
    const std::vector<std::string>& violations() const { return m_violations.texts; }
    std::uint64_t violation_count() const { return m_violations.count; }
    /// Begun on checked links; one that passes several links counts on each.
    std::uint64_t transactions() const;
    /// Begun on checked links and not ended, in words.
    std::vector<std::string> open() const;

private:
    link_monitor& add(const std::string& name);

    bool m_checked;
    link_violations m_violations;
    std::vector<std::unique_ptr<link_monitor>> m_monitors;
};

} // namespace loas::kernel
