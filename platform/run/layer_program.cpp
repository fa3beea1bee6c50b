#include "platform/run/layer_program.h"

#include "platform/run/guest_app.h"

#include <exception>
#include <memory>
#include <optional>

namespace loas::run
{
namespace
{

/// What the application asks for, layer by layer. No exception passes through C: the first one is kept for the end.
struct layer_source {
    const config::scenario& scenario;
    const std::function<const draw::synthetic_layer&(std::size_t)>& layer_at;
    const std::function<void(std::size_t)>& done;
    std::size_t last; ///< index of the last layer
    host_times& times;
    std::string name; ///< of the layer at hand
    std::unique_ptr<std::uint8_t[]> memory;
    std::optional<stopwatch> preparing;
    std::exception_ptr failure;

    int take(std::size_t index, loas_layer_input& input)
    {
        const draw::synthetic_layer& given = layer_at(index);
        name = given.layer.name;
        input.config = config_of(given.layer, scenario);
        input.config.timesteps = static_cast<std::uint8_t>(given.timesteps);
        input.weights = given.layer.weights.data();
        input.bias = numbers_of(given.layer.bias);
        input.thresholds = numbers_of(given.layer.thresholds);
        input.words = given.spikes.data();
        return LOAS_OK;
    }

    loas_scratch scratch(std::uint64_t bytes)
    {
        memory.reset();                        // before there is a second one
        memory.reset(new std::uint8_t[bytes]); // of which little is used: no zeros
        preparing.emplace(times.prepare);
        return {memory.get(), bytes};
    }

    void loaded()
    {
        preparing.reset();
        memory.reset();
    }

    /// What a callback answers, or this when it throws.
    template <typename Call, typename Answer> Answer keep_failure(const Call& call, const Answer& otherwise)
    {
        try {
            return call();
        } catch (...) {
            failure = std::current_exception();
            return otherwise;
        }
    }
};

layer_source& source_of(void* context)
{
    return *static_cast<layer_source*>(context);
}

} // namespace

void run_layers(const loas_hal& hal, const config::scenario& scenario, std::size_t count,
                const std::function<const draw::synthetic_layer&(std::size_t)>& layer_at, std::size_t runs,
                const std::function<void(std::size_t)>& done, host_times& times)
{
    layer_source source{scenario, layer_at, done, count - 1, times, {}, {}, {}, {}};
    loas_layers_job job{};
    job.settings = settings_of(scenario);
    job.count = static_cast<std::uint32_t>(count);
    job.runs = static_cast<std::uint32_t>(runs);
    job.context = &source;
    job.layer = [](void* context, std::uint32_t index, loas_layer_input* input) {
        layer_source& from = source_of(context);
        return from.keep_failure([&] { return from.take(index, *input); }, int{LOAS_E_ARGUMENT});
    };
    job.scratch = [](void* context, std::uint64_t bytes) {
        layer_source& from = source_of(context);
        return from.keep_failure([&] { return from.scratch(bytes); }, loas_scratch{});
    };
    job.loaded = [](void* context, std::uint32_t) { source_of(context).loaded(); };
    job.done = [](void* context, std::uint32_t index, std::uint32_t runs_done) {
        if (index == source_of(context).last)
            source_of(context).done(runs_done);
    };
    loas_app_status status{};
    loas_layers_run(&hal, &job, &status);
    if (source.failure)
        std::rethrow_exception(source.failure);
    require(status, source.name);
}

} // namespace loas::run
