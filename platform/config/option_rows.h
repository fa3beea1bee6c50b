// How a row of the table of options is written; for options.cpp and its parts.
#pragma once

#include "platform/config/options.h"

#include <utility>

namespace loas::config
{

using text_view = std::string_view;

inline constexpr text_view published = "published";
inline constexpr text_view ours = "project's choice";
inline constexpr text_view hbm2 = "HBM2-class data sheets";

template <typename T>
inline option integer(text_view key, T& member, double minimum, double maximum, text_view unit, text_view source,
                      text_view help)
{
    return {key, &member, unit, minimum, maximum, false, {}, source, help};
}

inline option power_of_two(text_view key, unsigned& member, double minimum, double maximum, text_view unit,
                           text_view source, text_view help)
{
    return {key, &member, unit, minimum, maximum, true, {}, source, help};
}

inline option number(text_view key, double& member, double minimum, double maximum, text_view unit, text_view source,
                     text_view help)
{
    return {key, &member, unit, minimum, maximum, false, {}, source, help};
}

inline option flag(text_view key, bool& member, text_view source, text_view help)
{
    return {key, &member, "", 0, 0, false, {}, source, help};
}

inline option word(text_view key, std::string& member, std::vector<text_view> words, text_view source, text_view help)
{
    return {key, &member, "", 0, 0, false, std::move(words), source, help};
}

inline option text(text_view key, std::string& member, text_view source, text_view help)
{
    return {key, &member, "", 0, 0, false, {}, source, help};
}

inline option path(text_view key, std::filesystem::path& member, text_view source, text_view help)
{
    return {key, &member, "", 0, 0, false, {}, source, help};
}

/// The rows of the designs beside LoAS (options_designs.cpp).
void append_design_options(scenario& s, std::vector<option>& rows);

/// The rows of memory, crossbars, cache, DRAM and energy (options_memory.cpp).
void append_memory_options(scenario& s, std::vector<option>& rows);

} // namespace loas::config
