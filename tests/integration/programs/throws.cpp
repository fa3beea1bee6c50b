// A program for the native CPU whose exception nobody catches.
#include "hal/loas_main.h"

#include <stdexcept>

int loas_main(const loas_hal*, int argc, char**)
{
    if (argc > 1)
        throw argc;
    throw std::runtime_error("nobody catches me");
}
