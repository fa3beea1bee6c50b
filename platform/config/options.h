// The table of options: one row per parameter, the single source of truth. Loading, --set, range checks, presets, dump
// and the list of options run over it.
#pragma once

#include "platform/config/scenario.h"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace loas::config
{

/// One parameter of one scenario struct.
struct option {
    using member_pointer = std::variant<bool*, unsigned*, std::int64_t*, double*, std::string*, std::filesystem::path*>;

    std::string_view key;                ///< "table.name", or "name" at the top
    member_pointer member;               ///< where the value lives
    std::string_view unit;               ///< "" = none
    double minimum = 0, maximum = 0;     ///< both allowed; numbers only
    bool power_of_two = false;           ///< integers only
    std::vector<std::string_view> words; ///< allowed words; empty = any text
    std::string_view source;             ///< where the default comes from
    std::string_view help;               ///< one sentence

    bool is_integer() const;
    bool is_number() const { return std::holds_alternative<double*>(member); }
    bool is_flag() const { return std::holds_alternative<bool*>(member); }
    bool is_path() const { return std::holds_alternative<std::filesystem::path*>(member); }

    std::string_view type_name() const;  ///< integer, number, boolean, word, text or path
    std::string_view table_name() const; ///< "" at the top
    std::string_view leaf_name() const;  ///< the key without its table
    std::string range() const;           ///< "1..16", "literal | published", or ""

    value get() const;

    /// What is wrong with a value of the right type, in words, or "".
    std::string problem(const value& v) const;

    /// @pre v has the type of the option and problem(v) is empty
    void set(const value& v) const;
};

/// All parameters in their order of listing, rows of a table together. The rows point into s.
std::vector<option> options_of(scenario& s);

/// A preset changes defaults: applied before any key that the user gives.
struct preset_row {
    std::string_view preset; ///< a word of "fidelity"
    std::string_view key;
    value setting;
};
const std::vector<preset_row>& preset_rows();

/// A value as TOML; doubles keep all their digits.
std::string to_toml(const value& v);

} // namespace loas::config
