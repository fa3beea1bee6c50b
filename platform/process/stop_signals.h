// SIGINT and SIGTERM as a wish to end in order.
#pragma once

#include <csignal>

namespace loas::process
{

/// While one is there, a first SIGINT or SIGTERM is a wish; a second one ends us at once.
class stop_signals
{
public:
    stop_signals();
    ~stop_signals();
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;

    static bool wanted();

private:
    struct sigaction m_interrupt {
    }, m_terminate{};
};

/// From now on an interrupt says so before it ends this process as it would anyway.
void say_when_interrupted();

} // namespace loas::process
