#include "platform/results/result.h"

#include "platform/text/user_error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace loas::results
{

using json = nlohmann::ordered_json;
using observe::counter;

namespace
{

double share(std::uint64_t part, std::uint64_t whole)
{
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

json counters_to_json(const observe::counter_set& counters)
{
    json out = json::object();
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const auto which = static_cast<counter>(i);
        const observe::counter_info& info = observe::info_of(which);
        if (info.group.empty())
            out[std::string(info.name)] = counters[which];
        else
            out[std::string(info.group)][std::string(info.name)] = counters[which];
    }
    out["sram_bytes"] = sram_bytes(counters);
    out["dram_bytes"] = dram_bytes(counters);
    return out;
}

/// Without the zeros at the end: bucket b counts values of b binary digits.
json histogram_to_json(const observe::histogram& histogram)
{
    std::size_t used = histogram.size();
    while (used > 0 && histogram[used - 1] == 0)
        --used;
    return std::vector<std::uint64_t>(histogram.begin(), histogram.begin() + static_cast<std::ptrdiff_t>(used));
}

json channel_to_json(const observe::channel_statistics& channel, const run_result& run)
{
    json out;
    out["read_bursts"] = channel.reads;
    out["write_bursts"] = channel.writes;
    out["row_hits"] = channel.row_hits;
    out["row_misses"] = channel.row_misses;
    out["row_conflicts"] = channel.row_conflicts;
    out["activates"] = channel.activates;
    out["precharges"] = channel.precharges;
    out["refreshes"] = channel.refreshes;
    out["forwarded_reads"] = channel.forwarded_reads;
    out["active_clocks"] = channel.active_clocks;
    out["data_clocks"] = channel.data_clocks;
    const double active_ns = static_cast<double>(channel.active_clocks) * run.dram_clock_ns;
    const std::uint64_t bursts = channel.reads - channel.forwarded_reads + channel.writes;
    out["active_gb_per_s"] = active_ns == 0 ? 0.0 : static_cast<double>(bursts * run.dram_burst_bytes) / active_ns;
    out["read_latency_clocks"] = histogram_to_json(channel.read_latency_clocks);
    out["queue_depth"] = histogram_to_json(channel.queue_depth);
    return out;
}

/// Absent when nothing was recorded.
void add_utilisation(json& out, const observe::utilisation_timeline& timeline)
{
    if (timeline.cycles() == 0)
        return;
    json& item = out["utilisation"];
    item["cycles"] = timeline.cycles();
    item["slice_cycles"] = timeline.slice_cycles();
    json& busy = item["busy_tile_cycles"] = json::array();
    for (std::size_t i = 0; i < timeline.slices(); ++i)
        busy.push_back(timeline.busy_tile_cycles(i));
}

void add_energies(json& out, const layer_result& layer)
{
    json& parts = out["energy_pj"];
    for (std::size_t i = 0; i < cost::energy_part_count; ++i) {
        const auto part = static_cast<cost::energy_part>(i);
        parts[std::string(cost::info_of(part).name)] = layer.energy[part];
    }
    parts["total"] = layer.energy.total_pj();
    json& published = out["published_energy"];
    published["leakage"] = layer.published_energy.leakage;
    published["dram"] = layer.published_energy.dram;
    published["sram"] = layer.published_energy.sram;
    published["compute"] = layer.published_energy.compute;
    published["total"] = layer.published_energy.total();
}

json area_to_json(const cost::system_area& area)
{
    json out;
    out["tiles"] = area.tiles_mm2;
    out["cache"] = area.cache_mm2;
    out["rest"] = area.rest_mm2;
    out["total"] = area.total_mm2();
    out["cache_by_cacti"] = area.cache_cacti_mm2;
    json& one = out["one_tile"];
    for (const cost::component& part : area.tile)
        one[std::string(part.name)] = part.area_mm2;
    one["total"] = area.tile_mm2;
    return out;
}

json power_to_json(const layer_result& total, std::uint64_t clock_mhz)
{
    const auto power = [&](double energy_pj) {
        return mean_power_mw(energy_pj, total.counters[counter::cycles], clock_mhz);
    };
    const double dram_pj = total.energy.group_pj(cost::energy_group::dram);
    json out;
    out["compute"] = power(total.energy.group_pj(cost::energy_group::compute));
    out["sram"] = power(total.energy.group_pj(cost::energy_group::sram));
    out["leakage"] = power(total.energy.group_pj(cost::energy_group::leakage));
    out["on_chip"] = power(total.energy.total_pj() - dram_pj);
    out["dram"] = power(dram_pj);
    return out;
}

/// Operands in memory, in the formats of the design.
json stored_to_json(const layer_result& layer)
{
    constexpr const char* spike_formats[] = {"packed", "bitmap", "coordinates"};
    constexpr const char* weight_formats[] = {"columns", "rows", "dense"};
    const auto size = [](const char* format, const cost::tensor_size& of) {
        json out;
        out["format"] = format;
        out["bytes"] = of.bytes;
        out["dense_bytes"] = static_cast<double>(of.dense_bits) / 8;
        out["efficiency"] = of.efficiency();
        return out;
    };
    json out;
    out["spikes"] = size(spike_formats[layer.spike_format], layer.stored_spikes);
    out["weights"] = size(weight_formats[layer.weight_format], layer.stored_weights);
    return out;
}

/// Bits, but for the sums in bytes, which need not be whole ones.
json published_to_json(const cost::published_traffic& traffic)
{
    json out;
    out["matches"] = traffic.matches;
    out["sram_bytes"] = traffic.sram_bytes();
    out["dram_bytes"] = traffic.dram_bytes();
    json& sram = out["sram_bits"];
    sram["a"] = traffic.inputs.sram_item_bits();
    sram["a_index"] = traffic.inputs.sram_index_bits;
    sram["b"] = traffic.weights.sram_item_bits();
    sram["b_index"] = traffic.weights.sram_index_bits;
    sram["partial_sums"] = traffic.partial_sum_sram_bits;
    json& dram = out["dram_bits"];
    dram["a"] = traffic.inputs.dram_item_bits();
    dram["a_index"] = traffic.inputs.dram_index_bits;
    dram["b"] = traffic.weights.dram_item_bits();
    dram["b_index"] = traffic.weights.dram_index_bits;
    dram["written_back"] = traffic.written_back_item_bits();
    dram["written_back_index"] = traffic.written_back_index_bits;
    dram["partial_sums"] = traffic.partial_sum_dram_bits;
    json& missed = out["missed_tiles"];
    missed["a"] = traffic.inputs.missed_tiles;
    missed["b"] = traffic.weights.missed_tiles;
    return out;
}

json layer_to_json(const layer_result& layer, const run_result& run)
{
    const unsigned tiles = run.tiles;
    json out;
    out["runs"] = layer.runs;
    out["published_cycles"] = layer.published.cycles;
    if (run.accounted())
        out["published_traffic"] = published_to_json(layer.published);
    out["tile_utilisation"] = utilisation(layer, tiles);
    out["spikes"] = layer.spikes;
    out["non_silent_inputs"] = layer.non_silent;
    out["spike_sparsity"] = layer.spike_sparsity();
    out["silent_ratio"] = layer.silent_ratio();
    out["nonzero_weights"] = layer.weights;
    out["weight_sparsity"] = layer.weight_sparsity();
    out["stored"] = stored_to_json(layer);
    out.update(counters_to_json(layer.counters));
    out["cache_hit_share"] = cache_hit_share(layer.counters);
    out["access_latency_cycles"] = histogram_to_json(layer.memory.access_latency_cycles);
    out["dram"] = channel_to_json(layer.memory.all_channels(), run);
    add_utilisation(out, layer.utilisation);
    add_energies(out, layer);
    return out;
}

} // namespace

double layer_result::spike_sparsity() const
{
    return runs == 0 ? 0.0 : 1.0 - share(spikes, m * k * timesteps * runs);
}

double layer_result::silent_ratio() const
{
    return runs == 0 ? 0.0 : 1.0 - share(non_silent, m * k * runs);
}

double layer_result::weight_sparsity() const
{
    return 1.0 - share(weights, k * n);
}

bool run_result::accounted() const
{
    return std::any_of(layers.begin(), layers.end(),
                       [](const layer_result& layer) { return layer.published.inputs.item_bits > 0; });
}

std::string run_result::golden() const
{
    if (!golden_checked)
        return "not checked";
    return golden_differences.empty() ? "equal" : "different";
}

layer_result run_result::totals() const
{
    layer_result total;
    total.name = "total";
    for (const layer_result& layer : layers) {
        total.runs += layer.runs;
        total.spikes += layer.spikes;
        total.non_silent += layer.non_silent;
        total.weights += layer.weights;
        total.spike_format = layer.spike_format;
        total.weight_format = layer.weight_format;
        total.stored_spikes.add(layer.stored_spikes);
        total.stored_weights.add(layer.stored_weights);
        total.published.add(layer.published);
        total.golden_different += layer.golden_different;
        total.counters.merge_with(layer.counters);
        total.memory.add(layer.memory);
        total.energy.add(layer.energy);
        total.published_energy.add(layer.published_energy);
    }
    return total;
}

std::uint64_t sram_bytes(const observe::counter_set& counters)
{
    return (counters.group_total("sram_read_bits") + counters.group_total("sram_write_bits") + 7) / 8;
}

std::uint64_t dram_bytes(const observe::counter_set& counters)
{
    return counters.group_total("dram_read_bytes") + counters.group_total("dram_write_bytes");
}

double cache_hit_share(const observe::counter_set& counters)
{
    const std::uint64_t hits = counters.group_total("cache_hits");
    return share(hits, hits + counters.group_total("cache_misses"));
}

double mean_power_mw(double energy_pj, std::uint64_t cycles, std::uint64_t clock_mhz)
{
    const double ns = static_cast<double>(cycles) * 1000 / static_cast<double>(clock_mhz);
    return cycles == 0 ? 0.0 : energy_pj / ns;
}

double utilisation(const layer_result& layer, unsigned tiles)
{
    return share(layer.counters[counter::busy_cycles], layer.counters[counter::cycles] * tiles);
}

json to_json_tree(const run_result& result)
{
    json out;
    out["schema"] = result_schema;
    out["scenario"] = result.scenario;
    out["accelerator"] = result.accelerator;
    out["fidelity"] = result.fidelity;
    out["timing"] = result.timing;
    out["golden"] = result.golden();
    out["golden_differences"] = result.golden_differences;
    json& accuracy = out["accuracy"];
    accuracy["images"] = result.accuracy.images;
    if (result.accuracy.labelled)
        accuracy["correct"] = result.accuracy.correct;
    else
        accuracy["correct"] = nullptr;
    accuracy["predictions"] = result.accuracy.predictions;
    out["simulated_ns"] = result.simulated_ns;

    const layer_result total = result.totals();
    json& totals = out["totals"];
    totals["published_cycles"] = total.published.cycles;
    if (result.accounted())
        totals["published_traffic"] = published_to_json(total.published);
    totals["tile_utilisation"] = utilisation(total, result.tiles);
    totals["stored"] = stored_to_json(total);
    totals.update(counters_to_json(total.counters));
    totals["cache_hit_share"] = cache_hit_share(total.counters);
    totals["access_latency_cycles"] = histogram_to_json(total.memory.access_latency_cycles);
    totals["dram"] = channel_to_json(total.memory.all_channels(), result);
    json& channels = totals["dram_channels"] = json::array();
    for (const observe::channel_statistics& channel : total.memory.channels)
        channels.push_back(channel_to_json(channel, result));
    add_energies(totals, total);
    out["area_mm2"] = area_to_json(result.area);
    out["power_mw"] = power_to_json(total, result.clock_mhz);

    json& layers = out["layers"] = json::array();
    for (const layer_result& layer : result.layers) {
        json item;
        item["name"] = layer.name;
        item["m"] = layer.m;
        item["k"] = layer.k;
        item["n"] = layer.n;
        item["timesteps"] = layer.timesteps;
        item.update(layer_to_json(layer, result));
        layers.push_back(std::move(item));
    }
    json& configuration = out["configuration"] = json::object();
    for (const auto& entry : result.configuration)
        std::visit([&](const auto& value) { configuration[entry.first] = value; }, entry.second);
    return out;
}

std::string to_json(const run_result& result)
{
    return to_json_tree(result).dump(2) + "\n";
}

void write_file(const std::filesystem::path& path, const std::string& text)
{
    bool given = false;
    write_file(path, [&](std::string& part) {
        part += given ? "" : text;
        return !std::exchange(given, true);
    });
}

void write_file(const std::filesystem::path& path, const std::function<bool(std::string&)>& next)
{
    // Nobody ever sees half a file, and none is left behind, whatever ends us: it has no name until it is whole. Where
    // the file system cannot do that, it is written beside. Names are of our own: others may write here too.
    std::string temporary = path.string() + ".XXXXXX";
    const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();
    int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    bool named = file < 0;
    const auto fail = [&](const char* what) {
        const std::string reason = std::strerror(errno);
        if (file >= 0)
            ::close(file);
        if (named)
            ::unlink(temporary.c_str());
        throw text::user_error(path.string() + ": cannot " + what + ": " + reason);
    };
    if (named) {
        file = ::mkostemp(temporary.data(), O_CLOEXEC);
        const ::mode_t mask = ::umask(0); // mkstemp makes files private; a result is like any other file
        ::umask(mask);
        if (file < 0 || ::fchmod(file, 0666 & ~mask) != 0)
            fail("create");
    }
    constexpr std::size_t enough_bytes = 1 << 16; // for a write
    std::string text;
    for (bool more = true; more;) {
        text.clear();
        while (more && text.size() < enough_bytes)
            more = next(text);
        for (std::size_t written = 0; written < text.size();) {
            const ::ssize_t part = ::write(file, text.data() + written, text.size() - written);
            if (part < 0 && errno != EINTR)
                fail("write");
            written += part > 0 ? static_cast<std::size_t>(part) : 0;
        }
    }
    if (!named) {
        temporary = path.string() + '.' + std::to_string(::getpid());
        ::unlink(temporary.c_str()); // of one that was killed and had our number
        const std::string open_file = "/proc/self/fd/" + std::to_string(file);
        if (::linkat(AT_FDCWD, open_file.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0)
            fail("create");
        named = true;
    }
    if (::close(std::exchange(file, -1)) != 0)
        fail("write");
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        fail("replace");
}

} // namespace loas::results
