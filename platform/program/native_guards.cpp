#include "platform/program/native_guards.h"

#include "models/kernel/clock.h"
#include "platform/process/errors.h"
#include "platform/process/host_limit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <dlfcn.h>
#include <exception>
#include <ucontext.h>
#include <unistd.h>

namespace loas::program
{

native_state seen_of_it;

namespace
{

constexpr std::uint64_t stack_vicinity = 65536;
constexpr std::uint64_t most_at_one_time = 1000000; ///< calls, of callbacks and of handlers
constexpr std::uint64_t page_bytes = 4096;

/// Text in memory that is there already: a fault's handler may not ask for any.
struct fixed_text {
    std::array<char, 1024> letters{};
    std::size_t used = 0;

    template <class... Parts> void add(const char* format, const Parts&... parts)
    {
        const std::size_t room = letters.size() - 1 - used;
        used += std::min(room, fmt::format_to_n(letters.data() + used, room, fmt::runtime(format), parts...).size);
    }
};

/// "main+0x12", or the address and the file in which it is.
void add_place(fixed_text& to, const void* address)
{
    Dl_info about{};
    const auto number = reinterpret_cast<std::uintptr_t>(address);
    if (dladdr(address, &about) == 0 || about.dli_fname == nullptr)
        to.add("{:#x}, which is in no function", number);
    else if (about.dli_sname != nullptr)
        to.add("{}+{:#x}", about.dli_sname, number - reinterpret_cast<std::uintptr_t>(about.dli_saddr));
    else
        to.add("{}+{:#x}", about.dli_fname, number - reinterpret_cast<std::uintptr_t>(about.dli_fbase));
}

/// The last one that the program has called.
void add_callback(fixed_text& to)
{
    if (seen_of_it.called_from == nullptr) {
        to.add("; it has called no callback");
        return;
    }
    to.add("; last call of a callback in ");
    add_place(to, seen_of_it.called_from);
}

struct registers {
    std::uintptr_t pc = 0, sp = 0;
};

registers registers_of(const void* context)
{
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return {static_cast<std::uintptr_t>(machine.gregs[REG_RIP]), static_cast<std::uintptr_t>(machine.gregs[REG_RSP])};
#elif defined(__aarch64__)
    return {machine.pc, machine.sp};
#else
    (void)machine;
    return {};
#endif
}

const char* fault_text(int signal)
{
    switch (signal) {
    case SIGFPE:
        return "an impossible division";
    case SIGILL:
        return "an illegal instruction";
    case SIGABRT:
        return "abort()";
    case SIGTRAP:
        return "a breakpoint";
    default:
        return "an access to memory that is not there";
    }
}

void faulted(int signal, siginfo_t* about, void* context)
{
    if (seen_of_it.ending) // in what tells of the first one, which has been told
        _exit(static_cast<int>(process::exit_code::guest_failed));
    if (!seen_of_it.running && pthread_equal(pthread_self(), seen_of_it.thread) != 0) { // ours: as without a handler
        std::signal(signal, SIG_DFL);
        return;
    }
    seen_of_it.running = false;
    seen_of_it.ending = true;
    const registers at = registers_of(context);
    const auto address = reinterpret_cast<std::uintptr_t>(about->si_addr);
    static fixed_text text;
    text.add("the program cannot go on: {} at pc {:#x} in ", fault_text(signal), at.pc);
    add_place(text, reinterpret_cast<const void*>(at.pc));
    if (signal == SIGSEGV || signal == SIGBUS)
        text.add(", address {:#x}{}", address,
                 address + stack_vicinity > at.sp && address < at.sp + stack_vicinity ? ": its stack is full" : "");
    add_callback(text);
    process::end_and_explain(static_cast<int>(process::exit_code::guest_failed), text.letters.data());
}

/// A program that never comes to a later time: no limit of simulated time would end it.
[[noreturn]] void end_still()
{
    std::fflush(stdout);
    process::end_at_once(
        static_cast<int>(process::exit_code::stuck),
        fmt::format("the program has called {} callbacks, or has been called as a handler, while no simulated time "
                    "passed; the last callback in {}: on the native CPU only accesses and waits take time, and a "
                    "handler that leaves its cause at the device is called again at once",
                    most_at_one_time, place_of(seen_of_it.called_from)));
}

#define LOAS_UNCHECKED __attribute__((no_sanitize("address"), no_sanitize("undefined")))

/// Looks whether the program's memory is there, while a fault is still the program's own.
LOAS_UNCHECKED void touch(const void* at, std::size_t bytes)
{
    const auto* first = static_cast<const volatile char*>(at);
    for (std::size_t i = 0; i < bytes; i += page_bytes)
        (void)first[i];
    if (bytes != 0)
        (void)first[bytes - 1];
}

LOAS_UNCHECKED void touch_to_write(void* at, std::size_t bytes)
{
    auto* first = static_cast<volatile char*>(at);
    for (std::size_t i = 0; i < bytes; i += page_bytes)
        first[i] = first[i];
    if (bytes != 0)
        first[bytes - 1] = first[bytes - 1];
}

} // namespace

std::string place_of(const void* address)
{
    fixed_text text;
    add_place(text, address);
    return text.letters.data();
}

std::string last_callback()
{
    fixed_text text;
    add_callback(text);
    return text.letters.data();
}

fault_handlers::fault_handlers()
{
    stack_t stack{};
    stack.ss_sp = m_stack.get();
    stack.ss_size = stack_bytes;
    sigaltstack(&stack, &m_old_stack);
    struct sigaction action {
    };
    action.sa_sigaction = faulted;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (std::size_t i = 0; i < std::size(signals); ++i)
        sigaction(signals[i], &action, &m_old[i]);
}

fault_handlers::~fault_handlers()
{
    for (std::size_t i = 0; i < std::size(signals); ++i)
        sigaction(signals[i], &m_old[i], nullptr);
    sigaltstack(&m_old_stack, nullptr);
}

void count_call()
{
    seen_of_it.at_this_time = seen_of_it.time_ps == kernel::kernel_ps() ? seen_of_it.at_this_time + 1 : 0;
    seen_of_it.time_ps = kernel::kernel_ps();
    if (seen_of_it.at_this_time == most_at_one_time)
        end_still();
}

void end_misused(const std::string& what)
{
    std::fflush(stdout);
    process::end_at_once(static_cast<int>(process::exit_code::guest_failed),
                         fmt::format("the program cannot go on: {}{}", what, last_callback()));
}

in_callback::in_callback(const void* from, const void* context, const void* reads, std::size_t reads_bytes,
                         void* writes, std::size_t writes_bytes)
{
    seen_of_it.called_from = from;
    touch(reads, reads_bytes);
    touch_to_write(writes, writes_bytes);
    if (context != seen_of_it.context)
        end_misused("it called a callback with another context than hal->context");
    if (pthread_equal(pthread_self(), seen_of_it.thread) == 0)
        end_misused("a thread of its own called a callback, which only the one that runs loas_main may");
    seen_of_it.running = false;
    seen_of_it.callbacks = seen_of_it.callbacks + 1;
    count_call();
}

in_callback::~in_callback()
{
    seen_of_it.ours_thrown = seen_of_it.ours_thrown || std::uncaught_exceptions() != 0;
    seen_of_it.running = true;
}

void left_by_exit(int code, void* /*unused*/)
{
    if (!seen_of_it.running || getpid() != seen_of_it.process) // our own end, or that of a child of its own
        return;
    end_misused(fmt::format("it has called exit({}), and ends when loas_main returns, or by the finisher", code));
}

} // namespace loas::program
