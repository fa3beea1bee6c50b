// The folder of a sweep: points.jsonl, a line for each finished point, and sweep.toml, which says of which sweep.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace loas::sweep
{

inline constexpr const char* points_file = "points.jsonl";
inline constexpr const char* sweep_file = "sweep.toml";

/// What tells sweeps apart.
struct identity {
    std::string toml; ///< the resolved sweep
    std::size_t points = 0;
    std::string fingerprint;
};

/// Of the folder's sweep.toml. Throws config::user_error.
identity read_identity(const std::filesystem::path& folder);

/// The text of sweep.toml.
std::string to_text(const identity& sweep);

/// A finished point: its index, and its line without the end.
using point_line = std::pair<std::size_t, std::string>;

struct point_lines {
    std::vector<point_line> lines; ///< each index once
    std::size_t whole_bytes = 0;   ///< of the file; what follows is a line that was not written to its end
};

/// Throws config::user_error, also for a damaged line that is not the last one.
point_lines read_points(const std::filesystem::path& folder, std::size_t points);

/// Sorts them by index. Returns them one a line: what a finished points.jsonl holds, whatever came first.
std::string sorted_text(std::vector<point_line>& lines);

/// An open points.jsonl. No two processes have the same folder open.
class store
{
public:
    /// Makes the folder. @param resume go on with one of the same sweep; else there must be no points in it
    /// Throws config::user_error.
    store(const std::filesystem::path& folder, const identity& sweep, bool resume);
    ~store();
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    /// By index.
    const std::vector<bool>& finished() const { return m_finished; }

    /// Adds a line in one write; a part of one is taken back. Throws config::user_error.
    void append(std::size_t index, const std::string& line);

    /// Sorts the file. Returns its lines. Throws config::user_error.
    std::vector<point_line> sort();

    /// In a child process: the folder is the parent's.
    void let_go();

private:
    std::filesystem::path m_folder;
    std::vector<bool> m_finished;
    int m_lock = -1, m_file = -1;
};

} // namespace loas::sweep
