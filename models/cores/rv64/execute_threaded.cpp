// A processor predicts the jump behind each instruction by itself when there are as many jumps as operations: compiled
// with -fno-gcse, since g++ would make one of them.
#if defined(__GNUC__)
#define RV64_EXECUTE execute_threaded
#define RV64_THREADED
#include "models/cores/rv64/execute.inc"
#else // no labels as values
#include "models/cores/rv64/hart.h"

namespace loas::rv64
{

hart::left hart::execute_threaded(block* b, std::uint64_t until)
{
    return b == nullptr ? left::look_up : execute_plain(b, until);
}

} // namespace loas::rv64
#endif
