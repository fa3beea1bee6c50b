// A mistake of the user: found before the simulation starts, told in words, exit code 2.
#pragma once

#include <stdexcept>

namespace loas::text
{

/// Thrown by every room of the platform when an input of the user is wrong. what() names the place (file:line, or the
/// option of the command line), the key, the value and what would be right; several mistakes are one per line.
class user_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

} // namespace loas::text
