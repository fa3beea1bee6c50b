// The table of options: the rows of all parameters that a scenario's structs describe. Loading, --set, range checks,
// presets, dump and the list of options run over it.
#pragma once

#include "models/parameter/words.h"
#include "platform/config/scenario.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace loas::config
{

/// A member of some enumeration, by the position of its word.
struct enum_member {
    void* at;
    std::size_t (*get)(const void* at);
    void (*set)(void* at, std::size_t position);
};

/// One parameter of one of the scenario's structs.
struct option {
    using member_pointer =
        std::variant<bool*, unsigned*, std::int64_t*, double*, std::string*, std::filesystem::path*, enum_member>;

    std::string_view key;                ///< "table.name", or "name" at the top
    member_pointer member;               ///< where the value lives
    std::string_view unit;               ///< "" = none
    double minimum = 0, maximum = 0;     ///< both allowed; numbers only
    bool power_of_two = false;           ///< integers only
    std::vector<std::string_view> words; ///< allowed words; empty = any text
    std::string_view source;             ///< where the default comes from
    std::string_view help;               ///< one sentence
    std::optional<value> published{};    ///< what fidelity "published" makes of the default
    std::optional<workload_kind> read_by{}; ///< the workload for which the path is one of a file or folder to read

    bool is_integer() const;
    bool is_number() const { return std::holds_alternative<double*>(member); }
    bool is_flag() const { return std::holds_alternative<bool*>(member); }
    bool is_path() const { return std::holds_alternative<std::filesystem::path*>(member); }

    std::string_view type_name() const;  ///< integer, number, boolean, word, text or path
    std::string_view table_name() const; ///< "" at the top
    std::string_view leaf_name() const;  ///< the key without its table
    std::string range() const;           ///< "1..16", "literal | published", or ""

    value get() const;

    /// Some values that it could have instead: all words, numbers around the one it has. None of texts and paths.
    std::vector<value> other_values() const;

    /// What is wrong with a value of the right type, in words, or "".
    std::string problem(const value& v) const;

    /// @pre v has the type of the option and problem(v) is empty
    void set(const value& v) const;

    // For describe(), after the row.
    template <typename type> option& under_published(type setting)
    {
        if constexpr (std::is_enum_v<type>)
            published = std::string(parameter::word_of(setting));
        else if constexpr (std::is_same_v<type, int>)
            published = std::int64_t{setting};
        else
            published = setting;
        return *this;
    }
    option& input_of(workload_kind kind)
    {
        read_by = kind;
        return *this;
    }
    template <typename list> option& one_of(const list& allowed)
    {
        words.assign(std::begin(allowed), std::end(allowed));
        return *this;
    }
};

/// Collects the rows of the structs whose describe() it is given to.
class option_table
{
public:
    /// member: unsigned or std::int64_t.
    template <typename type>
    option& integer(std::string_view key, type& member, double minimum, double maximum, std::string_view unit,
                    std::string_view source, std::string_view help)
    {
        return add({key, &member, unit, minimum, maximum, false, {}, source, help});
    }
    option& power_of_two(std::string_view key, unsigned& member, double minimum, double maximum, std::string_view unit,
                         std::string_view source, std::string_view help)
    {
        return add({key, &member, unit, minimum, maximum, true, {}, source, help});
    }
    option& number(std::string_view key, double& member, double minimum, double maximum, std::string_view unit,
                   std::string_view source, std::string_view help)
    {
        return add({key, &member, unit, minimum, maximum, false, {}, source, help});
    }
    option& flag(std::string_view key, bool& member, std::string_view source, std::string_view help)
    {
        return add({key, &member, "", 0, 0, false, {}, source, help});
    }
    /// The words are those of the enumeration.
    template <typename enumeration>
    option& word(std::string_view key, enumeration& member, std::string_view source, std::string_view help)
    {
        const enum_member pointer = {
            &member, [](const void* at) { return static_cast<std::size_t>(*static_cast<const enumeration*>(at)); },
            [](void* at, std::size_t position) {
                *static_cast<enumeration*>(at) = static_cast<enumeration>(position);
            }};
        const parameter::words words = words_of(member);
        return add({key, pointer, "", 0, 0, false, {words.begin(), words.end()}, source, help});
    }
    option& text(std::string_view key, std::string& member, std::string_view source, std::string_view help)
    {
        return add({key, &member, "", 0, 0, false, {}, source, help});
    }
    option& path(std::string_view key, std::filesystem::path& member, std::string_view source, std::string_view help)
    {
        return add({key, &member, "", 0, 0, false, {}, source, help});
    }

    std::vector<option> take() { return std::move(m_rows); }

private:
    option& add(option&& row)
    {
        m_rows.push_back(std::move(row));
        return m_rows.back();
    }

    std::vector<option> m_rows;
};

/// All parameters in their order of listing, rows of a table together. The rows point into s.
std::vector<option> options_of(scenario& s);

/// Sets what a fidelity, by its word, makes of the defaults: before any key that the user gives.
void apply_preset(std::string_view fidelity, const std::vector<option>& rows);

/// A value as TOML; doubles keep all their digits.
std::string to_toml(const value& v);

} // namespace loas::config
