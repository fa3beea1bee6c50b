// What a scenario asks of the designs among which it chooses: their words, their own parameters, their rules.
// platform/designs describes each design and implements designs(); config sees nothing else of it.
#pragma once

#include <any>
#include <cstddef>
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
    design_parameters() = default;
    design_parameters(const design_parameters&) = default;
    ~design_parameters() = default;
    /// Each stays where it is: rows of options point to members.
    design_parameters& operator=(const design_parameters& from)
    {
        if (m_all.size() != from.m_all.size())
            m_all = from.m_all;
        for (std::size_t i = 0; i < m_all.size(); ++i)
            m_all[i].assign(m_all[i].held, from.m_all[i].held);
        return *this;
    }

    template <typename parameters> void add()
    {
        m_all.push_back({parameters(), [](std::any& to, const std::any& from) {
                             std::any_cast<parameters&>(to) = std::any_cast<const parameters&>(from);
                         }});
    }
    template <typename parameters> parameters& of()
    {
        for (entry& each : m_all)
            if (auto* found = std::any_cast<parameters>(&each.held))
                return *found;
        throw std::logic_error("no design has such parameters");
    }
    template <typename parameters> const parameters& of() const
    {
        return const_cast<design_parameters&>(*this).of<parameters>();
    }

private:
    struct entry {
        std::any held;
        void (*assign)(std::any& to, const std::any& from); ///< of two that hold the same struct
    };
    std::vector<entry> m_all;
};

struct design {
    std::string_view word; ///< of the option accelerator
    /// Potentials can be carried from one layer to the next: blocks of timesteps.
    bool carries_potentials = false;
    /// Its layers are those of an ANN: bytes in place of spikes, one timestep, ReLU.
    bool bytes = false;
    /// Bits of LOAS_NEURON_* that its neurons know and those of other designs need not.
    unsigned neuron_modes = 0;
    /// Those of them that the scenario gives to the neurons of a workload's layers; nullptr: none.
    unsigned (*neurons)(const scenario& s) = nullptr;

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

/// Whether the design of the scenario takes bytes.
bool takes_bytes(const scenario& s);

/// The defaults of all their parameters.
design_parameters default_design_parameters();

/// Their words.
std::vector<std::string_view> design_words();

} // namespace loas::config
