#include "models/designs/gamma/row_fetch.h"

#include <cstring>

namespace loas::designs
{

using observe::counter;
using observe::operand;

namespace
{

struct fiber_head { // as in memory
    std::uint32_t offset = 0, count = 0;
};
static_assert(sizeof(fiber_head) == LOAS_HEAD_BYTES);

fiber_head head_at(const std::vector<std::uint8_t>& bytes, std::size_t offset)
{
    fiber_head head;
    std::memcpy(&head, bytes.data() + offset, sizeof head);
    return head;
}

} // namespace

gamma_operands::gamma_operands(const loas_descriptor& descriptor, std::uint64_t line_bytes_)
    : shape(descriptor), input(shape.input_layout()), weights(shape.weight_layout()),
      input_address(descriptor.input_address), weight_address(descriptor.weight_address),
      channel_bytes(loas_coordinate_bytes(shape.in_channels)), column_bytes(loas_coordinate_bytes(shape.n)),
      line_bytes(line_bytes_)
{
}

void two_part_fetch::begin(std::uint64_t cycle)
{
    m_arrival.begin(cycle);
    m_arrival.then = this;
    m_part = part::heads;
}

void two_part_fetch::read(std::vector<piece>& pieces, std::uint64_t line_bytes, std::vector<std::uint8_t>& buffer,
                          operand kind)
{
    m_accesses.clear();
    std::size_t used = 0;
    for (piece& each : pieces) {
        if (each.bytes == 0)
            continue;
        piece* const before = m_accesses.empty() ? nullptr : &m_accesses.back();
        const std::uint64_t end = before == nullptr ? 0 : before->address + before->bytes;
        if (before != nullptr && each.address >= end && (each.address ^ (end - 1)) < line_bytes) // of the same line
            before->bytes = each.address + each.bytes - before->address;
        else
            m_accesses.push_back({each.address, each.bytes, used});
        const piece& access = m_accesses.back();
        each.offset = access.offset + (each.address - access.address);
        used = access.offset + access.bytes;
    }
    buffer.resize(used);
    for (const piece& each : m_accesses)
        m_by.ports->read(m_by.port, each.address, buffer.data() + each.offset, each.bytes, kind, m_arrival.ready_cycle,
                         m_arrival);
}

void two_part_fetch::begun()
{
    if (m_arrival.complete() && !m_by.fault->happened)
        go_on();
}

void two_part_fetch::arrived(kernel::arrival& what)
{
    go_on();
    if (ready() && m_by.then != nullptr)
        m_by.then->arrived(what);
}

/// The accesses of a part are done, or it had none.
void two_part_fetch::go_on()
{
    if (m_part == part::heads) {
        m_part = part::values;
        if (!start_values() || !m_arrival.complete())
            return;
    }
    if (take_values())
        m_part = part::done;
}

bool two_part_fetch::bad_tensor(std::uint64_t head_address)
{
    m_by.fault->note(LOAS_STATUS_BAD_TENSOR, head_address);
    return false;
}

void spike_row::start(const gamma_operands& operands, std::uint32_t row, std::uint64_t cycle)
{
    begin(cycle);
    m_operands = &operands;
    m_row = row;
    const functional::layer_shape& shape = operands.shape;
    functional::gather_runs(shape, row, m_runs);
    m_positions.clear();
    m_heads.clear();
    for (const functional::pixel_run& run : m_runs)
        for (std::uint32_t i = 0; i < run.count; ++i)
            m_positions.push_back(run.position + std::uint64_t{i} * shape.in_channels);
    for (unsigned t = 0; t < shape.timesteps; ++t)
        for (const functional::pixel_run& run : m_runs)
            for (std::uint32_t i = 0; i < run.count; ++i)
                m_heads.push_back({operands.input_address + operands.input.pointer_offset +
                                       LOAS_HEAD_BYTES * (t * shape.input_pixels() + run.first_pixel + i),
                                   LOAS_HEAD_BYTES});
    read(m_heads, operands.line_bytes, m_head_bytes, operand::a_pointers);
    begun();
}

bool spike_row::start_values()
{
    const loas_tensor_layout& layout = m_operands->input;
    m_coordinates.clear();
    for (const piece& each : m_heads) {
        const fiber_head head = head_at(m_head_bytes, each.offset);
        const std::size_t bytes = head.count * value_bytes();
        if (head.count > m_operands->shape.in_channels ||
            head.offset + bytes > layout.total_bytes - layout.values_offset)
            return bad_tensor(each.address);
        m_coordinates.push_back({m_operands->input_address + layout.values_offset + head.offset, bytes});
    }
    read(m_coordinates, m_operands->line_bytes, m_coordinate_bytes, operand::a_words);
    return true;
}

bool spike_row::take_values()
{
    const functional::layer_shape& shape = m_operands->shape;
    m_inputs.clear();
    m_factors.clear();
    m_first.assign(1, 0);
    for (std::size_t i = 0; i < m_heads.size(); ++i) {
        const std::uint8_t* value = m_coordinate_bytes.data() + m_coordinates[i].offset;
        const std::uint8_t* const end = value + m_coordinates[i].bytes;
        const auto position = static_cast<std::uint32_t>(m_positions[i % pixels()]);
        std::uint32_t lowest = 0;
        for (; value != end; value += value_bytes()) {
            const std::uint32_t channel =
                value[0] | (m_operands->channel_bytes == 2 ? std::uint32_t{value[1]} << 8 : 0);
            if (channel < lowest || channel >= shape.in_channels)
                return bad_tensor(m_heads[i].address);
            lowest = channel + 1;
            m_inputs.push_back(position + channel);
            m_factors.push_back(shape.bytes() ? value[m_operands->channel_bytes] : std::uint8_t{1});
        }
        if ((i + 1) % pixels() == 0)
            m_first.push_back(static_cast<std::uint32_t>(m_inputs.size()));
    }
    m_first.resize(shape.timesteps + 1, 0); // a window that lies in the padding
    return true;
}

void spike_row::count_reads(observe::counter_set& counters) const
{
    counters[counter::sram_read_a_words] += 8 * value_bytes() * m_inputs.size();
}

void weight_rows::start(const gamma_operands& operands, const std::uint32_t* inputs, std::size_t count,
                        std::uint64_t cycle)
{
    begin(cycle);
    m_operands = &operands;
    m_elements = 0;
    m_heads.clear();
    for (std::size_t i = 0; i < count; ++i)
        m_heads.push_back(
            {operands.weight_address + operands.weights.pointer_offset + std::uint64_t{LOAS_HEAD_BYTES} * inputs[i],
             LOAS_HEAD_BYTES});
    read(m_heads, operands.line_bytes, m_head_bytes, operand::b_pointers);
    begun();
}

bool weight_rows::start_values()
{
    const loas_tensor_layout& layout = m_operands->weights;
    m_values.clear();
    for (const piece& each : m_heads) {
        const fiber_head head = head_at(m_head_bytes, each.offset);
        const std::size_t bytes = head.count * (m_operands->column_bytes + 1);
        if (head.count > m_operands->shape.n || head.offset + bytes > layout.total_bytes - layout.values_offset)
            return bad_tensor(each.address);
        m_values.push_back({m_operands->weight_address + layout.values_offset + head.offset, bytes});
        m_elements += head.count;
    }
    read(m_values, m_operands->line_bytes, m_value_bytes, operand::b_weights);
    return true;
}

void weight_rows::count_reads(observe::counter_set& counters) const
{
    counters[counter::sram_read_b_weights] += 8 * (m_operands->column_bytes + 1) * m_elements;
}

} // namespace loas::designs
