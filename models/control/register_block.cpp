#include "models/control/register_block.h"

#include "models/kernel/access_check.h"

#include <cstring>
#include <utility>

namespace loas::control
{

register_block::register_block(const sc_core::sc_module_name& name, const sc_core::sc_time& latency)
    : sc_module(name), m_latency(latency)
{
    registers_in.register_b_transport(this, &register_block::b_transport);
    registers_in.register_transport_dbg(this, &register_block::transport_dbg);
}

void register_block::declare(std::uint64_t offset, register_declaration declaration)
{
    const std::uint32_t reset_value = declaration.reset_value;
    const char* register_name = declaration.name;
    if (offset % 4 != 0 || offset >= LOAS_REGISTER_BLOCK_BYTES ||
        !m_registers.emplace(offset, entry{std::move(declaration), reset_value}).second)
        SC_REPORT_FATAL(name(), (std::string(register_name) + ": declared outside the block or twice").c_str());
}

void register_block::reset()
{
    for (auto& item : m_registers)
        item.second.value = item.second.declaration.reset_value;
}

void register_block::access_register(tlm::tlm_generic_payload& access, bool debug)
{
    tlm::tlm_response_status status = kernel::check_access(access, {LOAS_REGISTER_BLOCK_BYTES, 4});
    const auto found = m_registers.find(access.get_address());
    if (status == tlm::TLM_OK_RESPONSE && found == m_registers.end())
        status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (status == tlm::TLM_OK_RESPONSE && access.is_write() &&
        (debug || found->second.declaration.right == access_right::read_only))
        status = tlm::TLM_COMMAND_ERROR_RESPONSE;
    if (status == tlm::TLM_OK_RESPONSE) {
        entry& target = found->second;
        if (access.is_read()) {
            const std::uint32_t value = target.declaration.on_read ? target.declaration.on_read() : target.value;
            std::memcpy(access.get_data_ptr(), &value, 4);
            if (!debug && target.declaration.after_read)
                target.declaration.after_read();
        } else {
            std::uint32_t value = 0;
            std::memcpy(&value, access.get_data_ptr(), 4);
            if (!target.declaration.on_write)
                target.value = value;
            else if (!target.declaration.on_write(value))
                status = tlm::TLM_COMMAND_ERROR_RESPONSE;
        }
    }
    access.set_response_status(status);
}

void register_block::b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay)
{
    // Most registers here change with time or start something: an initiator that ran ahead comes back to now first.
    sc_core::wait(delay);
    delay = m_latency;
    access_register(access, false);
}

unsigned register_block::transport_dbg(tlm::tlm_generic_payload& access)
{
    access_register(access, true);
    return access.is_response_ok() ? access.get_data_length() : 0;
}

} // namespace loas::control
