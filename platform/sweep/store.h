// The folder of a sweep: points.jsonl, a line for each finished point, and sweep.toml, which says of which sweep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
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

/// Of the folder's sweep.toml. Throws text::user_error.
identity read_identity(const std::filesystem::path& folder);

/// Throws text::user_error if a run's result is in the folder. hint: what else one can do about it, "... or ".
void require_no_run(const std::filesystem::path& folder, const char* hint);

/// The text of sweep.toml.
std::string to_text(const identity& sweep);

/// The finished points of a folder. It knows where their lines stand, and reads one when it is asked for: a million of
/// them do not fit into everybody's memory. What it reads stays as it is when the file is replaced.
class point_lines
{
public:
    /// Throws text::user_error, also for a damaged line that is not the last one.
    point_lines(const std::filesystem::path& folder, std::size_t points);
    ~point_lines();
    point_lines(point_lines&& other) noexcept;
    point_lines(const point_lines&) = delete;
    point_lines& operator=(const point_lines&) = delete;

    std::size_t size() const { return m_places.size(); } ///< each index once
    std::size_t index(std::size_t place) const { return m_places[place].index; }
    std::string line(std::size_t place) const; ///< without its end. Throws text::user_error.
    /// Of the file; what follows was not written to its end.
    std::uint64_t whole_bytes() const { return m_whole_bytes; }

    /// By index. False: they were sorted already.
    bool sort();

private:
    bool stands_above(const std::string& line, std::size_t index) const;

    struct stretch {
        std::uint32_t index, bytes;
        std::uint64_t offset;
    };
    std::filesystem::path m_file;
    int m_open = -1;
    std::vector<stretch> m_places;
    std::uint64_t m_whole_bytes = 0;
};

/// An open points.jsonl. No two processes have the same folder open.
class store
{
public:
    /// Makes the folder. Throws text::user_error.
    /// @param resume go on with one of the same sweep; else there must be no points in it
    /// @param force  what is there of a sweep or of a run goes; not with resume
    store(const std::filesystem::path& folder, const identity& sweep, bool resume, bool force = false);
    ~store();
    store(const store&) = delete;
    store& operator=(const store&) = delete;

    /// By index.
    const std::vector<bool>& finished() const { return m_finished; }

    /// Adds a line in one write; a part of one is taken back. Throws text::user_error.
    void append(std::size_t index, const std::string& line);

    /// Sorts the file. Returns its lines, sorted. Throws text::user_error.
    point_lines sort();

    /// In a child process: the folder is the parent's.
    void let_go();

private:
    std::filesystem::path m_folder;
    std::vector<bool> m_finished;
    int m_lock = -1, m_file = -1;
};

} // namespace loas::sweep
