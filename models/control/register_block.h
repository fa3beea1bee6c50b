// The register block that software sees: a target that checks accesses, keeps values, and tells its owner when one with
// an effect is read or written. A register is declared once: offset, name, rights, reset value, callback.
#pragma once

#include "abi/loas_abi.h"

#include <cstdint>
#include <functional>
#include <map>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

namespace loas::control
{

enum class access_right { read_only, read_write };

class register_block : public sc_core::sc_module
{
public:
    tlm_utils::simple_target_socket<register_block> registers_in{"registers_in"};

    struct register_declaration {
        const char* name;
        access_right right;
        std::uint32_t reset_value;
        /// Value at a read, instead of the kept one. Called for debug reads too, so without side effects.
        std::function<std::uint32_t()> on_read;
        /// Effect of a write, instead of keeping the value; false refuses it with a bus error.
        std::function<bool(std::uint32_t)> on_write;
        /// Effect of a real (not a debug) read.
        std::function<void()> after_read;
    };

    register_block(const sc_core::sc_module_name& name, const sc_core::sc_time& latency);

    void declare(std::uint64_t offset, register_declaration declaration);
    std::uint32_t value(std::uint64_t offset) const { return m_registers.at(offset).value; }
    void set(std::uint64_t offset, std::uint32_t value) { m_registers.at(offset).value = value; }

    /// All values as declared.
    void reset();

private:
    struct entry {
        register_declaration declaration;
        std::uint32_t value;
    };

    void access_register(tlm::tlm_generic_payload& access, bool debug);
    void b_transport(tlm::tlm_generic_payload& access, sc_core::sc_time& delay);
    unsigned transport_dbg(tlm::tlm_generic_payload& access);

    sc_core::sc_time m_latency;
    std::map<std::uint64_t, entry> m_registers;
};

} // namespace loas::control
