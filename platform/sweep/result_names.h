// What figures of a result may be called, known before there is one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loas::sweep
{

/// From the paths of an example, whose only layer is called *: "totals.cycles", "layers.*.cycles". Lists have as many
/// entries as a run makes, so any number is right where the example's list is empty.
class result_names
{
public:
    explicit result_names(std::vector<std::string> example) : m_example(std::move(example)) {}

    bool knows(std::string_view name) const;
    /// "" if none is near.
    std::string nearest(std::string_view name) const;

private:
    std::vector<std::string> m_example;
};

} // namespace loas::sweep
