// What adds up before a neuron becomes one layer over the channels of all its givers; see passes.h.
#include "platform/folding/linear_maths.h"
#include "platform/folding/passes.h"

#include <algorithm>
#include <numeric>

namespace loas::lowering
{

namespace
{

/// A branch: `op` on what `source` gives, a neuron or the input.
struct branch {
    std::size_t giver, source; ///< the node that the sum takes; the same where nothing lies between
    linear_op op;
};

/// A side of a window, and that of the map under it.
struct map_side : window_side {
    unsigned size;
};

/// Rounds down.
long floor_of(long number, long by)
{
    return number >= 0 ? number / by : -((-number + by - 1) / by);
}

/// Tap u of a branch of stride g S meets input g S y + u - p. With u - p = g d + phase that is pixel S y + d of the
/// map that has every g-th pixel of the input, from `phase` on. So all branches go with the common stride S; kernel and
/// padding take all their d, and zeros fill the rest. Answers a side of the one window that does what all of them do.
map_side joint(const std::vector<map_side>& sides, unsigned outputs)
{
    unsigned stride = 0;
    for (const map_side& each : sides)
        stride = std::gcd(stride, each.stride);
    long low = 0, high = 0, size = 1;
    for (const map_side& each : sides) {
        const long step = each.stride / stride, padding = each.padding;
        low = std::min(low, floor_of(-padding, step));
        high = std::max(high, floor_of(each.kernel - 1L - padding, step));
        size = std::max(size, floor_of(each.size - 1L, step) + 1);
    }
    long kernel = high - low + 1;
    // The map must be of a size that gives as many outputs as the sum has, or the kernel that much larger.
    const long least = (outputs - 1L) * stride + kernel + 2 * low;
    size = std::max(size, least);
    kernel += std::max(0L, size - (least + stride - 1L));
    return {{static_cast<unsigned>(kernel), stride, static_cast<unsigned>(-low)}, static_cast<unsigned>(size)};
}

/// What stands in one range of channels: a source's map, or every so many pixels of it.
struct block {
    std::size_t source;
    map_part part;
    unsigned first_channel;
};

bool operator==(const map_part& a, const map_part& b)
{
    return a.step_h == b.step_h && a.step_w == b.step_w && a.first_row == b.first_row &&
           a.first_column == b.first_column;
}

class joiner
{
public:
    joiner(graph& network, std::size_t sink, bool takes_spikes)
        : m_graph(network), m_sink(sink), m_takes_spikes(takes_spikes)
    {
    }

    void join()
    {
        for (const std::size_t giver : m_graph.nodes[m_sink].from)
            if (!read_branch(giver))
                return; // told already
        if (is_mixed())
            join_apart();
        else
            join_read();
    }

private:
    /// Numbers of the input and spikes are two nodes of weights: the host adds up what they give.
    void join_apart()
    {
        std::vector<branch> numbers, spikes;
        for (branch& each : m_branches)
            (at(each.source).as<input_op>() != nullptr ? numbers : spikes).push_back(std::move(each));
        if (at(m_sink).as<neuron_op>() == nullptr)
            m_graph.fail(m_sink, "takes the sum of the network's input and of spikes, of " +
                                     m_graph.quoted(spikes[0].source) + "; with a neuron before it, it would run");
        const std::size_t of_numbers = join_part(std::move(numbers)), of_spikes = join_part(std::move(spikes));
        graph_node& node = at(of_spikes);
        linear_op &sum = *node.as<linear_op>(), &beside = *at(of_numbers).as<linear_op>();
        if (sum.bias.empty())
            sum.bias = std::move(beside.bias);
        else
            for (std::size_t n = 0; n < beside.bias.size(); ++n)
                sum.bias[n] += beside.bias[n];
        beside.bias.clear();
        node.numbers = of_numbers;
        node.notes.push_back("the host adds what " + at(of_numbers).title() + " makes of the network's input");
    }
    std::size_t join_part(std::vector<branch> branches)
    {
        joiner part(m_graph, m_sink, m_takes_spikes);
        part.m_branches = std::move(branches);
        part.join_read();
        return at(m_sink).from[0];
    }

    void join_read()
    {
        const map_shape& out = *m_graph.nodes[m_sink].in;
        m_rows = side_of(out.height, [](const linear_op& op, const map_shape& in) {
            return map_side{rows_of(op), in.height};
        });
        m_columns = side_of(out.width, [](const linear_op& op, const map_shape& in) {
            return map_side{columns_of(op), in.width};
        });
        place_branches();
        write(weigh(out.channels));
    }

    graph_node& at(std::size_t node) { return m_graph.nodes[node]; }

