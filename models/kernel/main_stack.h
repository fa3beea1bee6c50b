// For AddressSanitizer, when a simulation has ended.
#pragma once

#ifdef __SANITIZE_ADDRESS__
#include <cstddef>
#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace loas::kernel
{

/// SystemC tells the sanitizer of each switch to the stack of a thread, but not when the simulation ends while a thread
/// has not: until the main stack is told to be in use again, exceptions give false alarms and the search for leaks
/// reads what is no memory. Nothing in other builds.
inline void back_on_main_stack()
{
#ifdef __SANITIZE_ADDRESS__
    pthread_attr_t attributes;
    void *bottom = nullptr, *fake_stack = nullptr;
    std::size_t bytes = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0)
        return;
    pthread_attr_getstack(&attributes, &bottom, &bytes);
    pthread_attr_destroy(&attributes);
    __sanitizer_start_switch_fiber(&fake_stack, bottom, bytes);
    __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
#endif
}

} // namespace loas::kernel
