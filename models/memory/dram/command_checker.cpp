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
    case command::precharge_all:
        return "precharge of all banks";
    case command::refresh_bank:
        return "refresh of a bank";
    case command::auto_precharge:
        return "automatic precharge";
    }
    return "?";
}

std::int64_t clock_of(const issued_command& command)
{
    return static_cast<std::int64_t>(command.clock);
}

} // namespace

command_checker::command_checker(const parameters& parameters)
    : m_banks_per_group(parameters.banks_per_group),
      m_channels_per_bus(std::min(parameters.channels_per_command_bus, parameters.channels)),
      m_one_bus(!parameters.separate_column_bus), m_per_bank(parameters.refresh == refresh_kind::per_bank),
      m_activate_clocks(parameters.activate_clocks), m_precharge_clocks(parameters.precharge_clocks),
      m_column_clocks(parameters.column_clocks), m_timing(parameters),
      m_longest_interval(m_timing.refi + std::max(m_timing.refresh_owed, m_timing.refresh_close)),
      m_channels(parameters.channels),
      m_buses((parameters.channels + m_channels_per_bus - 1) / m_channels_per_bus)
{
    for (channel_history& channel : m_channels) {
        channel.banks.resize(parameters.banks());
        channel.groups.resize(parameters.bank_groups);
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
    if (command.what != command::auto_precharge)
        check_bus(command);
    not_before(command, channel.refresh_end, "tRFC");
    if (!m_per_bank)
        check_interval(command, channel.refresh);
    if (command.what == command::refresh || command.what == command::precharge_all) {
        check_all_banks(command, channel);
        return;
    }
    const std::size_t index = std::size_t{command.bank_group} * m_banks_per_group + command.bank;
    if (command.bank_group >= channel.groups.size() || command.bank >= m_banks_per_group) {
        violated(command, "no such bank");
        return;
    }
    bank_history& bank = channel.banks[index];
    not_before(command, bank.refresh_end, "tRFC of the bank");
    if (m_per_bank)
        check_interval(command, std::max(bank.refresh, clock_type{0}));
    if (command.what == command::activate)
        check_activate(command, channel, bank);
    else if (command.what == command::precharge || command.what == command::auto_precharge)
        check_precharge(command, bank);
    else if (command.what == command::refresh_bank)
        check_bank_refresh(command, channel, bank);
    else
        check_column(command, channel, bank);
}

void command_checker::check_bus(const issued_command& command)
{
    bus_history& bus = m_buses[command.channel / m_channels_per_bus];
    const bool column = command.what == command::read || command.what == command::write;
    const unsigned clocks = column                              ? m_column_clocks
                            : command.what == command::activate ? m_activate_clocks
                                                                : m_precharge_clocks;
    clock_type& free = m_one_bus ? bus.row : column ? bus.column : bus.row;
    not_before(command, free, m_one_bus ? "command bus" : column ? "column bus" : "row bus");
    free = clock_of(command) + clocks;
}

void command_checker::check_interval(const issued_command& command, clock_type last)
{
    const clock_type late = clock_of(command) - (last + m_longest_interval);
    if (m_timing.refi != 0 && late > 0)
        violated(command, "refresh interval, " + std::to_string(late) + " clocks late");
}

void command_checker::check_column(const issued_command& command, channel_history& channel, bank_history& bank)
{
    const bool read = command.what == command::read;
    const clock_type clock = clock_of(command);
    group_history& group = channel.groups[command.bank_group];
    if (!bank.open)
        violated(command, "bank is closed");
    else if (bank.row != command.row)
        violated(command, "another row is open");
    not_before(command, bank.activate + (read ? m_timing.rcd : m_timing.rcd_write), "tRCD");
    not_before(command, channel.column + m_timing.ccd_s, "tCCD_S");
    not_before(command, group.column + m_timing.ccd_l, "tCCD_L");
    if (read) {
        not_before(command, channel.write_end + m_timing.wtr, "tWTR");
        not_before(command, group.write_end + m_timing.wtr_l, "tWTR_L");
    }
    const clock_type data_begin = clock + (read ? m_timing.cl : m_timing.cwl);
    // The bus needs a clock to turn round from read to written data.
    const clock_type bus_free = channel.data_end + (channel.data_read && !read ? 1 : 0);
    not_before(command, clock + bus_free - data_begin, "data bus");

    channel.column = clock;
    group.column = clock;
    channel.data_end = std::max(channel.data_end, data_begin + m_timing.burst);
    channel.data_read = read;
    if (read) {
        bank.read = clock;
    } else {
        bank.write_end = data_begin + m_timing.burst;
        group.write_end = bank.write_end;
        channel.write_end = bank.write_end;
    }
}

/// Of an ACTIVATE, or of the refresh of a bank, to what was before.
void command_checker::check_distances(const issued_command& command, const channel_history& channel,
                                      const bank_history& bank)
{
    not_before(command, bank.precharge + m_timing.rp, "tRP");
    not_before(command, bank.activate + m_timing.rc, "tRC");
    not_before(command, channel.activates[3] + m_timing.rrd, "tRRD");
    not_before(command, channel.groups[command.bank_group].activate + m_timing.rrd_l, "tRRD_L");
    not_before(command, channel.activates[0] + m_timing.faw, "tFAW");
    not_before(command, channel.bank_refresh + m_timing.rrefd, "tRREFD");
}

void command_checker::check_activate(const issued_command& command, channel_history& channel, bank_history& bank)
{
    const clock_type clock = clock_of(command);
    group_history& group = channel.groups[command.bank_group];
    if (bank.open)
        violated(command, "bank is open");
    check_distances(command, channel, bank);
    std::copy(channel.activates + 1, channel.activates + 4, channel.activates);
    channel.activates[3] = clock;
    group.activate = clock;
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

void command_checker::check_all_banks(const issued_command& command, channel_history& channel)
{
    const bool refresh = command.what == command::refresh;
    for (bank_history& bank : channel.banks) {
        if (!refresh && bank.open)
            check_precharge(command, bank);
        if (refresh && bank.open)
            violated(command, "bank is open");
        if (refresh) {
            not_before(command, bank.precharge + m_timing.rp, "tRP");
            not_before(command, bank.activate + m_timing.rc, "tRC");
            not_before(command, bank.refresh_end, "tRFC of the bank");
        }
    }
    if (!refresh)
        return;
    channel.refresh = clock_of(command);
    channel.refresh_end = channel.refresh + m_timing.rfc;
}

void command_checker::check_bank_refresh(const issued_command& command, channel_history& channel, bank_history& bank)
{
    const clock_type clock = clock_of(command);
    if (bank.open)
        violated(command, "bank is open");
    check_distances(command, channel, bank);
    bank.refresh = clock;
    bank.refresh_end = clock + m_timing.refresh_clocks;
    channel.bank_refresh = clock;
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
