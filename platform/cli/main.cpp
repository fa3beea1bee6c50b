#include "platform/cli/commands.h"
#include "platform/process/errors.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <new>
#include <sys/mman.h>
#include <systemc>

#ifndef __SANITIZE_ADDRESS__
// Layers are drawn, packed and computed in buffers of megabytes, each page of which costs a fault when it is touched
// first: a third of the time to draw a large layer. Large buffers take huge pages, where the system has them.
void* operator new(std::size_t bytes)
{
    constexpr std::size_t huge_page = std::size_t{2} << 20, least = 2 * huge_page;
    void* at = nullptr;
    if (bytes < least) {
        at = std::malloc(bytes != 0 ? bytes : 1);
    } else if (bytes <= PTRDIFF_MAX) { // more is no size of anything, and rounding up would make a small one of it
        at = std::aligned_alloc(huge_page, (bytes + huge_page - 1) / huge_page * huge_page);
        if (at != nullptr) // the rest of the last page is not worth a whole one
            ::madvise(at, bytes / huge_page * huge_page, MADV_HUGEPAGE);
    }
    if (at == nullptr)
        throw std::bad_alloc();
    return at;
}

void operator delete(void* at) noexcept
{
    std::free(at);
}

void operator delete(void* at, std::size_t) noexcept
{
    std::free(at);
}
#endif

int sc_main(int argc, char** argv)
{
    // Fatal reports become exceptions with a message; stopping is how every run ends and no news.
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    return loas::cli::run_command_line({argv + 1, argv + argc});
}

int main(int argc, char** argv)
{
    // Layer after layer wants as much memory again: what the system takes back it gives again page by page, which takes
    // a fifth of the time to draw a layer.
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    try {
        return sc_core::sc_elab_and_sim(argc, argv);
    } catch (const std::bad_alloc&) { // not even for the first object of the simulation
        std::fprintf(stderr, "loas-vp: %s\n", loas::process::no_memory().c_str());
        return static_cast<int>(loas::process::exit_code::user_mistake);
    }
}
