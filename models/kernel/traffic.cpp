#include "models/kernel/traffic.h"

namespace loas::kernel
{
namespace
{

DECLARE_EXTENDED_PHASE(LINES_READY);

} // namespace

const tlm::tlm_phase& lines_ready()
{
    return LINES_READY;
}

} // namespace loas::kernel
