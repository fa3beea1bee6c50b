#include "platform/process/stop_signals.h"

namespace loas::process
{
namespace
{

volatile std::sig_atomic_t stop_wanted = 0;

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

bool stop_signals::wanted()
{
    return stop_wanted != 0;
}

} // namespace loas::process
