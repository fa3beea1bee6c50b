// A program of the user's on the host CPU (workload.kind = "program"): an ELF file for RV64, or for the native CPU a
// shared object with loas_main().
#pragma once

#include "platform/config/scenario.h"
#include "platform/machine/machine.h"
#include "platform/process/host_limit.h"
#include "platform/results/result.h"

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace loas::program
{

class guest
{
public:
    virtual ~guest() = default;

    /// Before the simulation. ended: called when it has ended.
    virtual void install(machine::machine& on, const std::function<void()>& ended) = 0;
    /// What else than the time of this computer limits it.
    virtual void limit(process::host_limit& /*by*/) {}
    /// After the simulation: throws process::guest_error if it could not go on.
    virtual void require_good() const {}
    /// Where it is, for whoever asks why it does not end; "": it has not begun.
    virtual std::string describe() const = 0;
    /// Where it is now, or was when it called for what happens now; and a place in words.
    virtual std::uint64_t pc() const = 0;
    virtual std::string place(std::uint64_t pc) const = 0;
    /// Is told of its exceptions, where its CPU has them. Before the simulation.
    virtual void tell_of_traps(const std::function<void(const std::string&, std::uint64_t time_ps)>& /*told*/) {}
    /// How it ended; its name and the CPU's time are the caller's.
    virtual results::program_result result(const machine::machine& on) const = 0;
};

/// Words with blanks between them; a backslash takes the next character as it is, and "" is a word without any.
std::vector<std::string> split_arguments(std::string_view text);
/// A text of which that makes these words again.
std::string join_arguments(const std::vector<std::string>& words);

/// The file is a program for RISC-V by its header; nothing else is looked at, and RV32 is refused when it is read.
bool is_rv64_program(const std::string& file);
/// It can be read, and is no ELF file at all.
bool is_something_else(const std::string& file);

/// Reads it, for the CPU of the scenario, which must outlive it. console: where its text goes. Throws text::user_error.
std::unique_ptr<guest> make_program(const config::scenario& scenario, std::FILE* console);

// One for each CPU.
std::unique_ptr<guest> make_native_program(const config::scenario& scenario);
std::unique_ptr<guest> make_rv64_program(const config::scenario& scenario, std::FILE* console);

} // namespace loas::program
