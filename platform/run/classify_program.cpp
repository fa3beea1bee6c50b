#include "platform/run/classify_program.h"

#include "platform/float_network/beside_float.h"
#include "platform/run/guest_app.h"

#include <algorithm>
#include <deque>
#include <exception>
#include <map>

namespace loas::run
{
namespace
{

/// The network as the application takes it; the model must outlive it.
struct guest_network {
    loas_encoder encoder{};
    std::vector<loas_layer> layers;
    std::deque<loas_encoder> numbers; // of the layers that take some
    std::vector<std::vector<loas_layer_source>> sources; // of each layer
    std::vector<std::vector<loas_neuron_values>> values_of_neurons; // of each layer, encoder last
    std::vector<loas_descriptor> descriptors;
    std::vector<std::uint64_t> scratch;
    std::vector<std::int32_t> values;                        ///< of all blocks of timesteps
    std::vector<std::vector<loas_host_neuron>> host_neurons; ///< of each layer, encoder last; between blocks
    loas_network net{};

    guest_network(const lowering::network_model& network, const config::scenario& scenario)
        : layers(network.layers.size()), sources(layers.size()), descriptors(network.layers.size())
    {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            layers[i].config = config_of(network.layers[i], scenario);
            layers[i].weights = network.layers[i].weights.data();
            layers[i].bias = numbers_of(network.layers[i].bias);
            layers[i].thresholds = numbers_of(network.layers[i].thresholds);
            layers[i].starts = numbers_of(network.layers[i].starts);
            for (const lowering::layer_model& each : network.layers[i].numbers) {
                numbers.push_back({config_of(each, scenario), each.weights.data(), nullptr, nullptr, nullptr, nullptr});
                layers[i].numbers = &numbers.back();
                layers[i].factors_q24 = network.layers[i].number_factors_q24.data();
            }
            layers[i].values = values_of_neurons.emplace_back(values_of(network.layers[i])).data();
            sources[i] = sources_of(network.layers[i]);
            layers[i].sources = sources[i].data();
            layers[i].source_count = static_cast<std::uint32_t>(sources[i].size());
        }
        if (!network.takes_spikes) {
            encoder = {config_of(network.encoder, scenario), network.encoder.weights.data(),
                       numbers_of(network.encoder.bias), numbers_of(network.encoder.thresholds),
                       numbers_of(network.encoder.starts),
                       values_of_neurons.emplace_back(values_of(network.encoder)).data()};
            net.encoder = &encoder;
        }
        net.layers = layers.data();
        net.layer_count = static_cast<std::uint32_t>(layers.size());
        net.descriptors = descriptors.data();
        const std::vector<std::int32_t>& response = network.scores.response_q16;
        net.readout = {score_of(network.scores.score), response.empty() ? nullptr : response.data(),
                       network.scores.response_per_class};
        if (config::blocks_of(scenario) > 1) {
            values.resize(std::size_t{network.classes} * scenario.workload.timesteps);
            host_neurons.resize(layers.size() + 1);
            const auto room_for = [](const lowering::layer_model& of, std::vector<loas_host_neuron>& neurons) {
                neurons.resize(std::size_t{of.out_height()} * of.out_width() * of.out_channels);
                return neurons.data();
            };
            for (std::size_t i = 0; i < layers.size(); ++i)
                if (layers[i].config.host_neurons != LOAS_HOST_NONE)
                    layers[i].neurons = room_for(network.layers[i], host_neurons[i]);
            net.blocks = {scenario.workload.timesteps, values.data(), nullptr};
            if (!network.takes_spikes)
                net.blocks.encoder_neurons = room_for(network.encoder, host_neurons.back());
        }
        scratch.resize(loas_network_scratch(&net) / 8 + 1);
        net.scratch = {scratch.data(), scratch.size() * 8};
    }
    guest_network(const guest_network&) = delete;
    guest_network& operator=(const guest_network&) = delete;
};

results::host_work work_of(const loas_host_work& from)
{
    return {from.read_bytes, from.written_bytes, from.ns};
}

/// Names of the layers whose spikes a layer takes, each once.
std::vector<std::string> names_of_sources(const lowering::network_model& network, std::size_t layer)
{
    std::vector<std::string> names;
    for (const lowering::layer_source& each : network.layers[layer].sources) {
        const std::string& name = (each.layer == 0 ? network.encoder : network.layers[each.layer - 1]).name;
        if (names.empty() || names.back() != name)
            names.push_back(name);
    }
    return names;
}

/// What the application asks of us, one input at a time.
struct image_source {
    const config::scenario& scenario;
    const inputs::input_set& inputs;
    bool takes_spikes;
    const std::function<void(std::size_t)>& done;
    std::vector<std::int32_t> numbers;
    std::vector<std::uint16_t> words;
    std::exception_ptr failure;

