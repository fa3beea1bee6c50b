#include "models/memory/dram/command_checker.h"

#include <algorithm>

namespace loas::dram
{

namespace
{

const char* name_of(command what)
{
    switch (what) {
    case command::activate:
        return "activate";
    case command::precharge:
        return "precharge";
    case command::read:
        return "read";
    case command::write:
        return "write";
    case command::refresh:
        return "refresh";
    }
    return "?";
}

std::int64_t clock_of(const issued_command& command)
{
    return static_cast<std::int64_t>(command.clock);
}

} // namespace

command_checker::command_checker(const parameters& parameters)
    : m_banks_per_group(parameters.banks_per_group), m_timing(parameters), m_channels(parameters.channels)
{
    for (channel_history& channel : m_channels) {
        channel.banks.resize(parameters.banks());
        channel.group_column.resize(parameters.bank_groups, long_ago);
    }
}

void command_checker::issued(const issued_command& command)
{
    ++m_commands;
    if (command.channel >= m_channels.size()) {
        violated(command, "no such channel");
        return;
    }
    channel_history& channel = m_channels[command.channel];
    not_before(command, channel.newest, "order in time");
    channel.newest = std::max(channel.newest, clock_of(command));
    if (channel.refreshed)
        not_before(command, channel.refresh + m_timing.rfc, "tRFC");
    if (m_timing.refi != 0) {
        const clock_type since = channel.refreshed ? channel.refresh : 0;
        const clock_type late = clock_of(command) - (since + refresh_intervals * m_timing.refi);
        if (late > 0)
            violated(command, "refresh interval, " + std::to_string(late) + " clocks late");
    }
    if (command.what == command::refresh) {
        check_refresh(command, channel);
        return;
    }
    const std::size_t index = std::size_t{command.bank_group} * m_banks_per_group + command.bank;
    if (command.bank_group >= channel.group_column.size() || command.bank >= m_banks_per_group) {
        violated(command, "no such bank");
        return;
    }
    bank_history& bank = channel.banks[index];
    if (command.what == command::activate)
        check_activate(command, channel, bank);
    else if (command.what == command::precharge)
        check_precharge(command, bank);
    else
        check_column(command, channel, bank);
}

void command_checker::check_column(const issued_command& command, channel_history& channel, bank_history& bank)
{
    const bool read = command.what == command::read;
    const clock_type clock = clock_of(command);
    clock_type& group_column = channel.group_column[command.bank_group];
    if (!bank.open)
        violated(command, "bank is closed");
    else if (bank.row != command.row)
        violated(command, "another row is open");
    not_before(command, bank.activate + m_timing.rcd, "tRCD");
    not_before(command, channel.column + m_timing.ccd_s, "tCCD_S");
    not_before(command, group_column + m_timing.ccd_l, "tCCD_L");
    if (read)
        not_before(command, channel.write_end + m_timing.wtr, "tWTR");
    const clock_type data_begin = clock + (read ? m_timing.cl : m_timing.cwl);
    // The bus needs a clock to turn round from read to written data.
    const clock_type bus_free = channel.data_end + (channel.data_read && !read ? 1 : 0);
    not_before(command, clock + bus_free - data_begin, "data bus");

    channel.column = clock;
    group_column = clock;
    channel.data_end = std::max(channel.data_end, data_begin + m_timing.burst);
    channel.data_read = read;
    if (read) {
        bank.read = clock;
    } else {
        bank.write_end = data_begin + m_timing.burst;
        channel.write_end = bank.write_end;
    }
}

void command_checker::check_activate(const issued_command& command, channel_history& channel, bank_history& bank)
{
    const clock_type clock = clock_of(command);
    if (bank.open)
        violated(command, "bank is open");
    not_before(command, bank.precharge + m_timing.rp, "tRP");
    not_before(command, bank.activate + m_timing.rc, "tRC");
    not_before(command, channel.activates[3] + m_timing.rrd, "tRRD");
    not_before(command, channel.activates[0] + m_timing.faw, "tFAW");
    std::copy(channel.activates + 1, channel.activates + 4, channel.activates);
    channel.activates[3] = clock;
    bank.open = true;
    bank.row = command.row;
    bank.activate = clock;
}

void command_checker::check_precharge(const issued_command& command, bank_history& bank)
{
    if (!bank.open)
        violated(command, "bank is closed");
    not_before(command, bank.activate + m_timing.ras, "tRAS");
    not_before(command, bank.read + m_timing.rtp, "tRTP");
    not_before(command, bank.write_end + m_timing.wr, "tWR");
    bank.open = false;
    bank.precharge = clock_of(command);
}

void command_checker::check_refresh(const issued_command& command, channel_history& channel)
{
    for (const bank_history& bank : channel.banks) {
        if (bank.open)
            violated(command, "bank is open");
        not_before(command, bank.precharge + m_timing.rp, "tRP");
    }
    channel.refresh = clock_of(command);
    channel.refreshed = true;
}

void command_checker::not_before(const issued_command& command, clock_type earliest, const char* rule)
{
    if (clock_of(command) < earliest)
        violated(command,
                 std::string(rule) + ", " + std::to_string(earliest - clock_of(command)) + " clocks too early");
}

void command_checker::violated(const issued_command& command, const std::string& rule)
{
    if (m_violations.size() < kept_violations)
        m_violations.push_back("channel " + std::to_string(command.channel) + ", clock " +
                               std::to_string(command.clock) + ", " + name_of(command.what) + ": " + rule);
}

} // namespace loas::dram
