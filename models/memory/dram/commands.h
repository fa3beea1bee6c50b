// What a DRAM is told to do, and who may look on.
#pragma once

#include <cstdint>

namespace loas::dram
{

enum class command : std::uint8_t {
    activate,
    precharge,
    read,
    write,
    refresh,        ///< of all banks
    precharge_all,  ///< banks that are closed already do not mind
    refresh_bank,   ///< of one
    auto_precharge, ///< told with the column command before it: takes no place on a bus. The clock is the first
                    ///< possible one
};

struct issued_command {
    std::uint32_t channel;
    command what;
    std::uint64_t clock;
    std::uint32_t bank_group; ///< meaningless for what concerns all banks
    std::uint32_t bank;
    std::uint64_t row; ///< of an activate, read or write
};

/// Sees every command of every channel, in order of time within a channel; but for auto_precharge, also within the
/// channels that share a bus.
class command_observer
{
public:
    virtual ~command_observer() = default;
    virtual void issued(const issued_command& command) = 0;
};

} // namespace loas::dram
