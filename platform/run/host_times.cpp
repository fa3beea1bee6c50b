#include "platform/run/host_times.h"

#include <fmt/format.h>

#include <sys/resource.h>

namespace loas::run
{

std::string to_text(const host_times& times)
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return fmt::format("host ms: load {:.1f}, build {:.1f}, prepare {:.1f}, simulate {:.1f}, account {:.1f}, "
                       "report {:.1f}, to first cycle {:.1f}; peak KiB: {}\n",
                       1e3 * times.load, 1e3 * times.build, 1e3 * times.prepare, 1e3 * times.simulate,
                       1e3 * times.account, 1e3 * times.report, 1e3 * times.first_cycle, usage.ru_maxrss);
}

} // namespace loas::run
