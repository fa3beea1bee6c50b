// Which of a sweep's points are wanted: budgets on their results, what makes one better, and points that differ in their
// seed only taken together.
#pragma once

#include "platform/sweep/point_record.h"
#include "platform/text/expression.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace loas::findings
{

/// A comparison that a point keeps, and where it stands: "points/sweep.toml:3: constraints", "--where".
struct budget {
    text::expression rule;
    std::string place;
};

/// What is wanted of a point that is ok.
struct ranking {
    std::vector<budget> budgets;  ///< all of which it keeps, in the mean over its seeds
    std::vector<budget> of_seeds; ///< those that name the seed: each point keeps them, or is none of these
    text::expression objective{"totals.cycles", text::expression::kind::figure};
    std::string objective_place; ///< as of a budget
    bool most = false; ///< the most of the objective is best, and not the least

    /// A comparison, where it belongs.
    void add(budget wanted);

    /// "fewest cycles", "least totals.dram_bytes"
    std::string title() const;
};

/// Whether a value is asked of single seeds.
bool names_seed(const text::expression& of);

/// The budgets and the objective of a folder's sweep.toml. Throws text::user_error.
ranking read_ranking(const std::filesystem::path& folder);

/// Mean and spread of a number over the seeds.
class seed_statistics
{
public:
    void add(double value);

    std::uint64_t count() const { return m_count; }
    double mean() const { return m_mean; }
    /// Of the sample: divided by count - 1. 0 for one value.
    double deviation() const;
    /// Half of the interval in which the mean of all seeds lies with 95 %, by Student's t; infinite for one value.
    double half_interval() const;

private:
    std::uint64_t m_count = 0;
    double m_mean = 0, m_squares = 0; ///< squares of the distances from the mean
};

/// A point, or all that differ from it in their seed only.
struct point_group {
    sweep::point_record first; ///< its axes without the seed
    std::map<std::string, seed_statistics> figures;
    seed_statistics objective;

    std::uint64_t size() const { return objective.count(); }
    /// Of a figure, derived figure or axis; nan: there is none.
    double mean(const std::string& name) const;
};

/// Reads points in the order of their indices and keeps the best groups that keep the budgets, of means over seeds. An
/// expression that divides by 0, or names a figure that is null, is told, and what it is of is not among the best.
class point_ranking
{
public:
    explicit point_ranking(ranking wanted);

    void add(const sweep::point_record& point);
    /// After the last point; then the rest may be asked for.
    void finish();

    std::uint64_t groups() const { return m_groups; }
    std::uint64_t outside() const { return m_outside; } ///< groups that break a budget
    /// "3 of 8 break the constraints on results: 3 area_mm2.total < 2\n"; "" for none.
    std::string outside_in_words() const;
    const std::vector<point_group>& best() const { return m_best; }
    /// Expressions that cannot be computed of some points, in words, each once: all where one divides by 0, or that no
    /// point has a number for.
    std::vector<std::string> mistakes() const { return troubles(true); }
    /// Those of which only some points are null, as may be: one design has a published accounting, another has none.
    std::vector<std::string> remarks() const { return troubles(false); }

    /// A table of the best for people; "" without any.
    std::string table() const;
    nlohmann::ordered_json to_json() const;

private:
    bool is_of_seeds(const sweep::point_record& point);
    bool keeps_budgets(const point_group& group);
    void close_group();
    void note(const std::string& place, const std::string& what, bool null, const sweep::point_record& of);
    void note_null(const std::string& place, const text::expression& of, const point_group& group);
    std::vector<std::string> troubles(bool mistakes) const;

    /// What of an expression cannot be computed: of the first point, and of how many.
    struct trouble {
        std::string place, what, point;
        bool null;
        std::uint64_t count;
    };

    ranking m_wanted;
    std::vector<std::string> m_names; ///< figures whose means are wanted
    point_group m_open;
    bool m_is_open = false, m_divided = false; ///< the objective of one of the open group's points divides by 0
    std::uint64_t m_groups = 0, m_outside = 0, m_other_seeds = 0;
    std::vector<std::uint64_t> m_broken; ///< groups that break each budget
    std::vector<point_group> m_best;
    std::vector<trouble> m_troubles;
};

} // namespace loas::findings
