#include "platform/formats/isolated_reader.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <stdexcept>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/text/user_error.h"

namespace loas::formats
{

namespace
{

// What the child sends: one of these, then a graph or a message, then `complete`, by which the parent knows that the
// child didn't die on the way.
enum class answer : std::uint64_t { graph = 1, user_error, out_of_memory, other_error, complete };

struct file_closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using pipe_end = std::unique_ptr<std::FILE, file_closer>;

// ---------------------------------------------------------------- child

class sender
{
public:
    explicit sender(std::FILE* pipe) : m_pipe(pipe) {}

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
        send(std::uint64_t{array.values.size()});
        raw(array.values.data(), array.values.size() * sizeof(double));
    }
    template <class Value> void send(const std::map<std::string, Value>& values)
    {
        send(std::uint64_t{values.size()});
        for (const auto& [name, value] : values) {
            send(name);
            send(value);
        }
    }
    void send(const nir_graph& graph)
    {
        send(graph.source);
        send(graph.version);
        send(std::uint64_t{graph.nodes.size()});
        for (const nir_node& node : graph.nodes) {
            send(node.name);
            send(node.type);
            send(node.arrays);
            send(node.strings);
        }
        send(std::uint64_t{graph.edges.size()});
        for (const auto& [from, to] : graph.edges) {
            send(from);
            send(to);
        }
    }

private:
    void raw(const void* bytes, std::size_t count)
    {
        // A failure needs no care: without `complete` the parent knows.
        if (count > 0)
            std::fwrite(bytes, 1, count, m_pipe);
    }

    std::FILE* m_pipe;
};

void limit(decltype(RLIMIT_CPU) resource, rlim_t value)
{
    rlimit now{};
    getrlimit(resource, &now);
    now.rlim_cur = std::min(value, now.rlim_max);
    setrlimit(resource, &now);
}

void limit_child(const reader_limits& limits)
{
    // The parent's handlers would report a crash that is no news, and a core file helps nobody.
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU})
        std::signal(signal, SIG_DFL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, limits.processor_seconds);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their shadow memory is larger than any limit
    std::uint64_t pages = 0;
    if (std::ifstream("/proc/self/statm") >> pages)
        limit(RLIMIT_AS, pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + limits.memory_bytes);
#endif
    if (const int nowhere = open("/dev/null", O_WRONLY); nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO);
        close(nowhere);
    }
}

[[noreturn]] void run_child(int pipe, const std::string& path, nir_graph (*reader)(const std::string&),
                            const reader_limits& limits)
{
    std::FILE* file = fdopen(pipe, "wb");
    if (file == nullptr)
        _exit(1);
    sender out(file);
    limit_child(limits);
    try {
        const nir_graph graph = reader(path);
        out.send(answer::graph);
        out.send(graph);
    } catch (const text::user_error& error) {
        out.send(answer::user_error);
        out.send(std::string(error.what()));
    } catch (const std::bad_alloc&) {
        out.send(answer::out_of_memory);
    } catch (const std::exception& error) {
        out.send(answer::other_error);
        out.send(std::string(error.what()));
    }
    out.send(answer::complete);
    std::fflush(file);
    _exit(0); // without the parent's destructors and buffers
}

// ---------------------------------------------------------------- parent

// The child stopped in the middle of its answer, or damaged its own memory before it answered.
struct broken_answer {
};

class receiver
{
public:
    explicit receiver(std::FILE* pipe) : m_pipe(pipe) {}

    std::uint64_t number()
    {
        std::uint64_t value = 0;
        if (std::fread(&value, sizeof value, 1, m_pipe) != 1)
            throw broken_answer();
        return value;
    }
    answer kind() { return static_cast<answer>(number()); }
    std::string text() { return items<std::string>(); }
    nir_array array()
    {
        nir_array result;
        for (std::uint64_t rank = number(); rank > 0; --rank)
            result.shape.push_back(number());
        result.values = items<std::vector<double>>();
        return result;
    }
    nir_graph graph()
    {
        nir_graph result;
        result.source = text();
        result.version = text();
        for (std::uint64_t nodes = number(); nodes > 0; --nodes) {
            nir_node& node = result.nodes.emplace_back();
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
        }
        for (std::uint64_t edges = number(); edges > 0; --edges) {
            std::string from = text();
            result.edges.emplace_back(std::move(from), text());
        }
        return result;
    }

private:
    // Grows with what arrives: the announced count is not trusted.
    template <class Container> Container items()
    {
        constexpr std::uint64_t step = 1u << 16;
        Container result;
        for (std::uint64_t left = number(); left > 0;) {
            const std::size_t old = result.size();
            const auto now = static_cast<std::size_t>(std::min(left, step));
            result.resize(old + now);
            if (std::fread(&result[old], sizeof result[0], now, m_pipe) != now)
                throw broken_answer();
            left -= now;
        }
        return result;
    }

    std::FILE* m_pipe;
};

[[noreturn]] void fail_damaged(const std::string& path, int status, const reader_limits& limits)
{
    const std::string start = path + ": the file is damaged: reading it ";
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
        throw text::user_error(start + "did not end within " + std::to_string(limits.processor_seconds) +
                               " s of processor time, or took all memory");
    throw text::user_error(start + "crashes the HDF5 library" +
                           (WIFSIGNALED(status) ? " (" + std::string(strsignal(WTERMSIG(status))) + ")" : ""));
}

// Reads the child's answer; true and the graph or message in the arguments unless it broke off.
bool receive(std::FILE* pipe, answer& kind, nir_graph& graph, std::string& message)
{
    receiver in(pipe);
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

nir_graph read_isolated(const std::string& path, nir_graph (*reader)(const std::string&), const reader_limits& limits)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw text::user_error(path + ": cannot be read: no pipe: " + std::strerror(errno));
    const pid_t child = fork();
    if (child < 0) {
        const int reason = errno;
        close(ends[0]);
        close(ends[1]);
        throw text::user_error(path + ": cannot be read: no process to read it in: " + std::strerror(reason));
    }
    if (child == 0) {
        close(ends[0]);
        run_child(ends[1], path, reader, limits);
    }
    close(ends[1]);

    answer kind = answer::complete;
    nir_graph graph;
    std::string message;
    bool complete = false;
    {
        const pipe_end pipe(fdopen(ends[0], "rb"));
        complete = pipe != nullptr && receive(pipe.get(), kind, graph, message);
    } // closing the pipe stops a child that still writes
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }

    if (!complete)
        fail_damaged(path, status, limits);
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
