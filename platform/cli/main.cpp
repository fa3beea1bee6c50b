#include "platform/cli/commands.h"

#include <cstdlib>
#include <malloc.h>
#include <systemc>

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
    return sc_core::sc_elab_and_sim(argc, argv);
}
