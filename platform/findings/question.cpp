#include "platform/findings/question.h"

#include "platform/findings/best_by.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace loas::findings
{
namespace
{

using text::user_error;

text::expression expression_of(const std::string& text, text::expression::kind kind, const std::string& option)
{
    try {
        return {text, kind};
    } catch (const text::expression_error& mistake) {
        throw user_error(fmt::format("--{}: {}", option, mistake.what()));
    }
}

/// What is asked must be kept of the points.
void require_names(const text::expression& of, const sweep::point_record& example, const std::string& option)
{
    std::vector<std::string_view> known;
    for (const sweep::point_record::named_values* values : {&example.axes, &example.figures, &example.derived})
        for (const auto& each : *values)
            known.push_back(each.first);
    for (const std::string& name : of.names())
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw user_error(fmt::format("--{}: '{}' is not kept of these points{}", option, text::printable(name),
                                         text::did_you_mean(text::nearest_key(name, known))));
}

/// The first point that is ok; an empty one: there is none.
sweep::point_record first_ok(const sweep::point_lines& lines)
{
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (sweep::point_record point = sweep::read_point(lines.line(i)); point.ok())
            return point;
    return {};
}

} // namespace

question::question(const sweep::point_lines& of) : m_example(first_ok(of))
{
}

void question::add_budget(ranking& to, const std::string& comparison) const
{
    text::expression rule = expression_of(comparison, text::expression::kind::comparison, "where");
    require_names(rule, m_example, "where");
    to.add({std::move(rule), "--where"});
}

void question::set_objective(ranking& of, const std::string& option, const std::string& expression) const
{
    of.objective = expression_of(expression, text::expression::kind::figure, option);
    of.most = option == "most";
    of.objective_place = "--" + option;
    require_names(of.objective, m_example, option);
    if (names_seed(of.objective))
        throw user_error(fmt::format("--{}: points that differ in their seed only are one; --where 'seed == 1' takes "
                                     "those of a seed",
                                     option));
}

std::vector<std::string> question::axes_of(const std::string& by) const
{
    std::vector<std::string_view> known;
    for (const auto& each : m_example.axes)
        known.push_back(each.first);
    return findings::axes_of(by, known);
}

} // namespace loas::findings
