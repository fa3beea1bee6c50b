#include "platform/process/stop_signals.h"

#include <atomic>
#include <initializer_list>
#include <string>
#include <unistd.h>

namespace loas::process
{
namespace
{

volatile std::sig_atomic_t stop_wanted = 0;
std::atomic<const std::vector<std::string>*> to_remove = nullptr; // read by a handler, which may come at any time

} // namespace

stop_signals::stop_signals()
{
    stop_wanted = 0;
    struct sigaction action {
    };
    action.sa_handler = [](int) { stop_wanted = 1; };
    action.sa_flags = static_cast<int>(SA_RESETHAND); // no SA_RESTART: poll() is to return
    ::sigaction(SIGINT, &action, &m_interrupt);
    ::sigaction(SIGTERM, &action, &m_terminate);
}

stop_signals::~stop_signals()
{
    ::sigaction(SIGINT, &m_interrupt, nullptr);
    ::sigaction(SIGTERM, &m_terminate, nullptr);
}

void say_when_interrupted()
{
    static const ::pid_t owner = ::getpid(); // a child of ours says nothing
    struct sigaction action {
    };
    action.sa_handler = [](int signal) {
        constexpr char word[] = "loas-vp: interrupted\n";
        if (::getpid() == owner) {
            [[maybe_unused]] const ::ssize_t written = ::write(STDERR_FILENO, word, sizeof word - 1);
            remove_empty_folders();
        }
        ::raise(signal); // by now what it does to anybody
    };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    for (const int each : {SIGINT, SIGTERM}) {
        struct sigaction before {
        };
        ::sigaction(each, nullptr, &before);
        if (before.sa_handler == SIG_DFL) // what a shell ignores for us in the background stays so
            ::sigaction(each, &action, nullptr);
    }
}

void remove_when_interrupted(const std::vector<std::filesystem::path>& folders)
{
    static std::vector<std::string> names;
    to_remove = nullptr;
    names.assign(folders.begin(), folders.end());
    to_remove = &names;
}

void remove_empty_folders()
{
    if (const std::vector<std::string>* folders = to_remove; folders != nullptr)
        for (const std::string& each : *folders)
            ::rmdir(each.c_str());
}

bool stop_signals::wanted()
{
    return stop_wanted != 0;
}

} // namespace loas::process
