#include "platform/process/errors.h"

#include "platform/text/user_error.h"

#include <new>
#include <string>
#include <sys/resource.h>

namespace loas::process
{
namespace
{

/// As we were started; children may get less.
const rlim_t memory_limit = [] {
    rlimit now{};
    return ::getrlimit(RLIMIT_AS, &now) == 0 ? now.rlim_cur : RLIM_INFINITY;
}();

} // namespace

std::string no_memory()
{
    if (memory_limit == RLIM_INFINITY)
        return "not enough memory on this computer for the machine of the scenario";
    return "not enough memory for the machine of the scenario: this process may take " +
           std::to_string(memory_limit >> 20) + " MiB; ulimit -v raises that";
}

failure current_failure()
{
    try {
        throw;
    } catch (const text::user_error& mistake) {
        return {exit_code::user_mistake, mistake.what()};
    } catch (const guest_error& gave_up) {
        return {exit_code::guest_failed, gave_up.what()};
    } catch (const stuck_error& stuck) {
        return {exit_code::stuck, stuck.what()};
    } catch (const std::bad_alloc&) {
        return {exit_code::user_mistake, no_memory()};
    } catch (const std::exception& bug) {
        return {exit_code::our_bug, bug.what()};
    }
}

} // namespace loas::process
