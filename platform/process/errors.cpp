#include "platform/process/errors.h"

#include "platform/text/user_error.h"

#include <new>

namespace loas::process
{

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
        return {exit_code::user_mistake, "not enough memory on this computer for the machine of the scenario"};
    } catch (const std::exception& bug) {
        return {exit_code::our_bug, bug.what()};
    }
}

} // namespace loas::process
