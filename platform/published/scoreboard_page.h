// What the parts of the scoreboard's page share.
#pragma once

#include "models/functional/layer_shape.h"
#include "platform/config/scenario.h"
#include "platform/draw/matched_layer.h"
#include "platform/published/scoreboard.h"
#include "platform/results/result.h"

#include <nlohmann/json.hpp>

namespace loas::published
{

double deviation_percent(double ours, double theirs);
/// The middle one, or the mean of the two; 0 of nothing.
double median(std::vector<double> values);

/// "AlexNet" of the network alexnet.
std::string title_of(const network_score& network);

std::string number(double value);
std::string deviation(double ours, double theirs);
/// "-4.6 +/- 0.4": with the standard error of our mean.
std::string deviation(const spread& ours, double theirs);
/// "123 (120..125)"
std::string range(const spread& figure);

nlohmann::ordered_json to_json(const counted& figures);
nlohmann::ordered_json to_json(const std::optional<published_figures>& figures);

// scoreboard_machines.cpp
/// The design that the publication is about: LoAS.
const designs::design& subject();
/// All layers of a list, as drawn for the first seed.
config::scenario layers_scenario(const std::filesystem::path& file, std::vector<std::string> overrides);
modelled modelled_of(const results::layer_result& layer);
/// Fills literal and reruns.
void run_machines(const std::filesystem::path& file, const scoreboard_request& request, network_score& network,
                  bool& golden_equal);
std::string machines_markdown(const network_score& network);
std::string machines_text(const network_score& network);
nlohmann::ordered_json machines_json(const network_score& network);

// scoreboard.cpp
/// @throws text::user_error
nlohmann::ordered_json read_json(const std::filesystem::path& file);
std::filesystem::path network_file(const scoreboard_request& request, const std::string& name);
functional::layer_shape shape_of(const draw::layer_statistics& layer);
/// At the published sizes.
cost::published_design accounting_of(const designs::design& design);

// scoreboard_walk.cpp
walk walk_of(const std::string& network, const std::string& layer, const std::filesystem::path& scenarios,
             unsigned jobs, bool& golden_equal);

// scoreboard_words.cpp
/// Lines of at most 120 columns.
std::string wrapped(const std::string& text);
std::string introduction(const scoreboard& board);
std::string walk_introduction();

// scoreboard_others.cpp
/// Fills others, of networks that have the layers of an ANN, too.
void run_others(const scoreboard_request& request, network_score& network, bool& golden_equal);
std::string others_markdown(const network_score& network);
std::string others_text(const network_score& network);
nlohmann::ordered_json others_json(const network_score& network);
/// The publication's statements about them, each beside our figure.
std::string statements(const network_score& network); // scoreboard_statements.cpp

// scoreboard_rivals.cpp
std::string rivals_markdown(const network_score& network);
/// Of the totals, for the screen.
std::string rivals_text(const network_score& network);
nlohmann::ordered_json rivals_json(const layer_score& layer);

} // namespace loas::published
