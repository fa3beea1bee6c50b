#include "platform/sweep/axis_values.h"

#include "platform/config/convert.h"
#include "platform/sweep/definition.h"
#include "platform/text/toml_reader.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace loas::sweep
{
namespace
{

using config::option;
using config::value;

std::string list_values(const option& o, const toml::array& list, std::vector<value>& values)
{
    if (list.empty())
        return fmt::format("{}: the list is empty", o.key);
    if (list.size() > most_points)
        return fmt::format("{}: more than {} values", o.key, most_points);
    for (const toml::node& entry : list) {
        const std::optional<value> v = config::convert(o, entry);
        if (!v)
            return fmt::format("{}: {}, {}", o.key, config::expected(o), text::found(entry));
        if (const std::string problem = o.problem(*v); !problem.empty())
            return problem;
        values.push_back(*v);
    }
    return {};
}

/// The keys of a range, all as numbers; whole ones are exact.
struct range {
    double from = 0, to = 0, by = 0;
    std::string how; ///< "step", "count" or "factor"
};

std::string read_range(const option& o, const toml::table& table, range& out)
{
    static const std::vector<std::string_view> known = {"from", "to", "step", "count", "factor"};
    unsigned ends = 0;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        double number = 0;
        const auto* whole = node.as_integer();
        if (whole != nullptr)
            number = static_cast<double>(whole->get());
        else if (const auto* real = node.as_floating_point(); real != nullptr)
            number = real->get();
        if (name == "from" || name == "to") {
            (name == "from" ? out.from : out.to) = number;
            ++ends;
        } else if (name == "step" || name == "count" || name == "factor") {
            if (!out.how.empty())
                return fmt::format("{}: {} and {}: only one of step, count and factor can be", o.key, out.how, name);
            out.how = name;
            out.by = number;
        } else {
            const std::string_view near = text::nearest_word(name, known);
            return fmt::format("{}: a range has no '{}'; {}", o.key, text::printable(name),
                               near.empty() ? "it has from, to and one of step, count and factor"
                                            : fmt::format("did you mean '{}'?", near));
        }
        if (!node.is_number())
            return fmt::format("{}: {}: expected a number, {}", o.key, name, text::found(node));
        if ((o.is_integer() || name == "count") && whole == nullptr)
            return fmt::format("{}: {}: expected an integer, {}", o.key, name, text::found(node));
    }
    if (ends != 2 || out.how.empty())
        return fmt::format("{}: a range needs from, to and one of step, count and factor", o.key);
    return {};
}

/// How many values; 0: what is wrong is in `problem`.
double count_values(const option& o, const range& r, std::string& problem)
{
    // A decimal step hardly ever meets `to` exactly.
    constexpr double close_enough = 1e-9;
    if (r.how == "count") {
        const bool whole = !o.is_integer() || std::fmod(r.to - r.from, r.by - 1) == 0;
        if (r.by < 2 || r.to == r.from)
            problem = "a count of 2 or more between different ends is needed";
        else if (!whole)
            problem = fmt::format("{} values from {} to {} are not all integers", r.by, r.from, r.to);
        return r.by;
    }
    if (r.how == "step") {
        const double steps = (r.to - r.from) / r.by;
        if (!(steps >= 0) || r.by == 0)
            problem = fmt::format("with step = {} one does not come from {} to {}", r.by, r.from, r.to);
        return std::floor(steps * (1 + close_enough)) + 1;
    }
    if (!(r.by > 1) || !(r.from > 0) || r.to < r.from) {
        problem = "a factor of more than 1 and 0 < from <= to are needed";
        return 0;
    }
    double count = 0;
    for (double v = r.from; v <= r.to * (1 + close_enough) && count <= most_points; v *= r.by)
        ++count;
    return count;
}

std::string range_values(const option& o, const toml::table& table, std::vector<value>& values)
{
    if (!o.is_integer() && !o.is_number())
        return fmt::format("{}: a range needs a number; here a list [...] is needed", o.key);
    range r;
    if (std::string problem = read_range(o, table, r); !problem.empty())
        return problem;
    // 0.1 + 2 * 0.1 is meant to be 0.3, the number that one would have written down.
    const auto as_value = [&o](double v) {
        return o.is_integer() ? value(static_cast<std::int64_t>(v)) : value(std::stod(fmt::format("{:.12g}", v)));
    };
    for (const double end : {r.from, r.to}) { // then all between them are in range, too
        if (!(std::fabs(end) <= 9e15))
            return fmt::format("{}: {} is out of range", o.key, end);
        if (const std::string problem = o.problem(as_value(end)); !problem.empty() && !o.power_of_two)
            return problem;
    }
    std::string problem;
    const double count = count_values(o, r, problem);
    if (!problem.empty())
        return fmt::format("{}: {}", o.key, problem);
    if (!(count <= static_cast<double>(most_points)))
        return fmt::format("{}: the range has more than {} values", o.key, most_points);
    double power = r.from;
    for (double i = 0; i < count; ++i, power *= r.by) {
        double v = power;
        if (r.how == "count")
            v = i == count - 1 ? r.to : r.from + (r.to - r.from) * i / (r.by - 1);
        else if (r.how == "step")
            v = r.from + i * r.by;
        const value one = as_value(v);
        if (const std::string wrong = o.problem(one); !wrong.empty())
            return wrong;
        values.push_back(one);
    }
    return {};
}

} // namespace

std::string axis_values(const option& o, const toml::node& node, std::vector<value>& values)
{
    if (const auto* list = node.as_array())
        return list_values(o, *list, values);
    if (const auto* table = node.as_table())
        return range_values(o, *table, values);
    return fmt::format("{}: expected a list [...] or a range {{ from, to, step | count | factor }}, {}", o.key,
                       text::found(node));
}

} // namespace loas::sweep
