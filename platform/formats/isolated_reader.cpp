#include "platform/formats/isolated_reader.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string_view>

#include "platform/text/user_error.h"

namespace loas::formats
{
namespace
{

// What the child sends: one of these, then a graph or a message, then `complete`, by which the parent knows that the
// child didn't die on the way.
enum class answer : std::uint64_t { graph = 1, user_error, out_of_memory, other_error, complete };

class sender
{
public:
    explicit sender(std::string& answer) : m_answer(answer) {}

    void send(std::uint64_t number) { raw(&number, sizeof number); }
    void send(answer kind) { send(static_cast<std::uint64_t>(kind)); }
    void send(const std::string& text)
    {
        send(std::uint64_t{text.size()});
        raw(text.data(), text.size());
    }
    void send(const nir_array& array)
    {
        send(std::uint64_t{array.shape.size()});
        for (const std::size_t dimension : array.shape)
            send(std::uint64_t{dimension});
        // Weights mostly are floats, and are most of a large network's answer.
        const std::vector<float> narrow(array.values.begin(), array.values.end());
        const bool exact = std::equal(narrow.begin(), narrow.end(), array.values.begin());
        send(std::uint64_t{exact});
        send(std::uint64_t{array.values.size()});
        raw(exact ? static_cast<const void*>(narrow.data()) : array.values.data(),
            array.values.size() * (exact ? sizeof(float) : sizeof(double)));
    }
    template <class Value> void send(const std::map<std::string, Value>& values)
    {
        send(std::uint64_t{values.size()});
        for (const auto& [name, value] : values) {
            send(name);
            send(value);
        }
    }
    void send(const std::vector<nir_node>& nodes)
    {
        send(std::uint64_t{nodes.size()});
        for (const nir_node& node : nodes) {
            send(node.name);
            send(node.type);
            send(node.arrays);
            send(node.strings);
            send(node.nodes);
            send(node.edges);
        }
    }
    void send(const nir_edges& edges)
    {
        send(std::uint64_t{edges.size()});
        for (const auto& [from, to] : edges) {
            send(from);
            send(to);
        }
    }
    void send(const nir_graph& graph)
    {
        send(graph.source);
        send(graph.version);
        send(graph.nodes);
        send(graph.edges);
    }

private:
    void raw(const void* bytes, std::size_t count)
    {
        if (count > 0)
            m_answer.append(static_cast<const char*>(bytes), count);
    }

    std::string& m_answer;
};

std::string answer_of(const std::string& path, const std::function<nir_graph(const std::string&)>& reader)
{
    std::string text;
    sender out(text);
    try {
        const nir_graph graph = reader(path);
        out.send(answer::graph);
        out.send(graph);
    } catch (const text::user_error& error) {
        out.send(answer::user_error);
        out.send(std::string(error.what()));
    } catch (const std::bad_alloc&) {
        text.clear();
        out.send(answer::out_of_memory);
    } catch (const std::exception& error) {
        out.send(answer::other_error);
        out.send(std::string(error.what()));
    }
    out.send(answer::complete);
    return text;
}

// The child stopped in the middle of its answer, or damaged its own memory before it answered.
struct broken_answer {
};

class receiver
{
public:
    explicit receiver(std::string_view answer) : m_left(answer) {}

