// main of the tests that run SystemC: GoogleTest inside sc_main. A warning or error reported by the kernel fails the
// test.
#include "models/kernel/main_stack.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <systemc>

int sc_main(int argc, char** argv)
{
    sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    const int complaints = sc_core::sc_report_handler::get_count(sc_core::SC_WARNING) +
                           sc_core::sc_report_handler::get_count(sc_core::SC_ERROR);
    loas::kernel::back_on_main_stack();
    return result != 0 ? result : complaints != 0;
}

int main(int argc, char** argv)
{
    setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
    return sc_core::sc_elab_and_sim(argc, argv);
}