    void take(std::size_t index, loas_classify_image& image)
    {
        numbers = inputs.numbers(index);
        if (takes_spikes)
            pack();
        else if (inputs.over_time()) // all blocks have all of their frames
            numbers.resize(blocks() * timesteps() * inputs.frame_size());
        image = {numbers.data(), inputs.over_time(), takes_spikes ? words.data() : nullptr};
    }

    std::size_t blocks() const { return config::blocks_of(scenario); }
    std::size_t timesteps() const { return config::block_timesteps(scenario); }

    /// [block][pixel][channel], bit t = timestep t of the block.
    void pack()
    {
        const std::size_t size = inputs.frame_size();
        words.assign(blocks() * size, 0);
        for (std::size_t t = 0; t < scenario.workload.timesteps; ++t)
            for (std::size_t i = 0; i < size; ++i) {
                const std::int32_t spike = numbers[inputs.over_time() ? t * size + i : i];
                std::uint16_t& word = words[t / timesteps() * size + i];
                word = static_cast<std::uint16_t>(word | spike << t % timesteps());
            }
    }
};

/// What the host computes, block after block of an input.
struct host_spikes {
    const lowering::network_model& network;
    const config::scenario& scenario;
    results::output_files* outputs;
    std::map<std::uint32_t, std::uint64_t> blocks; ///< of each layer, so far

    void take(std::uint32_t layer, const std::uint16_t* words)
    {
        const lowering::layer_model& of = layer == LOAS_NO_LAYER ? network.encoder : network.layers.at(layer);
        const std::size_t timesteps = config::block_timesteps(scenario), count = config::blocks_of(scenario);
        results::output_files::size size{timesteps, of.out_channels, of.out_height() / of.pool, of.out_width() / of.pool};
        if (count > 1) {
            size.first = blocks[layer]++ % count * timesteps;
            size.all = scenario.workload.timesteps;
        }
        outputs->add_spikes(of.name, size, {words, words + size.height * size.width * size.columns});
    }
};

int give_image(void* context, std::uint64_t index, loas_classify_image* image)
{
    auto& source = *static_cast<image_source*>(context);
    try {
        source.take(index, *image);
        return LOAS_OK;
    } catch (...) { // not through C
        source.failure = std::current_exception();
        return LOAS_E_ARGUMENT;
    }
}

} // namespace

image_scores classify(const loas_hal& hal, const config::scenario& scenario, const lowering::network_model& network,
                      const inputs::input_set& inputs, std::size_t image_count,
                      const std::function<void(std::size_t)>& done, std::vector<host_parts>& by_host,
                      results::output_files* outputs)
{
    guest_network guest(network, scenario);
    host_spikes seen{network, scenario, outputs, {}};
    const loas_host_observer observer{
        [](void* context, std::uint32_t layer, const std::uint16_t* words) {
            static_cast<host_spikes*>(context)->take(layer, words);
        },
        &seen};
    guest.net.observer = outputs != nullptr ? &observer : nullptr;
    image_source source{scenario, inputs, network.takes_spikes, done, {}, {}, {}};
    std::vector<std::int64_t> scores(image_count * network.classes);
    loas_classify_job job{};
    job.settings = settings_of(scenario);
    job.net = &guest.net;
    job.image_count = image_count;
    job.scores = scores.data();
    job.context = &source;
    job.image = give_image;
    job.done = [](void* context, std::uint64_t images_done) {
        static_cast<const image_source*>(context)->done(images_done);
    };
    loas_app_status status{};
    loas_classify(&hal, &job, &status);
    if (source.failure)
        std::rethrow_exception(source.failure);
    require(status, status.layer < network.layers.size() ? network.layers[status.layer].name : "");

    for (std::size_t i = 0; i < guest.layers.size(); ++i) {
        host_parts parts{network.layers[i].name, {}, {}};
        if (guest.layers[i].joining.written_bytes > 0)
            parts.joined = {work_of(guest.layers[i].joining), names_of_sources(network, i)};
        if (guest.layers[i].firing.written_bytes > 0)
            parts.neurons = {work_of(guest.layers[i].firing), network.layers[i].host_because};
        by_host.push_back(std::move(parts));
    }

    image_scores by_image;
    for (auto at = scores.begin(); at != scores.end(); at += network.classes)
        by_image.push_back(float_network::channels_first({at, at + network.classes}, network.layers.back().out_channels));
    return by_image;
}

int best_class(const std::vector<std::int64_t>& scores)
{
    return static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

} // namespace loas::run
