#include "tests/golden/published_traffic.h"

#include <algorithm>

namespace loas::golden
{

std::map<std::string, double> published_traffic(const number_matrix& spike_counts, const number_matrix& weights,
                                                unsigned timesteps, const traffic_rules& rules)
{
    struct place {
        std::size_t row, column, k;
    };
    const std::size_t all_k = spike_counts[0].size();
    std::vector<place> visits;
    if (rules.columns_outermost) {
        for (std::size_t n = 0; n < weights.size(); n += rules.tile_columns) {
            for (std::size_t m = 0; m < spike_counts.size(); m += rules.tile_rows) {
                for (std::size_t k = 0; k < all_k; k += rules.tile_k)
                    visits.push_back({m, n, k});
            }
        }
    } else {
        for (std::size_t m = 0; m < spike_counts.size(); m += rules.tile_rows) {
            for (std::size_t n = 0; n < weights.size(); n += rules.tile_columns) {
                for (std::size_t k = 0; k < all_k; k += rules.tile_k)
                    visits.push_back({m, n, k});
            }
        }
    }

    const double kb = 8192; // bits
    const double x_kb = timesteps / kb, w_kb = 8 / kb, mask_kb = 1 / kb;
    buffer x_buffer(rules.input_buffer), w_buffer(rules.weight_buffer);
    number_matrix x_before, w_before;
    std::map<std::string, double> count;
    for (const place& at : visits) {
        const number_matrix x = copy_of_tile(spike_counts, at.row, rules.tile_rows, at.k, rules.tile_k);
        const number_matrix w = copy_of_tile(weights, at.column, rules.tile_columns, at.k, rules.tile_k);

        if (x_buffer.contains(x)) {
            count["hit_x"] += nonzeros(x);
        } else {
            x_buffer.insert(x);
            count["miss_x"] += 1;
            count["hit_x"] += nonzeros(x) - 1;
            count["dram_traffic_x"] += nonzeros(x) * x_kb;
            count["sram_traffic_x"] += nonzeros(x) * x_kb;
            count["dram_traffic_xb"] += area(x) * mask_kb;
            count["sram_traffic_xb"] += area(x) * mask_kb;
        }
        if (w_buffer.contains(w)) {
            count["hit_w"] += nonzeros(w);
        } else {
            w_buffer.insert(w);
            count["miss_w"] += 1;
            count["hit_w"] += nonzeros(w) - 1;
            count["dram_traffic_w"] += nonzeros(w) * w_kb;
            count["sram_traffic_w"] += nonzeros(w) * w_kb;
            count["dram_traffic_wb"] += area(w) * mask_kb;
            count["sram_traffic_wb"] += area(w) * mask_kb;
        }

        int slowest = 0, together = 0;
        const number_matrix& lanes = rules.column_in_a_lane ? w : x;
        const number_matrix& sent = rules.column_in_a_lane ? x : w;
        for (const std::vector<int>& lane : lanes) {
            int of_lane = 0;
            for (const std::vector<int>& line : sent)
                of_lane += rules.column_in_a_lane ? matches(line, lane) : matches(lane, line);
            slowest = std::max(slowest, of_lane);
            together += of_lane;
        }
        count["tot_cycs"] += slowest;
        count["tot_comps"] += together;

        if (rules.column_in_a_lane) {
            count["sram_traffic_w"] += together * w_kb;
            count["sram_traffic_wb"] += w == w_before ? 0 : area(w) * mask_kb;
            count["sram_traffic_x"] += nonzeros(x) * x_kb;
            count["sram_traffic_xb"] += area(x) * mask_kb;
        } else {
            count["sram_traffic_x"] += together * x_kb;
            count["sram_traffic_xb"] += x == x_before ? 0 : area(x) * mask_kb;
            count["sram_traffic_w"] += nonzeros(w) * w_kb;
            count["sram_traffic_wb"] += area(w) * mask_kb;
        }
        x_before = x;
        w_before = w;
    }
    count["dram_traffic_o"] = nonzeros(spike_counts) * x_kb;
    count["dram_traffic_xb"] += area(spike_counts) * mask_kb;

    for (const char* memory : {"dram", "sram"}) {
        const std::string of = std::string(memory) + "_traffic_";
        count[std::string("total_") + memory] = count[of + "w"] + count[of + "wb"] + count[of + "x"] + count[of + "xb"];
    }
    count["total_dram"] += count["dram_traffic_o"];
    for (const char* operand : {"w", "x"}) {
        const double missed = count[std::string("miss_") + operand], hit = count[std::string("hit_") + operand];
        count[std::string("miss_") + operand + "_rate"] = hit + missed == 0 ? 0 : missed / (hit + missed);
    }
    return count;
}

} // namespace loas::golden
