// What is asked of finished points on the command line: loas-vp best --where, --least, --most.
#pragma once

#include "platform/findings/ranking.h"
#include "platform/sweep/store.h"

#include <string>
#include <vector>

namespace loas::findings
{

/// All throw text::user_error that names the option for what is no such expression or is not kept of the points.
class question
{
public:
    explicit question(const sweep::point_lines& of);

    void add_budget(ranking& to, const std::string& comparison) const;
    /// option: "least" or "most"
    void set_objective(ranking& of, const std::string& option, const std::string& expression) const;
    /// Of --by.
    std::vector<std::string> axes_of(const std::string& by) const;

private:
    sweep::point_record m_example; ///< the first point that is ok; an empty one: there is none
};

} // namespace loas::findings
