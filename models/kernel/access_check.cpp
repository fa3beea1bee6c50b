#include "models/kernel/access_check.h"

namespace loas::kernel
{

tlm::tlm_response_status check_access(const tlm::tlm_generic_payload& access, const access_rules& rules)
{
    const std::uint64_t address = access.get_address();
    const std::uint64_t length = access.get_data_length();
    if (access.get_command() != tlm::TLM_READ_COMMAND && access.get_command() != tlm::TLM_WRITE_COMMAND)
        return tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (address >= rules.size_bytes || length > rules.size_bytes - address)
        return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (access.get_byte_enable_ptr() != nullptr)
        return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
    if (length == 0 || access.get_data_ptr() == nullptr || access.get_streaming_width() < length)
        return tlm::TLM_BURST_ERROR_RESPONSE;
    if (rules.exact_bytes != 0 && (length != rules.exact_bytes || address % rules.exact_bytes != 0))
        return tlm::TLM_BURST_ERROR_RESPONSE;
    return tlm::TLM_OK_RESPONSE;
}

} // namespace loas::kernel
