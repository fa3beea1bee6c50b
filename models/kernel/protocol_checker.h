// The observer of a TLM link that looks for breaches of the base protocol.
//
// A rule is told with its place in IEEE 1666-2011, clauses 14 (generic payload) and 15 (base protocol). Not checked,
// because it would cost a copy of every data array: that nobody but the target of a read writes to it.
#pragma once

#include "models/kernel/links.h"

#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace loas::kernel
{

struct link_violations {
    static constexpr std::size_t kept = 20; // the first ones tell; a broken model makes millions

    std::vector<std::string> texts; ///< the first `kept`
    std::uint64_t count = 0;
};

class protocol_checker : public link_observer
{
public:
    /// link: its name in the texts. violations must outlive the checker.
    protocol_checker(std::string link, link_violations& violations);

    std::uint64_t called(const link_call& call) override;
    void returned(const link_call& given, const link_call& back, std::uint64_t serial) override;
    void abandoned(const link_call& given, std::uint64_t serial) override;

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

    void forward_returned(const attributes& sent, const link_call& given, const link_call& back, std::uint64_t serial);
    void backward_returned(const attributes& sent, const link_call& given, const link_call& back, std::uint64_t serial);
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
    std::vector<attributes> m_sent;  // of non-blocking calls under way, which are nested
    std::uint64_t m_begun = 0;
    std::uint64_t m_requesting = 0; // serial of the transaction that holds the request channel; 0: none
    std::uint64_t m_responding = 0;
};

/// The checkers of all links.
class protocol_checks
{
public:
    /// For links::observe(); the links must not outlive the checks.
    observer_maker maker();

    /// The first breaches on any link, in words.
    const std::vector<std::string>& violations() const { return m_violations.texts; }
    std::uint64_t violation_count() const { return m_violations.count; }
    /// Begun on checked links; one that passes several links counts on each.
    std::uint64_t transactions() const;
    /// Begun on checked links and not ended, in words.
    std::vector<std::string> open() const;

private:
    link_violations m_violations;
    std::vector<const protocol_checker*> m_checkers; ///< the links own them
};

/// Links that are checked, if one wants that, and observed by others beside.
class checked_links : public protocol_checks, public links
{
public:
    explicit checked_links(bool checked, const std::vector<observer_maker>& others = {})
    {
        if (checked)
            observe(maker());
        for (const observer_maker& each : others)
            observe(each);
    }
};

} // namespace loas::kernel