    std::uint64_t number()
    {
        std::uint64_t value = 0;
        raw(&value, sizeof value);
        return value;
    }
    answer kind() { return static_cast<answer>(number()); }
    std::string text() { return items<std::string>(); }
    nir_array array()
    {
        nir_array result;
        for (std::uint64_t rank = number(); rank > 0; --rank)
            result.shape.push_back(number());
        const auto widened = [](const std::vector<float>& from) { return std::vector<double>(from.begin(), from.end()); };
        result.values = number() != 0 ? widened(items<std::vector<float>>()) : items<std::vector<double>>();
        return result;
    }
    std::vector<nir_node> nodes()
    {
        std::vector<nir_node> result;
        for (std::uint64_t count = number(); count > 0; --count) {
            nir_node& node = result.emplace_back();
            node.name = text();
            node.type = text();
            for (std::uint64_t arrays = number(); arrays > 0; --arrays) {
                std::string name = text();
                node.arrays[std::move(name)] = array();
            }
            for (std::uint64_t strings = number(); strings > 0; --strings) {
                std::string name = text();
                node.strings[std::move(name)] = text();
            }
            node.nodes = nodes();
            node.edges = edges();
        }
        return result;
    }
    nir_edges edges()
    {
        nir_edges result;
        for (std::uint64_t count = number(); count > 0; --count) {
            std::string from = text();
            result.emplace_back(std::move(from), text());
        }
        return result;
    }
    nir_graph graph()
    {
        nir_graph result;
        result.source = text();
        result.version = text();
        result.nodes = nodes();
        result.edges = edges();
        return result;
    }

private:
    // The announced count is not trusted.
    template <class Container> Container items()
    {
        const std::uint64_t count = number();
        Container result;
        if (count > m_left.size() / sizeof result[0])
            throw broken_answer();
        result.resize(static_cast<std::size_t>(count));
        raw(result.data(), result.size() * sizeof result[0]);
        return result;
    }

    void raw(void* bytes, std::size_t count)
    {
        if (count > m_left.size())
            throw broken_answer();
        if (count > 0)
            std::memcpy(bytes, m_left.data(), count);
        m_left.remove_prefix(count);
    }

    std::string_view m_left;
};

[[noreturn]] void fail_damaged(const std::string& path, int signal, const reader_limits& limits)
{
    const std::string start = path + ": the file is damaged: reading it ";
    if (signal == SIGXCPU || signal == SIGKILL)
        throw text::user_error(start + "did not end within " + std::to_string(limits.processor_seconds) +
                               " s of processor time, or took all memory");
    throw text::user_error(start + "crashes the HDF5 library" +
                           (signal != 0 ? " (" + std::string(strsignal(signal)) + ")" : ""));
}

// Reads the child's answer; true and the graph or message in the arguments unless it broke off.
bool receive(const std::string& text, answer& kind, nir_graph& graph, std::string& message)
{
    receiver in(text);
    try {
        kind = in.kind();
        if (kind == answer::graph)
            graph = in.graph();
        else if (kind == answer::user_error || kind == answer::other_error)
            message = in.text();
        return in.kind() == answer::complete;
    } catch (const broken_answer&) {
        return false;
    }
}

} // namespace

reader_limits limits_for(std::uint64_t file_bytes)
{
    reader_limits limits;
    limits.memory_bytes += 64 * file_bytes;
    limits.processor_seconds += static_cast<unsigned>(std::min(file_bytes >> 20, std::uint64_t{3600}));
    return limits;
}

nir_graph read_isolated(const std::string& path, const std::function<nir_graph(const std::string&)>& reader,
                        const reader_limits& limits)
{
    process::child_setup setup;
    setup.what = "a reader of files";
    setup.limits = limits;
    process::child_outcome outcome;
    try {
        outcome = process::child([&] { return answer_of(path, reader); }, setup).finish();
    } catch (const std::runtime_error& none) { // a limit of this computer
        throw text::user_error(path + ": cannot be read: " + none.what());
    }
    answer kind = answer::complete;
    nir_graph graph;
    std::string message;
    if (!receive(outcome.answer, kind, graph, message))
        fail_damaged(path, outcome.signal, limits);
    if (kind == answer::user_error)
        throw text::user_error(message);
    if (kind == answer::out_of_memory)
        throw text::user_error(path + ": reading it takes more than " + std::to_string(limits.memory_bytes >> 20) +
                               " MiB of memory; the file is damaged, or far from any network that fits");
    if (kind != answer::graph)
        throw text::user_error(path + ": cannot be read: " + message);
    return graph;
}

} // namespace loas::formats
