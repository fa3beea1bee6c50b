// A design as the platform knows it: what software sees of it, how it is built from a scenario, what explain can lift,
// what is published about it, and what its tiles are made of. Each has a file of its own here and an entry in list.cpp;
// models/designs/README.md says how to add one.
#pragma once

#include "abi/loas_abi.h"
#include "models/cost/energy.h"
#include "models/cost/published_traffic.h"
#include "models/cost/tile_table.h"
#include "platform/config/design.h"
#include "platform/config/scenario.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace loas::kernel
{
class event_wheel;
} // namespace loas::kernel

namespace loas::designs
{

class accelerator;

/// One unit that could be ideal.
struct bound {
    std::string name;
    std::string meaning;                ///< what the lost cycles are, in words
    std::vector<std::string> overrides; ///< what makes it ideal
    std::vector<std::string> causes;    ///< its cycles in the result: names of stall_cycles
};

/// What the LoAS authors published about a design, beside which `published` puts it.
struct publication {
    /// What it is about (one design is), the same in another loop order, what it is compared with layer by layer, or
    /// what of another kind - for ANNs, or of dense weights - it is compared with in all.
    enum class part { subject, other_order, rival, other_kind };
    part as;
    const char* title;
    const char* key;                  ///< in published_results.json, of another kind published_others.json
    const char* masked_key = nullptr; ///< with inputs that spike once masked ("FT"); nullptr: of a rival
    bool fitted = false;              ///< published workloads are drawn so that its cycles come out as published
    const char* remark = nullptr;     ///< a sentence: in what the machine as described differs from the accounting

    /// Parameters of its own that the page changes to show what makes the difference.
    struct change {
        const char* title;
        std::vector<std::string> parameters;
        /// What it lifts and what memory costs may hide behind each other: then both are lifted together too, under
        /// this title, and the page says in these words what the first one costs.
        const char* title_with_memory = nullptr;
        const char* costs_words = nullptr;
    };
    std::vector<change> changes = {};
};

/// Its order in the space of dataflows (platform/dataflow), in the words of the options of `loas-vp dataflow`.
struct dataflow_point {
    const char* order;   ///< "mnkt", outermost first
    std::string spatial; ///< "m16,t": rows over 16 units, all timesteps in a word
    const char* format;  ///< "packed,bitmask": of spikes and of weights
    std::string tiles{}; ///< "k=256,n=16": of which loops stand outside all others, the first one outermost
    unsigned merge_ways = 0; ///< rows that it merges at a time; 0: none
};

struct design : config::design {
    ::loas_accelerator id{};   ///< each says its own
    std::uint32_t formats = 0; ///< LOAS_REG_FORMATS

    /// wheel: lives longer.
    std::unique_ptr<accelerator> (*build)(const config::scenario& scenario, kernel::event_wheel& wheel) = nullptr;

    /// Units of the tiles that are not ideal in this scenario; nullptr: none that could be.
    std::vector<bound> (*tile_bounds)(const config::scenario& scenario) = nullptr;
    /// Neurons take a timestep after the other, and so can hold the tiles; else all timesteps at once.
    bool neurons_in_sequence = true;

    /// The authors' accounting of cycles and traffic, with tiles as large as the scenario's; nullptr: nobody has one.
    cost::published_design (*accounting)(const config::scenario& scenario) = nullptr;
    /// Constants of their rule for energy.
    std::optional<cost::published_constants> constants;
    /// nullopt: nothing.
    std::optional<publication> published;

    /// nullptr: no order of four loops is its own.
    dataflow_point (*dataflow)(const config::scenario& scenario) = nullptr;

    /// Own keys that change its point, and what a search for a point may set them to.
    struct choice {
        const char* key;
        std::vector<unsigned> values;
    };
    std::vector<choice> dataflow_choices;

    /// Matches that a tile can add in a cycle; nullptr: one.
    unsigned (*adders_of_tile)(const config::scenario& scenario) = nullptr;

    /// What a tile is made of, and what its events take, in the sizes of the scenario. Each says its own.
    cost::tile_table (*tile_table)(const config::scenario& scenario) = nullptr;

    /// Keys of [tppe] and [scheduler] that mean something to some designs only, and to this one do. What a key says that
    /// is not among them is neither simulated nor charged.
    std::vector<std::string_view> tile_keys;
    /// It fetches the columns of B that come next ahead, unless scheduler.prefetch_columns is 0: how many does not matter.
    bool fetches_columns_or_none = false;
    /// Whether a parameter is one of these, or one of its own.
    bool takes(std::string_view key) const;
    /// Why one that it takes changes nothing in this scenario, in words; "": it does. nullptr: each does.
    std::string (*without_effect)(const config::scenario& scenario, std::string_view key) = nullptr;
    bool takes(std::string_view key, const config::scenario& scenario) const
    {
        return takes(key) && (without_effect == nullptr || without_effect(scenario, key).empty());
    }

    /// Sums of parts of K, or words of rows that are not complete, go to memory and back.
    bool has_partial_sums() const { return (formats & LOAS_FORMATS_WORK_AREA) != 0; }
};

/// @throws std::logic_error of a descriptor that leaves out what each must say
void require_complete(const design& of);

/// All of them, in the order of the option's words.
const std::vector<const design*>& all();

/// The design of a word, which must be one of the option's.
const design& design_called(std::string_view word);
/// Those of that part in the publication, in the order of all().
std::vector<const design*> published_as(publication::part part);
/// Words of those that the publication compares: its subject, then the rivals.
std::vector<std::string_view> published_words();
/// The design that the scenario names.
inline const design& design_of(const config::scenario& scenario)
{
    return design_called(scenario.accelerator);
}

} // namespace loas::designs
