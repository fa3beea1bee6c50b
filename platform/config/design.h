// What a scenario asks of the designs among which it chooses: their words, their own parameters, their rules.
// platform/designs describes each design and implements designs(); config sees nothing else of it.
#pragma once

#include <any>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace loas::config
{

struct scenario;
struct broken_rule;
class option_table;

/// The parameters that designs have of their own: of each type one.
class design_parameters
{
public:
    template <typename parameters> void add() { m_all.emplace_back(parameters()); }
    template <typename parameters> parameters& of()
    {
        for (std::any& each : m_all)
            if (auto* found = std::any_cast<parameters>(&each))
                return *found;
        throw std::logic_error("no design has such parameters");
    }
    template <typename parameters> const parameters& of() const
    {
        return const_cast<design_parameters&>(*this).of<parameters>();
    }

private:
    std::vector<std::any> m_all;
};

struct design {
    std::string_view word; ///< of the option accelerator

    // Its own parameters, a struct with describe(); nullptr: none. has_parameters() sets both.
    void (*add_parameters)(design_parameters& to) = nullptr;
    void (*describe)(design_parameters& own, option_table& to) = nullptr;

    /// Rules between parameters; nullptr: none. Called for scenarios that choose the design.
    void (*check)(const scenario& s, std::vector<broken_rule>& broken) = nullptr;

    template <typename parameters> void has_parameters()
    {
        add_parameters = [](design_parameters& to) { to.add<parameters>(); };
        describe = [](design_parameters& own, option_table& to) { own.of<parameters>().describe(to); };
    }
};

/// All designs, in the order of the option's words and of their parameters.
const std::vector<const design*>& designs();

/// The defaults of all their parameters.
design_parameters default_design_parameters();

/// Their words.
std::vector<std::string_view> design_words();

} // namespace loas::config
