// A shared object on the native CPU. It runs in our process: what it breaks is caught by signals, and told as its own
// mistake as long as it, and not a callback of ours, is running.
#include "hal/loas_main.h"
#include "models/cores/native/native_cpu.h"
#include "models/kernel/clock.h"
#include "platform/process/errors.h"
#include "platform/process/host_limit.h"
#include "platform/program/program.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <dlfcn.h>
#include <exception>
#include <map>
#include <memory>
#include <pthread.h>
#include <systemc>
#include <ucontext.h>
#include <unistd.h>

namespace loas::program
{
namespace
{

constexpr std::int64_t longest_still_s = 60; ///< run.host_timeout_s may be less
constexpr std::uint64_t stack_vicinity = 65536;
constexpr std::uint64_t most_at_one_time = 1000000; ///< calls, of callbacks and of handlers
constexpr std::uint64_t page_bytes = 4096;

/// What a signal's handler sees of the program.
struct {
    volatile bool running = false; ///< its own code, not a callback
    volatile std::uint64_t callbacks = 0;
    const void* called_from = nullptr;           ///< for the last callback
    std::uint64_t time_ps = 0, at_this_time = 0; ///< simulated, and calls at it
    const void* context = nullptr;               ///< that its HAL has
    bool ours_thrown = false;                    ///< an exception left a callback
    bool ending = false;                         ///< a fault is being told
    pthread_t thread = 0;                        ///< in which loas_main runs
    pid_t process = 0;
    std::string file;
} seen_of_it;

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

std::string last_callback()
{
    fixed_text text;
    add_callback(text);
    return text.letters.data();
}

std::string place_of(const void* address)
{
    fixed_text text;
    add_place(text, address);
    return text.letters.data();
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

/// Handlers on a stack of their own while the program runs.
class fault_handlers
{
public:
    fault_handlers()
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
    ~fault_handlers()
    {
        for (std::size_t i = 0; i < std::size(signals); ++i)
            sigaction(signals[i], &m_old[i], nullptr);
        sigaltstack(&m_old_stack, nullptr);
    }
    fault_handlers(const fault_handlers&) = delete;
    fault_handlers& operator=(const fault_handlers&) = delete;

private:
    static constexpr int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    static constexpr std::size_t stack_bytes = 1U << 17;

    std::unique_ptr<char[]> m_stack{new char[stack_bytes]};
    stack_t m_old_stack{};
    struct sigaction m_old[std::size(signals)]{};
};

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

void count_call()
{
    seen_of_it.at_this_time = seen_of_it.time_ps == kernel::kernel_ps() ? seen_of_it.at_this_time + 1 : 0;
    seen_of_it.time_ps = kernel::kernel_ps();
    if (seen_of_it.at_this_time == most_at_one_time)
        end_still();
}

[[noreturn]] void end_misused(const char* what)
{
    std::fflush(stdout);
    process::end_at_once(static_cast<int>(process::exit_code::guest_failed),
                         fmt::format("the program cannot go on: {}{}", what, last_callback()));
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

/// While a callback runs, it is not the program that does.
class in_callback
{
public:
    /// context: as the program gave it; `reads` and `writes`: its memory.
    in_callback(const void* from, const void* context, const void* reads = nullptr, std::size_t reads_bytes = 0,
                void* writes = nullptr, std::size_t writes_bytes = 0)
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
    ~in_callback()
    {
        seen_of_it.ours_thrown = seen_of_it.ours_thrown || std::uncaught_exceptions() != 0;
        seen_of_it.running = true;
    }
    in_callback(const in_callback&) = delete;
    in_callback& operator=(const in_callback&) = delete;
};

/// What `exit` in a program's code comes to.
void left_by_exit(int code, void* /*unused*/)
{
    if (!seen_of_it.running || getpid() != seen_of_it.process) // our own end, or that of a child of its own
        return;
    end_misused(
        fmt::format("it has called exit({}), and ends when loas_main returns, or by the finisher", code).c_str());
}

const loas_hal& inner(void* context)
{
    return *static_cast<const loas_hal*>(context);
}

/// A handler of the program's: while it runs, the program does.
struct guest_handler {
    loas_interrupt_handler* call;
    void* context;
};

void call_handler(void* context, std::uint32_t input)
{
    const auto* handler = static_cast<const guest_handler*>(context);
    count_call();
    seen_of_it.running = true;
    handler->call(handler->context, input);
    seen_of_it.running = false;
}

/// By input; a map's entries stay where they are.
std::map<std::uint32_t, guest_handler> handlers;

/// As the finisher has it, to which it goes on RV64: 16 bits, and what has failed has not a code of 0.
std::uint32_t exit_code_of(int answer)
{
    return answer == 0 ? 0 : std::max(static_cast<std::uint32_t>(answer) & 0xFFFFU, 1U);
}

// Within the function that the program calls, where who has called it can be seen.
#define LOAS_INLINE __attribute__((always_inline))

/// The callbacks of the machine, each with a note that it is one.
loas_hal watched(const loas_hal& of)
{
    loas_hal hal{};
    hal.context = const_cast<loas_hal*>(&of); // only read through it
    hal.read32 = [](void* to, std::uint64_t address, std::uint32_t* value) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, nullptr, 0, value, sizeof *value);
        return inner(to).read32(inner(to).context, address, value);
    };
    hal.write32 = [](void* to, std::uint64_t address, std::uint32_t value) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        return inner(to).write32(inner(to).context, address, value);
    };
    hal.dma_alloc = [](void* to, std::uint64_t bytes, std::uint64_t alignment, std::uint64_t* address) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, nullptr, 0, address, sizeof *address);
        return inner(to).dma_alloc(inner(to).context, bytes, alignment, address);
    };
    hal.dma_free = [](void* to, std::uint64_t address) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        inner(to).dma_free(inner(to).context, address);
    };
    hal.dma_write = [](void* to, std::uint64_t address, const void* source, std::size_t bytes) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, source, bytes);
        return inner(to).dma_write(inner(to).context, address, source, bytes);
    };
    hal.dma_read = [](void* to, void* destination, std::uint64_t address, std::size_t bytes) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, nullptr, 0, destination, bytes);
        return inner(to).dma_read(inner(to).context, destination, address, bytes);
    };
    hal.dma_sync = [](void* to, std::uint64_t address, std::uint64_t bytes, loas_sync direction) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        inner(to).dma_sync(inner(to).context, address, bytes, direction);
    };
    hal.wait_interrupt = [](void* to, std::uint64_t timeout_ns) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        return inner(to).wait_interrupt(inner(to).context, timeout_ns);
    };
    hal.time_ns = [](void* to) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        return inner(to).time_ns(inner(to).context);
    };
    hal.log = [](void* to, loas_log_level level, const char* text) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, text, 1);
        inner(to).log(inner(to).context, level, text);
    };
    hal.read8 = [](void* to, std::uint64_t address, std::uint8_t* value) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to, nullptr, 0, value, sizeof *value);
        return inner(to).read8(inner(to).context, address, value);
    };
    hal.write8 = [](void* to, std::uint64_t address, std::uint8_t value) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        return inner(to).write8(inner(to).context, address, value);
    };
    hal.set_handler = [](void* to, std::uint32_t input, loas_interrupt_handler* handler, void* context) LOAS_INLINE {
        const in_callback here(__builtin_return_address(0), to);
        if (handler == nullptr)
            return inner(to).set_handler(inner(to).context, input, nullptr, nullptr);
        handlers[input] = {handler, context};
        return inner(to).set_handler(inner(to).context, input, call_handler, &handlers[input]);
    };
    return hal;
}

