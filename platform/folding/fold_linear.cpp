// Scales, pools and sums become one set of weights; see passes.h.
#include "platform/folding/passes.h"

#include "platform/folding/linear_maths.h"

namespace loas::lowering
{

namespace
{

class folder
{
public:
    explicit folder(graph& network) : m_graph(network) {}

    void fold_all()
    {
        while (fold_some(&folder::fold_pair) || fold_some(&folder::make_linear)) {
        }
    }
    void refuse_all()
    {
        m_graph.each([this](std::size_t node) { refuse_sum_after_sum(node); });
    }

private:
    bool fold_some(bool (folder::*fold)(std::size_t, std::size_t))
    {
        bool any = false;
        m_graph.each([&](std::size_t node) {
            for (bool scaled = true; scaled;) { // a chain of scales as a whole: they would take a round each
                const std::optional<std::size_t> user = m_graph.user_of(node);
                if (!user || !is_foldable(at(node)) || !is_foldable(at(*user)) || at(node).gone() || at(*user).gone() ||
                    !at(node).in || !at(*user).in || !(this->*fold)(node, *user))
                    return;
                any = true;
                scaled = at(at(node).gone() ? node : *user).as<scale_op>() != nullptr;
                node = at(node).gone() ? at(*user).from[0] : node;
            }
        });
        return any;
    }

    graph_node& at(std::size_t node) { return m_graph.nodes[node]; }

    /// `first` goes, `second` has its input.
    void into_second(std::size_t first, std::size_t second, const std::string& note)
    {
        at(second).in = at(first).in;
        at(second).notes.push_back("with " + at(first).title() + " before it");
        m_graph.fold(first, second, at(first).from[0], note);
    }
    void into_first(std::size_t first, std::size_t second, const std::string& note)
    {
        at(first).out = at(second).out;
        at(first).notes.push_back("with " + at(second).title() + " behind it");
        m_graph.fold(second, first, first, note);
    }

    /// What the bias of `first` makes behind `second`, whose padding has none of it, is a current of the neuron behind both:
    /// one that differs between pixels, so that the two can be one sum without it.
    template <typename operation> void move_bias(linear_op& first, std::size_t second, const operation& op)
    {
        const std::optional<std::size_t> user = m_graph.user_of(second);
        neuron_op* neuron = user ? at(*user).as<neuron_op>() : nullptr;
        const map_shape &in = *at(second).in, &out = *at(second).out;
        if (neuron == nullptr || !neuron->spikes || neuron->filters() || first.bias.empty())
            return;
        neuron->behind_synapses = constant_behind(first.bias, op, in, out);
        first.bias.clear();
        at(*user).notes.push_back("the bias before " + at(second).title() +
                                  ", whose padding has none of it, differs between its pixels");
    }

    bool fold_pair(std::size_t first, std::size_t second)
    {
        linear_op *sum_1 = at(first).as<linear_op>(), *sum_2 = at(second).as<linear_op>();
        const pool_op *pool_1 = at(first).as<pool_op>(), *pool_2 = at(second).as<pool_op>();
        const scale_op *scale_1 = at(first).as<scale_op>(), *scale_2 = at(second).as<scale_op>();
        const map_shape& in = *at(first).in;
        if (sum_1 != nullptr && pool_2 != nullptr && is_kept_by_bias(*sum_1, *pool_2, in))
            move_bias(*sum_1, second, *pool_2);
        if (sum_1 != nullptr && sum_2 != nullptr && is_kept_by_bias(*sum_1, *sum_2, in))
            move_bias(*sum_1, second, *sum_2);
        if (sum_1 != nullptr && scale_2 != nullptr) {
            const auto factors = per_channel(scale_2->factors, *at(second).in);
            if (!factors)
                return false;
            scale_outputs(*sum_1, *factors);
            into_first(first, second, "multiplied into the weights");
        } else if (scale_1 != nullptr && sum_2 != nullptr) {
            if (!scale_inputs(*sum_2, *scale_1, in))
                return false;
            into_second(first, second, "multiplied into the weights");
        } else if (pool_1 != nullptr && sum_2 != nullptr && why_not_one(*pool_1, *sum_2, in).empty()) {
            at(second).op = as_one(*pool_1, *sum_2);
            into_second(first, second, "each weight stands at every input of its window");
        } else if (sum_1 != nullptr && pool_2 != nullptr && why_not_one(*sum_1, *pool_2, in).empty()) {
            at(first).op = as_one(*sum_1, *pool_2);
            into_first(first, second, "the weights are added up over its window");
        } else if (sum_1 != nullptr && sum_2 != nullptr && why_not_one(*sum_1, *sum_2, in).empty()) {
            at(first).op = as_one(*sum_1, *sum_2);
            into_first(first, second, "the two sums are one");
        } else {
            return false;
        }
        return true;
    }

    /// Where only pools and scales meet, one of them is made a sum.
    bool make_linear(std::size_t first, std::size_t second)
    {
        if (at(first).as<linear_op>() != nullptr || at(second).as<linear_op>() != nullptr)
            return false;
        const pool_op* pool = at(first).as<pool_op>();
        const map_shape& in = *at(first).in;
        if (is_too_large(in.channels, in.channels, pool != nullptr ? pool->kernel_h : 1,
                         pool != nullptr ? pool->kernel_w : 1))
            return false;
        if (pool != nullptr) {
            at(first).op = linear_of(*pool, *at(first).in);
            return true;
        }
        std::optional<linear_op> sum = linear_of(*at(first).as<scale_op>(), *at(first).in);
        if (sum)
            at(first).op = std::move(*sum);
        return sum.has_value();
    }

