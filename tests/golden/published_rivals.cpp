#include "tests/golden/published_rivals.h"

#include <algorithm>

namespace loas::golden
{

namespace
{

struct place {
    std::size_t m, k, n, t;
};

/// Where tiles begin, in the order of the machine's loops.
std::vector<place> places_of(rival machine, const rival_rules& rules, std::size_t steps, std::size_t all_m,
                             std::size_t all_k, std::size_t all_n)
{
    std::vector<place> places;
    for (std::size_t m = 0; m < all_m; m += rules.tile_rows)
        for (std::size_t k = 0; k < all_k; k += rules.tile_k)
            for (std::size_t n = 0; n < all_n; n += rules.tile_columns)
                for (std::size_t t = 0; t < steps; ++t)
                    places.push_back({m, k, n, t});
    const auto loops = [machine](const place& at) {
        if (machine == rival::sparten)
            return std::vector<std::size_t>{at.n, at.m, at.t, at.k};
        if (machine == rival::gospa)
            return std::vector<std::size_t>{at.k, at.n, at.t, at.m};
        return std::vector<std::size_t>{at.m, at.k, at.t, at.n};
    };
    std::sort(places.begin(), places.end(), [&](const place& a, const place& b) { return loops(a) < loops(b); });
    return places;
}

/// Work of each PE: gamma gives a PE a row, the others a column.
std::vector<int> work_of_pes(rival machine, const number_matrix& x, const number_matrix& w)
{
    std::vector<int> work(machine == rival::gamma ? x.size() : w.size(), 0);
    for (std::size_t row = 0; row < x.size(); ++row)
        for (std::size_t column = 0; column < w.size(); ++column)
            work[machine == rival::gamma ? row : column] += matches(x[row], w[column]);
    return work;
}

double columns_with_a_weight(const number_matrix& w)
{
    double count = 0;
    for (const std::vector<int>& column : w)
        count += nonzeros({column}) > 0 ? 1 : 0;
    return count;
}

} // namespace

rival_rules rules_of(rival machine)
{
    if (machine == rival::sparten)
        return {32, 128, 16, 16384, 131072, 0};
    if (machine == rival::gospa)
        return {64, 256, 16, 174080, 16384, 8};
    return {16, 64, 64, 8192, 131072, 6};
}

std::map<std::string, double> published_rival_traffic(rival machine, const rival_rules& rules,
                                                      const std::vector<number_matrix>& spikes,
                                                      const number_matrix& weights)
{
    const double bit = 1 / 8192.0, byte = 1 / 1024.0, coordinate = rules.coordinate_bits * bit;
    buffer x_buffer(rules.input_buffer), w_buffer(rules.weight_buffer);
    number_matrix w_before;
    std::map<std::string, double> count;
    for (const place& at :
         places_of(machine, rules, spikes.size(), spikes[0].size(), spikes[0][0].size(), weights.size())) {
        const number_matrix x = copy_of_tile(spikes[at.t], at.m, rules.tile_rows, at.k, rules.tile_k);
        const number_matrix w = copy_of_tile(weights, at.n, rules.tile_columns, at.k, rules.tile_k);
        const double rows = static_cast<double>(x.size());

        const bool x_hits = x_buffer.contains(x), w_hits = w_buffer.contains(w);
        if (!x_hits)
            x_buffer.insert(x);
        if (!w_hits)
            w_buffer.insert(w);
        const double x_fills = x_hits ? 0 : 1, w_fills = w_hits ? 0 : 1;
        count["miss_x"] += x_fills;
        count["miss_w"] += w_fills;
        count["hit_x"] += nonzeros(x) - x_fills;
        count["hit_w"] += nonzeros(w) - w_fills;

        const std::vector<int> work = work_of_pes(machine, x, w);
        double together = 0;
        for (const int of_pe : work)
            together += of_pe;
        count["tot_cycs"] += *std::max_element(work.begin(), work.end());
        count["tot_comps"] += together;

        count["dram_traffic_w"] += w_fills * nonzeros(w) * byte;
        if (machine == rival::sparten) {
            count["dram_traffic_x"] += x_fills * area(x) * bit;
            count["sram_traffic_x"] += (x_fills + 1) * area(x) * bit;
            count["dram_traffic_wb"] += w_fills * area(w) * bit;
            count["sram_traffic_wb"] += (w_fills + (w == w_before ? 0 : 1)) * area(w) * bit;
            count["sram_traffic_w"] += (w_fills * nonzeros(w) + together) * byte;
        } else {
            const std::string x_index = machine == rival::gospa ? "csr" : "x_a";
            count["dram_traffic_x"] += x_fills * nonzeros(x) * bit;
            count["sram_traffic_x"] += (x_fills + 1) * nonzeros(x) * bit;
            count["dram_traffic_" + x_index] += x_fills * nonzeros(x) * coordinate;
            count["sram_traffic_" + x_index] += (x_fills + 1) * nonzeros(x) * coordinate;
        }
        if (machine == rival::gospa) {
            count["sram_traffic_w"] += (w_fills + 1) * nonzeros(w) * byte;
            count["dram_traffic_wsp"] += w_fills * area(w) * bit;
            count["sram_traffic_wsp"] += (w_fills + 1) * area(w) * bit;
            count["dram_traffic_o"] += 2 * rows * static_cast<double>(w.size()) * byte;
        }
        if (machine == rival::gamma) {
            count["sram_traffic_w"] += (w_fills + rows) * nonzeros(w) * byte;
            count["dram_traffic_w_b"] += w_fills * nonzeros(w) * coordinate;
            count["sram_traffic_w_b"] += (w_fills + rows) * nonzeros(w) * coordinate;
            count["sram_traffic_o"] += 2 * rows * columns_with_a_weight(w) * byte;
        }
        w_before = w;
    }

    double all_spikes = 0, all_places = 0;
    for (const number_matrix& step : spikes) {
        all_spikes += nonzeros(step);
        all_places += area(step);
    }
    if (machine == rival::sparten)
        count["dram_traffic_o"] = all_places * bit;
    if (machine == rival::gospa)
        count["dram_traffic_csr"] += all_spikes * coordinate;
    if (machine == rival::gamma) {
        count["dram_traffic_x_a"] += all_spikes * coordinate;
        count["dram_traffic_o"] = count["sram_traffic_o"] / 4;
    }

    double dram = 0, sram = 0;
    for (const auto& [name, value] : count) {
        if (name.rfind("dram_traffic_", 0) == 0)
            dram += value;
        if (name.rfind("sram_traffic_", 0) == 0)
            sram += value;
    }
    count["total_dram"] = dram;
    count["total_sram"] = sram;
    for (const std::string operand : {"w", "x"}) {
        const double missed = count["miss_" + operand], hit = count["hit_" + operand];
        count["miss_" + operand + "_rate"] = hit + missed == 0 ? 0 : missed / (hit + missed);
    }
    return count;
}

} // namespace loas::golden
