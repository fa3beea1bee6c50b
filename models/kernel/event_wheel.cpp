#include "models/kernel/event_wheel.h"

#include <systemc>

#include <cstdlib>
#include <string>

namespace loas::kernel
{

void event_wheel::refuse(std::uint64_t time_ps) const
{
    SC_REPORT_FATAL("event wheel", ("our mistake: something is started at " + std::to_string(time_ps) +
                                    " ps, in the past of others, who have come to " + std::to_string(m_now_ps) + " ps")
                                       .c_str());
    std::abort(); // where reports of this kind do not end the program
}

} // namespace loas::kernel
