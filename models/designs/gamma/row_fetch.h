// What a PE of Gamma reads: a row of A for all timesteps, or of a layer of bytes with its values, and some rows of B. Heads first, since they say where the
// coordinates are. Heads, or values, of which each begins in the line in which the one before it ends are one access:
// the line is asked for once. What comes is checked: heads that lead outside their tensor, coordinates that are none or
// do not ascend end the layer with LOAS_STATUS_BAD_TENSOR and the address of the head.
#pragma once

#include "models/designs/base/block_ports.h"
#include "models/functional/layer_shape.h"
#include "models/observe/counters.h"

#include <cstdint>
#include <vector>

namespace loas::designs
{

/// What is the same for all fetches of a layer.
struct gamma_operands {
    functional::layer_shape shape;
    loas_tensor_layout input{}, weights{};
    std::uint64_t input_address = 0, weight_address = 0;
    std::size_t channel_bytes = 1, column_bytes = 1; ///< of a coordinate
    std::uint64_t line_bytes = 32;                   ///< that memory gives at once; power of two

    gamma_operands() = default;
    gamma_operands(const loas_descriptor& descriptor, std::uint64_t line_bytes);
};

/// A fetch in two dependent parts: heads, then values.
class two_part_fetch : private kernel::arrival_listener
{
public:
    /// All is there and has been checked.
    bool ready() const { return m_part == part::done; }
    const kernel::arrival& arrival() const { return m_arrival; }

protected:
    struct unit {
        block_ports* ports = nullptr;
        std::size_t port = 0;
        kernel::memory_fault* fault = nullptr;
        kernel::arrival_listener* then = nullptr; ///< told when it is ready; not by a start that finds it so
    };

    explicit two_part_fetch(const unit& by) : m_by(by) {}
    ~two_part_fetch() = default;

    /// Some bytes in memory, and where they lie in a buffer when they have come.
    struct piece {
        std::uint64_t address = 0;
        std::size_t bytes = 0;
        std::size_t offset = 0;
    };

    void begin(std::uint64_t cycle);
    /// Reads all pieces into the buffer and sets their offsets.
    void read(std::vector<piece>& pieces, std::uint64_t line_bytes, std::vector<std::uint8_t>& buffer,
              observe::operand kind);
    /// All heads have been asked for.
    void begun();
    /// False: a head is wrong; the layer has failed.
    bool bad_tensor(std::uint64_t head_address);
    virtual bool start_values() = 0;
    virtual bool take_values() = 0;

private:
    enum class part { heads, values, done };

    void arrived(kernel::arrival& what) override;
    void go_on();

    unit m_by;
    part m_part = part::done;
    kernel::arrival m_arrival;
    std::vector<piece> m_accesses;
};

/// A row of A.
class spike_row final : public two_part_fetch
{
public:
    spike_row(block_ports& ports, std::size_t port, kernel::memory_fault& fault, kernel::arrival_listener* then)
        : two_part_fetch({&ports, port, &fault, then})
    {
    }

    void start(const gamma_operands& operands, std::uint32_t row, std::uint64_t cycle);

    std::uint32_t row() const { return m_row; }
    /// Inputs that spike in a timestep, ascending.
    const std::uint32_t* inputs(unsigned timestep) const { return m_inputs.data() + m_first[timestep]; }
    std::uint32_t count(unsigned timestep) const { return m_first[timestep + 1] - m_first[timestep]; }
    /// By what the rows of B of these inputs are multiplied, in the same order: a spike has 1.
    const std::uint8_t* factors(unsigned timestep) const { return m_factors.data() + m_first[timestep]; }
    /// What the PE read of it, at its side of the cache.
    void count_reads(observe::counter_set& counters) const;

private:
    bool start_values() override;
    bool take_values() override;
    std::size_t pixels() const { return m_positions.size(); }
    /// Of an input: its channel, and of a layer of bytes its value.
    std::size_t value_bytes() const { return m_operands->channel_bytes + (m_operands->shape.bytes() ? 1 : 0); }

    const gamma_operands* m_operands = nullptr;
    std::uint32_t m_row = 0;
    std::vector<functional::pixel_run> m_runs;
    std::vector<std::uint64_t> m_positions;    ///< of the first channels of the pixels, one run behind the other
    std::vector<piece> m_heads, m_coordinates; ///< [timestep][pixel]
    std::vector<std::uint8_t> m_head_bytes, m_coordinate_bytes;
    std::vector<std::uint32_t> m_inputs; ///< of one timestep after the other
    std::vector<std::uint8_t> m_factors; ///< [input]
    std::vector<std::uint32_t> m_first;  ///< by timestep; and the end
};

/// Rows of B.
class weight_rows final : public two_part_fetch
{
public:
    weight_rows(block_ports& ports, std::size_t port, kernel::memory_fault& fault, kernel::arrival_listener* then)
        : two_part_fetch({&ports, port, &fault, then})
    {
    }

    void start(const gamma_operands& operands, const std::uint32_t* inputs, std::size_t count, std::uint64_t cycle);

    std::size_t size() const { return m_heads.size(); }
    /// Elements of all of them.
    std::uint64_t elements() const { return m_elements; }
    void count_reads(observe::counter_set& counters) const;

    /// f(column, weight) for the elements of the row at a place, in order. False: they do not ascend or lie outside.
    template <class function> bool visit(std::size_t at, function f)
    {
        return m_operands->column_bytes == 1 ? visit_elements<1>(at, f) : visit_elements<2>(at, f);
    }

private:
    bool start_values() override;
    bool take_values() override { return true; }
    template <unsigned column_bytes, class function> bool visit_elements(std::size_t at, function& f)
    {
        const std::uint8_t* value = m_value_bytes.data() + m_values[at].offset;
        const std::uint8_t* const end = value + m_values[at].bytes;
        const auto columns = static_cast<std::uint32_t>(m_operands->shape.n);
        std::uint32_t lowest = 0;
        for (; value != end; value += column_bytes + 1) {
            std::uint32_t column = value[0];
            if constexpr (column_bytes == 2)
                column |= std::uint32_t{value[1]} << 8;
            if (column < lowest || column >= columns)
                return bad_tensor(m_heads[at].address);
            lowest = column + 1;
            f(column, static_cast<std::int8_t>(value[column_bytes]));
        }
        return true;
    }

    const gamma_operands* m_operands = nullptr;
    std::vector<piece> m_heads, m_values;
    std::vector<std::uint8_t> m_head_bytes, m_value_bytes;
    std::uint64_t m_elements = 0;
};

} // namespace loas::designs
