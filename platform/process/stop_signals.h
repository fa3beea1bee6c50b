// SIGINT and SIGTERM as a wish to end in order.
#pragma once

#include <csignal>
#include <filesystem>
#include <vector>

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

/// Folders, the deepest first, that go with such an interrupt if they are empty; instead of any that were named before.
void remove_when_interrupted(const std::vector<std::filesystem::path>& folders);
/// Removes them, from a signal's handler too.
void remove_empty_folders();

} // namespace loas::process
