// A shared object on the native CPU. It runs in our process: what it breaks is told as its own mistake as long as it,
// and not a callback of ours, is running (native_guards.h).
#include "hal/loas_main.h"
#include "models/cores/native/native_cpu.h"
#include "platform/process/errors.h"
#include "platform/process/host_limit.h"
#include "platform/program/native_guards.h"
#include "platform/program/program.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cxxabi.h>
#include <dlfcn.h>
#include <exception>
#include <map>
#include <memory>
#include <systemc>
#include <unistd.h>

namespace loas::program
{
namespace
{

constexpr double longest_still_s = 60; ///< run.host_timeout_s may be less

const loas_hal& inner(void* context)
{
    return *static_cast<const loas_hal*>(context);
}

/// refuse: does not return; is told what the program has thrown. What our callbacks throw goes on.
template <class Code, class Refuse> void run_its_code(const Code& code, const Refuse& refuse)
{
    const auto thrown_in_it = [&](const char* what) {
        seen_of_it.running = false;
        if (seen_of_it.ours_thrown)
            throw;
        refuse(what);
    };
    seen_of_it.running = true;
    try {
        code();
    } catch (const abi::__forced_unwind&) { // the thread is to end
        throw;
    } catch (const sc_core::sc_unwind_exception&) { // the simulation has ended
        throw;
    } catch (const std::exception& thrown) {
        thrown_in_it(thrown.what());
    } catch (...) {
        thrown_in_it("not one of the standard library");
    }
    seen_of_it.running = false;
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
    run_its_code([&] { handler->call(handler->context, input); },
                 [](const char*) { // nobody behind the machine's code could catch it
                     end_misused("a handler of interrupts has thrown an exception");
                 });
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
        if (m_object == nullptr && is_something_else(file))
            throw text::user_error(fmt::format(
                "{}: no program: neither an ELF file for RV64 nor a shared object for the native CPU", file));
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
        run_its_code([&] { m_code = m_main(&seen, static_cast<int>(words.size()), arguments.data()); },
                     [](const char* what) {
                         throw process::guest_error(
                             fmt::format("the program cannot go on: loas_main has thrown an exception ({}){}", what,
                                         last_callback()));
                     });
    }

    void limit(process::host_limit& by) override
    {
        const double limit_s = m_scenario.run.host_timeout_s;
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
