// The keys of a JSON file, declared once: the same description writes a struct (tree_writer) and reads it (tree_reader).
// A description is a function template over the two; result_tree.cpp has that of a result.
#pragma once

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace loas::results
{

/// A key that is missing, or whose value is not what it must be: "layers[0].cycles is missing". Whose mistake that is
/// depends on where the text comes from.
class tree_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

class tree_writer
{
public:
    using json = nlohmann::ordered_json;
    static constexpr bool reads = false;

    explicit tree_writer(json& node) : m_node(node) {}

    template <class T> void value(const std::string& key, const T& member) { m_node[key] = member; }

    /// What follows from other members: written; when read, it has to be there, and is worked out again.
    template <class T> void derived(const std::string& key, const T& value) { m_node[key] = value; }

    /// A member that the file has in another form. write: () -> T; read: (const T&).
    template <class T, class Write, class Read> void converted(const std::string& key, Write write, Read)
    {
        m_node[key] = static_cast<T>(write());
    }

    /// members: (tree) -> void. Objects of the same key become one.
    template <class Members> void object(const std::string& key, Members members)
    {
        json& inner = m_node[key];
        if (inner.is_null())
            inner = json::object();
        tree_writer below(inner);
        members(below);
    }

    /// members: (tree, entry) -> void.
    template <class T, class Members> void list(const std::string& key, std::vector<T>& entries, Members members)
    {
        json& inner = m_node[key] = json::array();
        for (T& each : entries) {
            tree_writer below(inner.emplace_back(json::object()));
            members(below, each);
        }
    }

    /// An object whose keys are no words of ours.
    template <class T> void named(const std::string& key, const std::vector<std::pair<std::string, T>>& entries)
    {
        json& inner = m_node[key] = json::object();
        for (const auto& entry : entries)
            inner[entry.first] = entry.second;
    }

    /// Whether an optional key is there.
    bool has(const std::string&, bool wanted) const { return wanted; }

private:
    json& m_node;
};

class tree_reader
{
public:
    using json = nlohmann::ordered_json;
    static constexpr bool reads = true;

    explicit tree_reader(const json& node, std::string path = {}) : m_node(node), m_path(std::move(path))
    {
        if (!node.is_object())
            throw tree_error(m_path.empty() ? "an object is needed" : m_path + ": an object is needed");
    }

    template <class T> void value(const std::string& key, T& member) const { take(at(key), below(key), member); }

    template <class T> void derived(const std::string& key, const T&) const
    {
        T unused{};
        take(at(key), below(key), unused);
    }

    template <class T, class Write, class Read> void converted(const std::string& key, Write, Read read) const
    {
        T taken{};
        take(at(key), below(key), taken);
        if (!read(taken))
            throw tree_error(fmt::format("{}: {} cannot stand there", below(key), at(key).dump()));
    }

    template <class Members> void object(const std::string& key, Members members) const
    {
        tree_reader inner(at(key), below(key));
        members(inner);
    }

    template <class T, class Members> void list(const std::string& key, std::vector<T>& entries, Members members) const
    {
        const json& inner = array(at(key), below(key));
        entries.assign(inner.size(), T());
        for (std::size_t i = 0; i < inner.size(); ++i) {
            tree_reader entry(inner[i], fmt::format("{}[{}]", below(key), i));
            members(entry, entries[i]);
        }
    }

    template <class T> void named(const std::string& key, std::vector<std::pair<std::string, T>>& entries) const
    {
        const tree_reader inner(at(key), below(key));
        entries.clear();
        for (const auto& [name, node] : inner.m_node.items()) {
            entries.emplace_back(name, T());
            take(node, inner.below(name), entries.back().second);
        }
    }

    bool has(const std::string& key, bool) const { return m_node.contains(key); }

    static void take(const json& node, const std::string& path, std::uint64_t& into)
    {
        need(node.is_number_unsigned(), path, "a count");
        into = node.get<std::uint64_t>();
    }
    static void take(const json& node, const std::string& path, unsigned& into)
    {
        std::uint64_t wide = 0;
        take(node, path, wide);
        need(wide <= UINT32_MAX, path, "a count of 32 bits");
        into = static_cast<unsigned>(wide);
    }
    static void take(const json& node, const std::string& path, int& into)
    {
        need(node.is_number_integer(), path, "an integer");
        into = node.get<int>();
    }
    static void take(const json& node, const std::string& path, double& into)
    {
        need(node.is_number(), path, "a number");
        into = node.get<double>();
    }
    static void take(const json& node, const std::string& path, std::string& into)
    {
        need(node.is_string(), path, "a text");
        into = node.get<std::string>();
    }
    /// Anything; what it may be, the one who asks knows.
    static void take(const json& node, const std::string&, json& into) { into = node; }
    template <class T> static void take(const json& node, const std::string& path, std::vector<T>& into)
    {
        into.clear();
        for (const json& each : array(node, path))
            take(each, path, into.emplace_back());
    }

private:
    static void need(bool holds, const std::string& path, const char* what)
    {
        if (!holds)
            throw tree_error(fmt::format("{}: {} is needed", path, what));
    }
    static const json& array(const json& node, const std::string& path)
    {
        need(node.is_array(), path, "a list");
        return node;
    }
    std::string below(const std::string& key) const { return m_path.empty() ? key : m_path + '.' + key; }
    const json& at(const std::string& key) const
    {
        const auto found = m_node.find(key);
        if (found == m_node.end())
            throw tree_error(below(key) + " is missing");
        return *found;
    }

    const json& m_node;
    std::string m_path;
};

} // namespace loas::results
