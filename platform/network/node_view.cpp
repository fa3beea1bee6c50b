#include "platform/network/node_view.h"

#include <cmath>
#include <cstdio>

#include "platform/formats/npy.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

namespace loas::network
{

namespace
{

bool whole_in(double value, long low, long high)
{
    return value >= static_cast<double>(low) && value <= static_cast<double>(high) && value == std::floor(value);
}

} // namespace

std::string number_text(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

std::string node_view::title() const
{
    return "node '" + text::printable(name()) + "' (" + text::printable(type()) + ")";
}

void node_view::fail(const std::string& reason) const
{
    throw text::user_error(*m_source + ": " + title() + ": " + reason);
}

void node_view::fail_at(const std::string& dataset, const std::string& reason) const
{
    throw text::user_error(*m_source + ": /node/nodes/" + text::printable(name()) + "/" + text::printable(dataset) +
                           ": " + reason);
}

bool node_view::has(const std::string& dataset) const
{
    const std::string* text = string(dataset); // a null dataset says nothing, as one that is missing
    return m_node->arrays.count(dataset) > 0 || (text != nullptr && *text != formats::no_value);
}

const formats::nir_array& node_view::array(const std::string& dataset) const
{
    const auto found = m_node->arrays.find(dataset);
    if (found == m_node->arrays.end())
        fail_at(dataset, string(dataset) == nullptr
                             ? "is missing; every " + text::printable(type()) + " node has it"
                             : std::string("expected numbers, found ") +
                                   (*string(dataset) == formats::no_value       ? formats::no_value
                                    : *string(dataset) == formats::unread_value ? formats::unread_value
                                                                                : "a string"));
    return found->second;
}

const std::string* node_view::string(const std::string& dataset) const
{
    const auto found = m_node->strings.find(dataset);
    return found == m_node->strings.end() ? nullptr : &found->second;
}

std::vector<long> node_view::integers(const std::string& dataset, long low, long high) const
{
    const formats::nir_array& numbers = array(dataset);
    if (numbers.shape.size() > 1)
        fail_at(dataset, "expected a list of numbers, found shape " + formats::shape_text(numbers.shape));
    std::vector<long> result;
    for (std::size_t i = 0; i < numbers.values.size(); ++i) {
        const double value = numbers.values[i];
        if (!whole_in(value, low, high))
            fail_at(dataset, "element " + std::to_string(i) + " is " + number_text(value) +
                                 ", expected a whole number from " + std::to_string(low) + " to " +
                                 std::to_string(high));
        result.push_back(static_cast<long>(value));
    }
    return result;
}

long node_view::integer(const std::string& dataset, long low, long high) const
{
    const std::vector<long> numbers = integers(dataset, low, high);
    if (numbers.size() != 1)
        fail_at(dataset, "expected one number, found " + std::to_string(numbers.size()));
    return numbers.front();
}

std::array<unsigned, 2> node_view::pair(const std::string& dataset, long low, long high) const
{
    const std::vector<long> numbers = integers(dataset, low, high);
    if (numbers.empty() || numbers.size() > 2)
        fail_at(dataset, "expected one or two numbers, found " + std::to_string(numbers.size()));
    return {static_cast<unsigned>(numbers.front()), static_cast<unsigned>(numbers.back())};
}

std::vector<double> node_view::each(const std::string& dataset, std::size_t channels, std::size_t size,
                                    const std::string& source) const
{
    const formats::nir_array& numbers = array(dataset);
    const std::size_t count = numbers.values.size();
    if (count != 1 && count != channels && count != size)
        fail(dataset + " has shape " + formats::shape_text(numbers.shape) + ", " + std::to_string(count) +
             " values, but " + source + " gives " + std::to_string(size));
    return numbers.values;
}

void node_view::require_finite() const
{
    for (const auto& [dataset, array] : m_node->arrays) {
        if (formats::count_elements(array.shape, array.values.size()) != array.values.size())
            fail_at(dataset, "shape " + formats::shape_text(array.shape) + " does not have " +
                                 std::to_string(array.values.size()) + " elements");
        for (std::size_t i = 0; i < array.values.size(); ++i)
            if (!std::isfinite(array.values[i]))
                fail(dataset + " is " + number_text(array.values[i]) + " at " + formats::index_text(array.shape, i) +
                     "; expected a finite number");
    }
}

} // namespace loas::network
