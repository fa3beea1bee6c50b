// Holds the commands of all channels against the rules of the data sheet. It knows nothing of the scheduler: every rule
// is told again here, as plainly as possible, from the clocks of the commands alone. One checker for all standards:
// they differ in their data.
#pragma once

#include "models/memory/dram/commands.h"
#include "models/memory/dram/parameters.h"

#include <cstdint>
#include <string>
#include <vector>

namespace loas::dram
{

class command_checker : public command_observer
{
public:
    static constexpr std::size_t kept_violations = 10;
    explicit command_checker(const parameters& parameters);

    void issued(const issued_command& command) override;

    std::uint64_t commands() const { return m_commands; }
    /// The first ones, in words.
    const std::vector<std::string>& violations() const { return m_violations; }
    bool clean() const { return m_violations.empty(); }

private:
    using clock_type = std::int64_t;
    static constexpr clock_type long_ago = -(clock_type{1} << 40); // never binds

    struct bank_history {
        bool open = false;
        std::uint64_t row = 0;
        clock_type activate = long_ago;
        clock_type precharge = long_ago;
        clock_type read = long_ago;
        clock_type write_end = long_ago; ///< last written data
        clock_type refresh = long_ago;
        clock_type refresh_end = 0;
    };
    struct group_history { ///< of banks
        clock_type column = long_ago;
        clock_type activate = long_ago;
        clock_type write_end = long_ago;
    };
    struct bus_history { ///< first clocks in which the next command can come
        clock_type row = long_ago;
        clock_type column = long_ago;
    };
    struct channel_history {
        std::vector<bank_history> banks;
        std::vector<group_history> groups;
        clock_type newest = 0;
        clock_type column = long_ago;
        clock_type activates[4] = {long_ago, long_ago, long_ago, long_ago}; ///< last four, the oldest first
        clock_type write_end = long_ago;
        clock_type data_end = long_ago;
        bool data_read = false; ///< the last data on the bus
        clock_type refresh = 0; ///< of all banks
        clock_type refresh_end = long_ago;
        clock_type bank_refresh = long_ago; ///< of any bank
    };

    void check_bus(const issued_command& command);
    void check_all_banks(const issued_command& command, channel_history& channel);
    void check_column(const issued_command& command, channel_history& channel, bank_history& bank);
    void check_distances(const issued_command& command, const channel_history& channel, const bank_history& bank);
    void check_activate(const issued_command& command, channel_history& channel, bank_history& bank);
    void check_bank_refresh(const issued_command& command, channel_history& channel, bank_history& bank);
    void check_precharge(const issued_command& command, bank_history& bank);
    void check_interval(const issued_command& command, clock_type last);
    void not_before(const issued_command& command, clock_type earliest, const char* rule);
    void violated(const issued_command& command, const std::string& rule);

    unsigned m_banks_per_group;
    unsigned m_channels_per_bus;
    bool m_one_bus, m_per_bank;
    unsigned m_activate_clocks, m_precharge_clocks, m_column_clocks;
    timing_clocks m_timing;
    clock_type m_longest_interval; ///< between two refreshes
    std::vector<channel_history> m_channels;
    std::vector<bus_history> m_buses;
    std::uint64_t m_commands = 0;
    std::vector<std::string> m_violations;
};

} // namespace loas::dram
