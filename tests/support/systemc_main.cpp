// main of the tests that run SystemC: GoogleTest inside sc_main. A warning or error reported by the kernel fails the
// test.
#include <cstdlib>
#include <gtest/gtest.h>
#include <systemc>

#ifdef __SANITIZE_ADDRESS__
#include <cstdint>
#include <cstdio>
#include <memory>
#include <sys/mman.h>

namespace
{

// The stack of a SystemC thread is a block of the heap whose lowest page is protected. The search for leaks reads blocks
// of the heap, and would crash there when threads outlive the test: so the pages are made readable before.
void open_guard_pages()
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "r"), std::fclose);
    char line[512];
    std::uintptr_t start = 0, end = 0;
    char rights[5] = {};
    constexpr std::uintptr_t most_bytes = 1 << 20; // of pages that lie beside each other; what is larger is ASan's own
    while (maps && std::fgets(line, sizeof line, maps.get()) != nullptr)
        if (std::sscanf(line, "%zx-%zx %4s", &start, &end, rights) == 3 && rights[0] == '-' && end - start <= most_bytes)
            mprotect(reinterpret_cast<void*>(start), end - start, PROT_READ);
}

} // namespace
#endif

int sc_main(int argc, char** argv)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    const int complaints = sc_core::sc_report_handler::get_count(sc_core::SC_WARNING) +
                           sc_core::sc_report_handler::get_count(sc_core::SC_ERROR);
#ifdef __SANITIZE_ADDRESS__
    open_guard_pages();
#endif
    return result != 0 ? result : complaints != 0;
}

int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    return sc_core::sc_elab_and_sim(argc, argv);
}
