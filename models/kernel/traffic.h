// What an initiator says of a transaction beside command and address.
#pragma once

#include "models/kernel/requester.h"
#include "models/observe/operand.h"

#include <array>
#include <cstdint>
#include <tlm>

namespace loas::kernel
{

/// A read of neighbouring lines as one transaction, each of them asked for and answered at its own time. A target that
/// knows nothing of it answers all of them at once.
struct line_run {
    static constexpr std::uint32_t most_lines = 8;

    std::uint32_t lines = 1;   ///< of equal length
    std::uint64_t step_ps = 0; ///< line i is asked for i of these after the transaction began
    // Set by the target, which tells by lines_ready() on the backward path, and by BEGIN_RESP of the last ones.
    std::uint32_t ready = 0; ///< bit i: it is known when line i is there
    std::array<std::uint64_t, most_lines> ready_ps, refresh_ps;
};

/// An extended phase: more lines of a run are ready, or will be at the times that the run says.
const tlm::tlm_phase& lines_ready();

/// Travels with a payload that goes to memory. Targets must do without it: then the access is of nobody and of no known
/// kind, as the host's are.
struct traffic : tlm::tlm_extension<traffic> {
    requester by;
    observe::operand kind = observe::operand::count;
    bool broadcast = false;       ///< what is read goes to all tiles at once
    // Or to so many neighbours of the port, which are other tiles'.
    std::uint16_t ports_before = 0, ports_behind = 0;
    bool nothing_before = false;  ///< nobody has scheduled anything before the access's own time, delay included
    bool last_use = false;        ///< nobody reads these bytes again: a cache need not write back lines of nothing else
    bool served_ahead = false;    ///< set by the target: it has scheduled nothing, and no time has passed
    std::uint64_t refresh_ps = 0; ///< set by the target: how long the access waited for a DRAM refresh
    line_run run;

    tlm::tlm_extension_base* clone() const override { return new traffic(*this); }
    void copy_from(const tlm::tlm_extension_base& other) override { *this = static_cast<const traffic&>(other); }

    static observe::operand kind_of(const tlm::tlm_generic_payload& access)
    {
        const traffic* found = access.get_extension<traffic>();
        return found != nullptr ? found->kind : observe::operand::count;
    }
    static bool nothing_before_it(const tlm::tlm_generic_payload& access)
    {
        const traffic* found = access.get_extension<traffic>();
        return found != nullptr && found->nothing_before;
    }
    static void tell_served_ahead(const tlm::tlm_generic_payload& access)
    {
        if (traffic* found = access.get_extension<traffic>())
            found->served_ahead = true;
    }
    static requester requester_of(const tlm::tlm_generic_payload& access)
    {
        const traffic* found = access.get_extension<traffic>();
        return found != nullptr ? found->by : requester();
    }
};

/// A payload that its owner uses again and again, with what is said of it.
struct described_payload : tlm::tlm_generic_payload {
    traffic about;

    explicit described_payload(const requester& by = {})
    {
        about.by = by;
        set_extension(&about);
    }
    ~described_payload() override { clear_extension(&about); } // a member, not the payload's to delete
};

} // namespace loas::kernel