    void refuse_sum_after_sum(std::size_t node)
    {
        const graph_node& here = at(node);
        if (here.from.size() != 1 || !is_foldable(here) || !is_foldable(at(here.from[0])) || at(here.from[0]).gone() ||
            !here.in || !at(here.from[0]).in)
            return;
        const graph_node& before = at(here.from[0]);
        std::string why = "its factors differ between the pixels of a channel; with one for each channel it would run";
        if (before.from.size() == 1 && at(before.from[0]).as<input_op>() != nullptr)
            why += ", or without it, on inputs multiplied by its factors before";
        if (const linear_op* sum = before.as<linear_op>()) {
            if (const pool_op* pool = here.as<pool_op>())
                why = why_not_one(*sum, *pool, *before.in);
            if (const linear_op* next = here.as<linear_op>())
                why = why_not_one(*sum, *next, *before.in);
        } else if (const pool_op* pool = before.as<pool_op>(); pool != nullptr && here.as<linear_op>() != nullptr) {
            why = why_not_one(*pool, *here.as<linear_op>(), *before.in);
        }
        if (why.empty())
            why = "others take what the first gives, too; with a node of its own for each of them, of the same values, it "
                  "would run";
        m_graph.fail(node, "there is no neuron between it and " + before.title() +
                               ", and the two cannot be one layer: " + why);
    }

    graph& m_graph;
};

} // namespace

void fold_linear(graph& network)
{
    folder(network).fold_all();
}

void refuse_unfolded(graph& network)
{
    folder(network).refuse_all();
}

void drop_flattens(graph& network)
{
    network.each([&](std::size_t node) {
        if (network.nodes[node].as<flatten_op>() == nullptr || network.nodes[node].from.size() != 1)
            return;
        const std::size_t giver = network.nodes[node].from[0];
        const std::optional<std::size_t> user = network.user_of(node);
        network.fold(node, user && network.nodes[*user].as<output_op>() == nullptr ? *user : giver, giver,
                     "changes no number");
    });
}

void fold_or_pools(graph& network)
{
    network.each([&](std::size_t node) {
        graph_node& threshold = network.nodes[node];
        const neuron_op* compared = threshold.as<neuron_op>();
        if (compared == nullptr || !compared->stateless || threshold.from.size() != 1)
            return;
        const std::size_t sum = threshold.from[0];
        const pool_op* pool = network.nodes[sum].as<pool_op>();
        if (pool == nullptr || pool->factor != 1 || network.user_of(sum) != node || network.nodes[sum].gone())
            return;
        const std::size_t giver = network.nodes[sum].from[0];
        neuron_op* neuron = network.nodes[giver].as<neuron_op>();
        const bool is_or = pool->kernel_h == pool->kernel_w && pool->stride_h == pool->kernel_h &&
                           pool->stride_w == pool->kernel_w && pool->pad_h == 0 && pool->pad_w == 0;
        if (neuron == nullptr || !neuron->spikes || neuron->pool != 1 || network.user_of(giver) != sum || !is_or)
            return;
        for (const double value : compared->v_threshold)
            if (!(value >= 0 && value < 1))
                return;
        neuron->pool = pool->kernel_h;
        neuron->pooled_at = node;
        network.nodes[giver].out = threshold.out;
        network.nodes[giver].notes.push_back("with an OR over " + std::to_string(neuron->pool) + " x " +
                                             std::to_string(neuron->pool) + " spikes");
        network.fold(sum, giver, giver, "with the Threshold behind it an OR of spikes");
        network.fold(node, giver, giver, "with the pool before it an OR of spikes");
    });
}

void complete_layers(graph& network)
{
    network.each([&](std::size_t node) {
        graph_node& here = network.nodes[node];
        if ((here.as<neuron_op>() == nullptr && here.as<output_op>() == nullptr) || here.from.size() != 1)
            return;
        graph_node& before = network.nodes[here.from[0]];
        if (before.gone() || before.as<linear_op>() != nullptr || !before.out)
            return;
        const pool_op* pool = before.as<pool_op>();
        if (before.in && is_too_large(before.in->channels, before.in->channels, pool != nullptr ? pool->kernel_h : 1,
                                      pool != nullptr ? pool->kernel_w : 1))
            network.fail(here.from[0], "as a layer of its own it would have more than 2^26 weights");
        if (pool != nullptr) {
            before.op = linear_of(*pool, *before.in);
            before.notes.push_back("a layer of its own");
        } else if (const scale_op* scale = before.as<scale_op>()) {
            std::optional<linear_op> sum = linear_of(*scale, *before.in);
            if (!sum)
                network.fail(here.from[0], "its factors differ between the pixels of a channel");
            before.op = std::move(*sum);
            before.notes.push_back("a layer of its own");
        } else if (here.as<neuron_op>() != nullptr) {
            if (before.out->channels > 4096)
                network.fail(node, "takes what " + before.title() +
                                       " gives as it is; a layer of ones between them "
                                       "would have more than 2^24 weights");
            graph_node ones;
            ones.name = here.name;
            ones.type = "layer of ones";
            ones.in = ones.out = before.out;
            ones.op = identity_of(*before.out);
            ones.notes.push_back("stands where the file has no weights");
            network.insert(node, std::move(ones));
        }
    });
}

} // namespace loas::lowering