#undef LOAS_INLINE

class native_program : public guest
{
public:
    explicit native_program(const config::scenario& scenario) : m_scenario(scenario)
    {
        const std::string file = scenario.workload.program.string();
        m_object = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (m_object == nullptr)
            throw text::user_error(
                fmt::format("{}: no program for the native CPU, which is a shared object: {}", file, dlerror()));
        m_main = reinterpret_cast<decltype(m_main)>(dlsym(m_object, "loas_main"));
        if (m_main == nullptr)
            throw text::user_error(fmt::format("{}: it has no loas_main(), with which a program for the native CPU "
                                               "begins (sw/hal/loas_main.h)",
                                               file));
        seen_of_it.file = file;
        on_exit(left_by_exit, nullptr);
    }
    // Its code may still stand on the stack of the CPU's thread: it is never unloaded.

    void install(machine::machine& on, const std::function<void()>& ended) override
    {
        on.set_program([this](const loas_hal& hal) { run(hal); }, ended);
    }

    void run(const loas_hal& hal)
    {
        std::vector<std::string> words = split_arguments(m_scenario.workload.arguments);
        words.insert(words.begin(), m_scenario.workload.program.filename().string());
        std::vector<char*> arguments;
        for (std::string& each : words)
            arguments.push_back(each.data());
        arguments.push_back(nullptr);
        const loas_hal seen = watched(hal);
        seen_of_it.context = seen.context;
        seen_of_it.thread = pthread_self();
        seen_of_it.process = getpid();
        seen_of_it.running = true;
        try {
            m_code = m_main(&seen, static_cast<int>(words.size()), arguments.data());
        } catch (const abi::__forced_unwind&) { // the thread is to end
            throw;
        } catch (const sc_core::sc_unwind_exception&) { // the simulation has ended
            throw;
        } catch (const std::exception& thrown) {
            refuse_exception(thrown.what());
        } catch (...) {
            refuse_exception("not one of the standard library");
        }
        seen_of_it.running = false;
    }

    void limit(process::host_limit& by) override
    {
        const std::int64_t limit_s = m_scenario.run.host_timeout_s;
        by.watch(seen_of_it.callbacks, seen_of_it.running, limit_s == 0 ? longest_still_s : limit_s);
    }

    std::string describe() const override
    {
        if (seen_of_it.called_from == nullptr)
            return "The program has called none of its callbacks.";
        return fmt::format("The program has called {} callbacks, the last one in {}.", seen_of_it.callbacks + 0,
                           place_of(seen_of_it.called_from));
    }

    std::uint64_t pc() const override { return reinterpret_cast<std::uintptr_t>(seen_of_it.called_from); }
    std::string place(std::uint64_t pc) const override { return place_of(reinterpret_cast<const void*>(pc)); }

    results::program_result result(const machine::machine& on) const override
    {
        results::program_result found;
        found.cpu = "native";
        found.code = exit_code_of(m_code);
        found.ended_by = "main";
        if (on.ended_by_itself()) {
            found.code = on.ended_by_itself()->code;
            found.ended_by = on.ended_by_itself()->by;
        }
        std::fflush(stdout); // what it has printed stands before what we do
        return found;
    }

private:
    /// In a handler of exceptions.
    static void refuse_exception(const char* what)
    {
        seen_of_it.running = false;
        if (seen_of_it.ours_thrown)
            throw;
        throw process::guest_error(
            fmt::format("the program cannot go on: loas_main has thrown an exception ({}){}", what, last_callback()));
    }

    const config::scenario& m_scenario;
    void* m_object = nullptr;
    int (*m_main)(const loas_hal*, int, char**) = nullptr;
    int m_code = 0;
    fault_handlers m_handlers;
};

} // namespace

std::unique_ptr<guest> make_native_program(const config::scenario& scenario)
{
    return std::make_unique<native_program>(scenario);
}

} // namespace loas::program
