#include "platform/run/host_times.h"

#include <fmt/format.h>

#include <algorithm>
#include <sys/resource.h>

namespace loas::run
{

void host_times::add(const host_times& other)
{
    load += other.load;
    build += other.build;
    prepare += other.prepare;
    simulate += other.simulate;
    account += other.account;
    report += other.report;
    first_cycle += other.first_cycle;
}

std::string to_text(const host_times& times)
{
    rusage usage{}, children{};
    ::getrusage(RUSAGE_SELF, &usage);
    ::getrusage(RUSAGE_CHILDREN, &children);
    return fmt::format("host ms: load {:.1f}, build {:.1f}, prepare {:.1f}, simulate {:.1f}, account {:.1f}, "
                       "report {:.1f}, to first cycle {:.1f}; peak KiB: {}\n",
                       1e3 * times.load, 1e3 * times.build, 1e3 * times.prepare, 1e3 * times.simulate,
                       1e3 * times.account, 1e3 * times.report, 1e3 * times.first_cycle,
                       std::max(usage.ru_maxrss, children.ru_maxrss));
}

} // namespace loas::run
