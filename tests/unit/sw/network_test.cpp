// Networks on the mock device: results against dense arithmetic, every queue size, both ways of waiting.
#include "tests/unit/sw/small_network.h"

namespace
{

using loas_test::dense_layer;
using loas_test::long_ns;
using loas_test::small_network;

class network : public loas_test::network_fixture
{
};

TEST_F(network, runs_images_with_any_queue_and_both_waits)
{
    for (loas_wait_mode mode : {LOAS_WAIT_POLL, LOAS_WAIT_INTERRUPT}) {
        for (uint32_t entries : {2u, 4u, 8u, 64u}) {
            open(entries);
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const int calls_before = mock.calls;
            mock.interrupts_raised = 0;
            int calls_of_first = 0;
            for (int i = 0; i < 10; i++) {
                const auto image = small.image();
                ASSERT_EQ(loas_network_run(&dev, &net, image.data(), mode, long_ns), LOAS_OK);
                const auto expected = small.scores(small.encoded(image));
                EXPECT_EQ(fetch(), expected);
                EXPECT_NE(expected, std::vector<int64_t>(40)) << "a test in which something happens";
                EXPECT_EQ(net.failed_layer, LOAS_NO_LAYER);
                EXPECT_EQ(net.completion.cookie, 3u);
                calls_of_first = i == 0 ? mock.calls - calls_before : calls_of_first;
            }
            if (entries > 4 && mode == LOAS_WAIT_INTERRUPT) {
                EXPECT_EQ(mock.interrupts_raised, 10) << "of the last layer only";
                EXPECT_LE(calls_of_first, 40) << "little to do for an image";
            }
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
            EXPECT_EQ(mock.live_allocations(), 0u);
        }
    }
}

TEST_F(network, computes_the_same_in_all_formats)
{
    for (uint32_t spikes = 0; spikes < LOAS_SPIKES_BYTES; spikes++) {
        for (uint32_t weights = 0; weights < LOAS_WEIGHTS_COUNT; weights++) {
            mock.formats = spikes | weights << LOAS_FORMATS_WEIGHTS_SHIFT | LOAS_FORMATS_WORK_AREA;
            open();
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            EXPECT_EQ(fetch(), small.scores(small.encoded(image))) << spikes << " " << weights;
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

TEST_F(network, runs_on_given_spikes)
{
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    std::vector<uint16_t> words(4 * 4 * 6);
    for (auto& word : words) {
        word = uint16_t(small.random() % 16);
    }
    ASSERT_EQ(loas_network_run_spikes(&dev, &net, words.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(words));
    loas_network_unload(&dev, &net);

    net.encoder = nullptr;
    std::vector<uint8_t> exact(loas_network_scratch(&net));
    net.scratch = {exact.data(), exact.size()};
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    ASSERT_EQ(loas_network_run_spikes(&dev, &net, words.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
    EXPECT_EQ(fetch(), small.scores(words));
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_ARGUMENT) << "no encoder";
}

TEST_F(network, spiking_last_layer_is_read_as_a_tensor)
{
    open();
    net.layer_count = 3;
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    const auto image = small.image();
    ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
    auto expected = small.encoded(image);
    for (size_t i = 1; i <= 3; i++) {
        expected = small.dense[i].spikes(small.dense[i].currents_of_words(expected));
    }
    std::vector<uint16_t> out(expected.size());
    ASSERT_EQ(loas_spike_tensor_read(&dev, &small.layers[2].output, out.data(), net.scratch), LOAS_OK);
    EXPECT_EQ(out, expected);
    EXPECT_NE(out, std::vector<uint16_t>(out.size()));
    std::vector<int64_t> scores(loas_network_scores(&net), -1), spikes;
    for (const uint16_t word : expected) {
        spikes.push_back(__builtin_popcount(word));
    }
    ASSERT_EQ(loas_network_fetch(&dev, &net, scores.data()), LOAS_OK);
    EXPECT_EQ(scores, spikes) << "a map of scores, [pixel][N]";
}

// What the definition of the readout says, in another order: each value adds to the potentials behind it.
int64_t score_of(const loas_readout& readout, size_t n, const std::vector<int64_t>& values)
{
    const int32_t* response = readout.response_q16 + (readout.response_per_class ? n * values.size() : 0);
    std::vector<int64_t> potentials(values.size());
    for (size_t u = 0; u < values.size(); u++) {
        for (size_t t = u; t < values.size(); t++) {
            potentials[t] += readout.response_q16 ? values[u] * response[t - u] : t == u ? values[u] : 0;
        }
    }
    int64_t sum = 0, most = potentials[0];
    for (int64_t each : potentials) {
        sum += each;
        most = std::max(most, each);
    }
    return readout.score == LOAS_SCORE_SUM ? sum : readout.score == LOAS_SCORE_LAST ? potentials.back() : most;
}

TEST_F(network, scores_of_currents_and_of_spikes)
{
    const int32_t response[] = {65536, 49152, 36864, 27648};
    std::vector<int32_t> responses; // of each class
    for (int n = 0; n < 40; n++) {
        for (int32_t left : response) {
            responses.push_back(left - 500 * n);
        }
    }
    for (bool currents : {true, false}) {
        net.layers[3].config.neuron = currents ? LOAS_NEURON_CURRENTS : 0;
        net.layers[3].config.threshold = 40;
        dense_layer& last = small.dense.back();
        last.threshold = 40;
        for (uint32_t format = 0; format < LOAS_SPIKES_BYTES; format++) {
            mock.formats = format;
            std::vector<uint8_t> exact(loas_network_scratch(&net));
            net.scratch = {exact.data(), exact.size()};
            open();
            ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
            const auto image = small.image();
            ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, long_ns), LOAS_OK);
            auto words = small.encoded(image);
            for (size_t i = 1; i + 1 < small.dense.size(); i++) {
                words = small.dense[i].spikes(small.dense[i].currents_of_words(words));
            }
            const auto sums = last.currents_of_words(words);
            const auto spikes = last.spikes(sums);
            for (loas_score score : {LOAS_SCORE_SUM, LOAS_SCORE_LAST, LOAS_SCORE_MAXIMUM}) {
                for (const int32_t* each : std::vector<const int32_t*>{nullptr, response, responses.data()}) {
                    net.readout = {score, each, each == responses.data()};
                    const auto scores = fetch();
                    for (size_t n = 0; n < scores.size(); n++) {
                        std::vector<int64_t> values(4);
                        for (size_t t = 0; t < 4; t++) {
                            values[t] = currents ? sums[n * 4 + t] : spikes[n] >> t & 1;
                        }
                        EXPECT_EQ(scores[n], score_of(net.readout, n, values)) << currents << format << score << n;
                    }
                }
            }
            EXPECT_NE(spikes, std::vector<uint16_t>(40));
            ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
            loas_network_unload(&dev, &net);
        }
    }
}

TEST_F(network, neurons_with_synapses_are_the_hosts)
{
    small.layers[0].config.pool = 2;            // and the layers behind it follow
    small.layers[0].config.kernel_h = small.layers[0].config.kernel_w = 3;
    small.layers[0].config.in_height = small.layers[0].config.in_width = 4;
    small.layers[0].config.pad_h = small.layers[0].config.pad_w = 3;
    small.dense[1].pad_h = small.dense[1].pad_w = 3;
    small.dense[1].pool = 2;
    // Layer 1 masks and has values for its channels, the others for each neuron; layer 2 resets softly.
    const uint32_t synapses[] = {20000, 50000, 40000, 65536};
    std::vector<loas_neuron_values> values[4];
    for (size_t i = 0; i < 4; i++) {
        values[i] = small.on_host(i, synapses[i], i == 2);
    }
    for (uint32_t format = 0; format < LOAS_SPIKES_BYTES; format++) {
        mock.formats = format | LOAS_FORMATS_WORK_AREA;
        std::vector<uint8_t> exact(loas_network_scratch(&net));
        net.scratch = {exact.data(), exact.size()};
        open();
        ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
        const auto image = small.image();
        ASSERT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
        std::vector<uint16_t> words;
        int changed = 0;
        for (size_t i = 0; i < 4; i++) {
            const auto currents =
                i == 0
                    ? small.dense[0].currents([&](int y, int x, int, int) { return int64_t{image[size_t(y * 8 + x)]}; })
                    : small.dense[i].currents_of_words(words);
            words = small.dense[i].spikes(currents);
            EXPECT_NE(words, std::vector<uint16_t>(words.size())) << i;
            dense_layer others = small.dense[i];
            others.neurons.clear();
            changed += words != others.spikes(currents);
        }
        const auto currents = small.dense[4].currents_of_words(words);
        std::vector<int64_t> expected(40);
        for (size_t i = 0; i < currents.size(); i++) {
            expected[i / 4] += currents[i];
        }
        EXPECT_EQ(fetch(), expected) << format;
        EXPECT_GE(changed, 3) << "synapses make a difference";
        EXPECT_EQ(small.layers[0].firing.read_bytes, 4u * 4 * 9 * 64) << "8 x 8 pixels, 9 columns, 4 timesteps";
        EXPECT_GT(small.layers[0].firing.written_bytes, 0u);
        EXPECT_EQ(small.layers[3].firing.read_bytes, 0u);
        ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
        loas_network_unload(&dev, &net);
        EXPECT_EQ(mock.live_allocations(), 0u);
    }
    open();
    values[1][5].leak_q16 = 65537;
    EXPECT_EQ(loas_network_load(&dev, &net), LOAS_E_ARGUMENT);
    small.layers[0].config.host_neurons = 3;
    EXPECT_EQ(loas_layer_config_check(&small.layers[0].config), LOAS_E_ARGUMENT);
    small.layers[0].config.host_neurons = LOAS_HOST_CHANNELS;
    small.layers[0].config.neuron = LOAS_NEURON_CURRENTS;
    small.layers[0].config.pool = 1;
    EXPECT_EQ(loas_layer_config_check(&small.layers[0].config), LOAS_E_ARGUMENT);
}

TEST_F(network, numbers_are_added_to_the_currents_of_host_neurons)
{
    const auto values = small.on_host(1, 30000, true);
    const dense_layer& first = small.dense[1];
    dense_layer of;
    of.in_h = of.in_w = 8, of.out_c = first.out_c, of.kernel_h = 9 - first.out_h(), of.kernel_w = 9 - first.out_w();
    loas_encoder numbers = {};
    numbers.config = loas_layer_config_default(8, 8, 1, uint16_t(of.out_c), 4);
    numbers.config.kernel_h = uint8_t(of.kernel_h), numbers.config.kernel_w = uint8_t(of.kernel_w);
    numbers.config.neuron = LOAS_NEURON_CURRENTS;
    std::vector<int8_t> weights(size_t(of.out_c * of.kernel_h * of.kernel_w));
    for (auto& weight : weights) {
        weight = int8_t(int(small.random() % 60) - 30);
    }
    of.weights.assign(weights.begin(), weights.end());
    numbers.weights = weights.data();
    std::vector<int32_t> factors;
    for (int n = 0; n < of.out_c; n++) {
        factors.push_back(int32_t(small.random() % (1u << 22)));
    }
    small.layers[0].numbers = &numbers;
    small.layers[0].factors_q24 = factors.data();
    std::vector<uint8_t> exact(loas_network_scratch(&net));
    net.scratch = {exact.data(), exact.size()};
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    std::vector<int32_t> frames;
    for (int t = 0; t < 4; t++) {
        const auto image = small.image();
        frames.insert(frames.end(), image.begin(), image.end());
    }
    for (const bool over_time : {false, true}) {
        const auto at = [&](int y, int x, int, int t) {
            return int64_t{frames[size_t((over_time ? t : 0) * 64 + y * 8 + x)]};
        };
        ASSERT_EQ(over_time ? loas_network_run_frames(&dev, &net, frames.data(), LOAS_WAIT_POLL, long_ns)
                            : loas_network_run(&dev, &net, frames.data(), LOAS_WAIT_POLL, long_ns),
                  LOAS_OK);
        auto words = small.dense[0].spikes(small.dense[0].currents(at));
        auto currents = first.currents_of_words(words);
        const auto without = first.spikes(currents);
        const auto sums = of.currents(at);
        for (size_t i = 0; i < currents.size(); i++) {
            currents[i] += int64_t(std::floor(double(sums[i]) * factors[i / 4 % factors.size()] / 16777216));
        }
        words = first.spikes(currents);
        EXPECT_NE(words, without);
        for (size_t i = 2; i + 1 < small.dense.size(); i++) {
            words = small.dense[i].spikes(small.dense[i].currents_of_words(words));
        }
        const auto last = small.dense.back().currents_of_words(words);
        std::vector<int64_t> expected(40);
        for (size_t i = 0; i < last.size(); i++) {
            expected[i / 4] += last[i];
        }
        EXPECT_EQ(fetch(), expected);
    }
    const std::vector<uint16_t> words(size_t(small.dense[1].in_h * small.dense[1].in_w * small.dense[1].in_c));
    EXPECT_EQ(loas_network_run_spikes(&dev, &net, words.data(), LOAS_WAIT_POLL, long_ns), LOAS_E_ARGUMENT);
    numbers.config.in_height = 7;
    EXPECT_EQ(loas_network_scratch(&net), 0u);
    numbers.config.in_height = 8;
}

// Seven timesteps in blocks of four; the mock's own neurons carry nothing.
TEST_F(network, neurons_of_the_host_go_on_from_block_to_block)
{
    const uint32_t synapses[] = {20000, 50000, 40000, 65536};
    small_network whole(7); // of the same weights
    std::vector<std::vector<loas_host_neuron>> neurons(4);
    std::vector<loas_neuron_values> values[4];
    for (size_t i = 0; i < 4; i++) {
        loas_layer_config& config = i == 0 ? small.encoder.config : small.layers[i - 1].config;
        values[i] = small.on_host(i, synapses[i], i > 1);
        whole.dense[i].neurons = small.dense[i].neurons;
        config.neuron |= LOAS_NEURON_CARRY;
        config.single_spike_mask = whole.dense[i].mask_single = false;
        neurons[i].assign(size_t(whole.dense[i].out_h() * whole.dense[i].out_w() * whole.dense[i].out_c), {-9, 900});
        if (i > 0) {
            small.layers[i - 1].neurons = neurons[i].data();
        }
    }
    std::vector<int32_t> gives(40 * 7);
    net.blocks = {7, gives.data(), neurons[0].data()};
    struct seen_spikes {
        const std::vector<dense_layer>& dense;
        std::vector<std::vector<uint16_t>> blocks[4]; // encoder first
    } seen{whole.dense, {}};
    const loas_host_observer observer = {[](void* context, uint32_t layer, const uint16_t* words) {
                                             auto& to = *static_cast<seen_spikes*>(context);
                                             const size_t i = layer == LOAS_NO_LAYER ? 0 : layer + 1;
                                             const dense_layer& of = to.dense.at(i);
                                             const int count = of.out_h() / of.pool * (of.out_w() / of.pool) * of.out_c;
                                             to.blocks[i].emplace_back(words, words + count);
                                         },
                                         &seen};
    net.observer = &observer;
    std::vector<uint8_t> exact(loas_network_scratch(&net));
    net.scratch = {exact.data(), exact.size()};
    open();
    ASSERT_EQ(loas_network_load(&dev, &net), LOAS_OK);
    for (int input = 0; input < 2; input++) {
        std::vector<int32_t> frames;
        for (int t = 0; t < 8; t++) {
            const auto image = small.image();
            frames.insert(frames.end(), image.begin(), image.end());
        }
        ASSERT_EQ(loas_network_run_frames(&dev, &net, frames.data(), LOAS_WAIT_INTERRUPT, long_ns), LOAS_OK);
        std::vector<uint16_t> words;
        for (size_t i = 0; i < 4; i++) {
            const auto currents = i == 0 ? whole.dense[0].currents([&](int y, int x, int, int t) {
                return int64_t{frames[size_t(t * 64 + y * 8 + x)]};
            })
                                         : whole.dense[i].currents_of_words(words);
            words = whole.dense[i].spikes(currents);
            uint16_t late = 0;
            for (const uint16_t word : words) {
                late |= word >> 4;
            }
            EXPECT_NE(late, 0) << i;
            ASSERT_EQ(seen.blocks[i].size(), 2u * size_t(input + 1)) << "of the encoder and of each layer";
            for (size_t at = 0; at < words.size(); at++) {
                const unsigned shown = seen.blocks[i].end()[-2].at(at) | unsigned{seen.blocks[i].back().at(at)} << 4;
                ASSERT_EQ(shown & 0x7f, words[at]) << i;
            }
        }
        const auto currents = whole.dense[4].currents_of_words(words);
        std::vector<int64_t> expected(40);
        for (size_t i = 0; i < currents.size(); i++) {
            expected[i / 7] += currents[i];
        }
        EXPECT_EQ(fetch(), expected) << input;
    }
    ASSERT_EQ(loas_queue_close(&dev), LOAS_OK);
    loas_network_unload(&dev, &net);
    small.layers[1].neurons = nullptr;
    EXPECT_EQ(loas_network_scratch(&net), 0u) << "nowhere to keep what they carry";
    open();
}

TEST_F(network, shapes_must_follow)
{
    open();
    const auto refused = [&](auto change) {
        small_network changed;
        change(changed);
        const int result = loas_network_load(&dev, &changed.net);
        return result == LOAS_E_ARGUMENT && mock.live_allocations() == 2 && loas_network_scratch(&changed.net) == 0;
    };
    EXPECT_TRUE(refused([](auto& n) { n.layers[0].config.in_channels = 5; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.in_height = 3; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.in_width = 3; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.timesteps = 5; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[1].config.neuron = LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& n) { n.layers[2].config.pool = 0; }));
    EXPECT_TRUE(refused([](auto& n) { n.encoder.config.out_channels = 7; }));
    EXPECT_TRUE(refused([](auto& n) { n.encoder.config.neuron = LOAS_NEURON_CURRENTS; }));
    EXPECT_TRUE(refused([](auto& n) { n.net.layer_count = 0; }));
    EXPECT_TRUE(refused([](auto& n) { n.net.layers = nullptr; }));
    small_network without;
    without.encoder.thresholds = nullptr;
    EXPECT_EQ(loas_network_load(&dev, &without.net), LOAS_E_ARGUMENT);
    net.scratch.bytes--;
    EXPECT_EQ(loas_network_load(&dev, &net), LOAS_E_MEMORY);
    net.scratch.bytes++;
    net.descriptors = nullptr;
    EXPECT_EQ(loas_network_load(&dev, &net), LOAS_E_ARGUMENT);
    const auto image = small.image();
    EXPECT_EQ(loas_network_run(&dev, &net, image.data(), LOAS_WAIT_POLL, 0), LOAS_E_ARGUMENT) << "not loaded";
    int64_t scores[40];
    EXPECT_EQ(loas_network_fetch(&dev, &net, scores), LOAS_E_ARGUMENT) << "not loaded";
}

} // namespace