    bool read_branch(std::size_t giver)
    {
        const graph_node& node = at(giver);
        if (node.gone() || !node.out || !at(m_sink).in)
            return false;
        const map_shape &out = *node.out, &sum = *at(m_sink).in;
        if (out.channels != sum.channels || out.height != sum.height || out.width != sum.width)
            m_graph.fail(m_sink, "takes the sum of maps that are flattened and of vectors");
        if (!is_foldable(node)) {
            if (is_too_large(out.channels, out.channels, 1, 1))
                m_graph.fail(m_sink, "weights of 1 for each channel of " + m_graph.quoted(giver) +
                                         " would be a layer of more than 2^26 weights");
            m_branches.push_back({giver, giver, identity_of(out)});
            return check_giver(giver);
        }
        std::optional<linear_op> op;
        if (const linear_op* sum_op = node.as<linear_op>())
            op = *sum_op;
        else if (const pool_op* pool = node.as<pool_op>())
            op = linear_of(*pool, *node.in);
        else
            op = linear_of(*node.as<scale_op>(), *node.in);
        if (!op)
            m_graph.fail(giver, "its factors differ between the pixels of a channel");
        if (sum.height == 1) // there is no second window, and no stride to it
            op->stride_h = 1;
        if (sum.width == 1)
            op->stride_w = 1;
        m_branches.push_back({giver, node.from[0], std::move(*op)});
        return check_giver(node.from[0]);
    }

    bool check_giver(std::size_t source)
    {
        const neuron_op* neuron = at(source).as<neuron_op>();
        if (neuron != nullptr && !neuron->spikes)
            m_graph.fail(source, "does not spike, so it can only stand before Output, where the host computes it; the "
                                 "accelerator's layers take spikes only, and no potentials of a sum");
        return !at(source).gone() && at(source).out && (neuron != nullptr || at(source).as<input_op>() != nullptr);
    }

    bool is_mixed()
    {
        const auto takes_input = [this](const branch& each) { return at(each.source).as<input_op>() != nullptr; };
        const auto numbers = std::count_if(m_branches.begin(), m_branches.end(), takes_input);
        return !m_takes_spikes && numbers > 0 && numbers < static_cast<long>(m_branches.size());
    }

    template <typename side_reader> map_side side_of(unsigned outputs, const side_reader& read)
    {
        std::vector<map_side> sides;
        for (const branch& each : m_branches)
            sides.push_back(read(each.op, *at(each.source).out));
        return joint(sides, outputs);
    }

    /// Where tap `tap` of a branch's side stands in the joint kernel, and at which pixel its map begins.
    static unsigned tap_of(unsigned tap, unsigned step, unsigned padding, const map_side& side, int& first)
    {
        const long distance = static_cast<long>(tap) - padding, whole = floor_of(distance, step);
        first = static_cast<int>(distance - whole * step);
        return static_cast<unsigned>(whole + side.padding);
    }

    bool has_tap(const linear_op& op, std::size_t tap) const
    {
        for (std::size_t kernel = 0; kernel < std::size_t{op.out_channels} * op.in_channels; ++kernel)
            if (op.weights[kernel * op.taps() + tap] != 0)
                return true;
        return false;
    }

    struct place_in_whole {
        std::size_t block, tap;
    };

    /// The block and tap of each branch's taps; blocks only for taps that have weights.
    void place_branches()
    {
        m_joint_taps = std::size_t{m_rows.kernel} * m_columns.kernel;
        for (const branch& each : m_branches) {
            const unsigned step_h = each.op.stride_h / m_rows.stride, step_w = each.op.stride_w / m_columns.stride;
            std::vector<place_in_whole>& places = m_places.emplace_back();
            for (unsigned tap = 0; tap < each.op.taps(); ++tap) {
                map_part part{step_h, step_w, 0, 0};
                const unsigned row = tap_of(tap / each.op.kernel_w, step_h, each.op.pad_h, m_rows, part.first_row);
                const unsigned column =
                    tap_of(tap % each.op.kernel_w, step_w, each.op.pad_w, m_columns, part.first_column);
                const bool used = (step_h == 1 && step_w == 1) || has_tap(each.op, tap);
                places.push_back(
                    {used ? block_of(each.source, part) : SIZE_MAX, std::size_t{row} * m_columns.kernel + column});
            }
        }
        if (m_blocks.empty()) // all weights are 0
            block_of(m_branches[0].source, {});
        if (m_channels > 65535)
            m_graph.fail(m_sink, "its branches have " + std::to_string(m_channels) +
                                     " channels side by side, more than the limit of 65535");
    }

    std::size_t block_of(std::size_t source, const map_part& part)
    {
        for (std::size_t i = 0; i < m_blocks.size(); ++i)
            if (m_blocks[i].source == source && m_blocks[i].part == part)
                return i;
        m_blocks.push_back({source, part, static_cast<unsigned>(m_channels)});
        m_channels += at(source).out->channels;
        return m_blocks.size() - 1;
    }

