// Work in a process of its own: the SystemC kernel does not restart. The child's answer is a text.
#pragma once

#include "platform/process/errors.h"

#include <functional>
#include <string>
#include <sys/types.h>

namespace loas::process
{

struct child_process {
    pid_t process = -1;
    int pipe = -1; ///< where the answer comes from; its end is the child's end
};

struct child_outcome {
    exit_code code = exit_code::our_bug; ///< good: the answer is what the work returned; else: what() of what it threw
    int signal = 0;                      ///< that ended it; 0: none
};

/// Starts one, which ends with this process; to be called before anything of SystemC is made. Throws
/// std::runtime_error if there is no process.
/// @param work in the child
child_process start_child(const std::function<std::string()>& work);

/// What has come. False: that was the end. Waits if nothing has come yet.
bool read_some(const child_process& child, std::string& answer);

/// Ends it at once; end_of() is still to be called.
void stop_child(const child_process& child);

/// Waits for the end and lets go of it.
child_outcome end_of(const child_process& child);

} // namespace loas::process
