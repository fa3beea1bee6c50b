// What can end a run, and the exit code for it. 0: good.
#pragma once

#include <stdexcept>
#include <string>

namespace loas::process
{

enum class exit_code : int {
    good = 0,
    different = 1,     ///< the result differs from the golden model, or a check failed
    user_mistake = 2,  ///< text::user_error
    guest_failed = 3,  ///< guest_error: the program on the simulated CPU gave up
    stuck = 4,         ///< stuck_error: deadlock or time-out
    our_bug = 5,       ///< anything else
    interrupted = 130, ///< a sweep, by SIGINT or SIGTERM
};

class guest_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class stuck_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

struct failure {
    exit_code code;
    std::string what; ///< for the user
};

/// Of the exception that is being handled.
failure current_failure();

/// What is said of std::bad_alloc.
std::string no_memory();

} // namespace loas::process