    linear_op weigh(unsigned outputs) const
    {
        linear_op whole;
        whole.out_channels = outputs;
        whole.in_channels = static_cast<unsigned>(m_channels);
        set_window(whole, m_rows, m_columns);
        if (whole.kernel_h > 255 || whole.kernel_w > 255 || whole.pad_h > 255 || whole.pad_w > 255 ||
            is_too_large(outputs, m_channels, whole.kernel_h, whole.kernel_w))
            m_graph.fail(m_sink, "all its branches together would be a layer of more than 2^26 weights, or of a kernel "
                                 "or padding above 255");
        whole.weights.resize(outputs * whole.inputs());
        for (std::size_t i = 0; i < m_branches.size(); ++i) {
            const linear_op& op = m_branches[i].op;
            for (std::size_t kernel = 0; kernel < std::size_t{outputs} * op.in_channels; ++kernel)
                for (std::size_t tap = 0; tap < op.taps(); ++tap)
                    if (const auto& [block, to] = m_places[i][tap]; block != SIZE_MAX)
                        whole.weights[(kernel / op.in_channels * whole.in_channels + m_blocks[block].first_channel +
                                       kernel % op.in_channels) *
                                          m_joint_taps +
                                      to] += op.weights[kernel * op.taps() + tap];
            if (op.bias.empty())
                continue;
            whole.bias.resize(outputs);
            for (std::size_t n = 0; n < outputs; ++n)
                whole.bias[n] += op.bias[n];
        }
        return whole;
    }

    /// One node has it all from now on: the first that has weights in the file, or a new one.
    void write(linear_op whole)
    {
        const std::size_t node = node_for_all();
        for (const branch& each : m_branches)
            if (each.giver == each.source)
                at(node).notes.push_back(m_graph.quoted(each.source) + " comes as it is, by weights of 1");
            else if (each.giver != node)
                m_graph.fold(each.giver, node, node, "its weights stand beside the others'");
        graph_node& all = at(node);
        map_shape in = *at(m_blocks[0].source).out;
        in.channels = static_cast<unsigned>(m_channels);
        const bool as_it_is = m_blocks.size() == 1 && m_blocks[0].part == map_part{} && in.height == m_rows.size &&
                              in.width == m_columns.size;
        in.height = m_rows.size;
        in.width = m_columns.size;
        const bool of_input = std::all_of(m_blocks.begin(), m_blocks.end(), [this](const block& each) {
            return at(each.source).as<input_op>() != nullptr;
        });
        if (!as_it_is && of_input)
            m_graph.fail(m_sink, "its branches take the input in strides of their own; with one stride it would run");
        all.in = in;
        all.out = at(m_sink).in;
        all.op = std::move(whole);
        all.from.clear();
        all.parts.clear();
        std::string names;
        for (const block& each : m_blocks) {
            all.from.push_back(each.source);
            all.parts.push_back(each.part);
            names += (names.empty() ? "" : ", ") + m_graph.quoted(each.source) + " (" +
                     std::to_string(at(each.source).out->channels) + ")";
        }
        if (as_it_is)
            all.parts.clear();
        else
            all.notes.push_back("takes the channels of " + names + " side by side");
        at(m_sink).from = {node};
        m_graph.order.erase(std::find(m_graph.order.begin(), m_graph.order.end(), node));
        m_graph.order.insert(std::find(m_graph.order.begin(), m_graph.order.end(), m_sink), node);
    }

    std::size_t node_for_all()
    {
        for (const bool copies : {false, true})
            for (const branch& each : m_branches)
                if (at(each.giver).as<linear_op>() != nullptr && at(each.giver).copy == copies)
                    return each.giver;
        for (const branch& each : m_branches)
            if (each.giver != each.source)
                return each.giver;
        graph_node sum;
        sum.name = at(m_sink).name;
        sum.type = "sum of branches";
        m_graph.nodes.push_back(std::move(sum));
        m_graph.order.push_back(m_graph.nodes.size() - 1);
        return m_graph.nodes.size() - 1;
    }

    graph& m_graph;
    std::size_t m_sink;
    bool m_takes_spikes; // the network's inputs are spikes
    std::vector<branch> m_branches;
    map_side m_rows{}, m_columns{};
    std::size_t m_joint_taps = 0, m_channels = 0;
    std::vector<block> m_blocks;
    std::vector<std::vector<place_in_whole>> m_places; // of each branch's taps
};

} // namespace

void join_branches(graph& network, bool takes_spikes)
{
    network.each([&](std::size_t node) {
        if (network.nodes[node].from.size() > 1 && !is_foldable(network.nodes[node]))
            joiner(network, node, takes_spikes).join();
    });
}

} // namespace loas::lowering
