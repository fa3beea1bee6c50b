#include "platform/results/output_files.h"

#include "platform/results/result.h"
#include "platform/text/say.h"
#include "platform/text/user_error.h"
#include "platform/text/words.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <system_error>

namespace loas::results
{
namespace
{

/// A name that leads to no other folder, is not hidden and is no option of a command, whatever the layer is called; of no
/// two layers the same, which may be simulated in different processes. What cannot stand there is written %2F; a control
/// character of a node's name, or what is no UTF-8, is so in that of its layer already.
std::string file_name(const std::string& layer)
{
    const auto is_control = [&](std::size_t at) {
        constexpr std::string_view digits = "0123456789ABCDEF";
        const std::string_view code = std::string_view(layer).substr(at + 1, 2);
        return code == "7F" || (code.size() == 2 && digits.find(code[1]) != std::string_view::npos &&
                                std::string_view("0189ABCDEF").find(code[0]) != std::string_view::npos);
    };
    std::string name;
    for (std::size_t i = 0; i < layer.size(); ++i) {
        const char c = layer[i];
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte > 0x20 && byte != 0x7f && c != '/' && (c != '%' || is_control(i)) && c != '\\' &&
                           !(name.empty() && (c == '.' || c == '-' || c == '~'));
        name += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return (name.empty() ? "%" : name) + ".npy";
}

constexpr const char* currents_suffix = ".currents";

/// The last block may compute more timesteps than the input has.
std::size_t kept(const output_files::size& of)
{
    return of.all == 0 ? of.timesteps : std::min(of.timesteps, of.all - of.first);
}

} // namespace

void output_files::has_units(const std::string& layer, const std::vector<double>& network_units_of_1)
{
    constexpr std::size_t longest = 255; // of Linux's file systems, in bytes
    const std::string name = file_name(layer), wrong = fmt::format("--save-outputs: layer '{}' ", text::printable(layer));
    const std::string way_out = "; call its node otherwise, or run without --save-outputs";
    if (name == scores_file || name == scores_in_units_file)
        throw text::user_error(fmt::format("{}would be written to {}, where the scores are{}", wrong, name, way_out));
    if (file_name(layer + currents_suffix).size() > longest)
        throw text::user_error(fmt::format("{}has a name of {} bytes, too long for that of a file{}", wrong, layer.size(), way_out));
    for (const auto& [other, units] : m_units)
        if (layer == other + currents_suffix || other == layer + currents_suffix)
            throw text::user_error(fmt::format("{}has the name of the currents of layer '{}'{}", wrong,
                                               text::printable(std::min(layer, other)), way_out));
    m_units.emplace_back(layer, network_units_of_1);
}

output_files::tensor* output_files::another_run(const std::string& layer, formats::npy_dtype dtype, size of,
                                                bool over_time)
{
    std::vector<std::size_t> shape{of.columns, of.height, of.width};
    if (over_time)
        shape.insert(shape.begin(), of.all == 0 ? of.timesteps : of.all);
    auto found = std::find_if(m_tensors.begin(), m_tensors.end(), [&](const auto& each) { return each.layer == layer; });
    if (found == m_tensors.end())
        found = m_tensors.insert(found, tensor{layer, dtype, shape, 0, {}});
    if (found->shape != shape || found->dtype != dtype) { // a program of the user's may do so
        m_wrong = fmt::format("--save-outputs: {} had outputs of shapes {} and {}, which are not one file",
                              text::printable(layer), formats::shape_text(found->shape), formats::shape_text(shape));
        return nullptr;
    }
    found->runs += of.first == 0;
    return &*found;
}

void output_files::add_spikes(const std::string& layer, size of, const std::vector<std::uint16_t>& words)
{
    tensor* to = another_run(layer, formats::npy_dtype::b1, of);
    for (std::size_t t = 0; to != nullptr && t < kept(of); ++t)
        for (std::size_t n = 0; n < of.columns; ++n)
            for (std::size_t pixel = 0; pixel < of.height * of.width; ++pixel)
                to->elements += static_cast<char>(words[pixel * of.columns + n] >> t & 1);
}

void output_files::add_bytes(const std::string& layer, size of, const std::vector<std::uint16_t>& bytes)
{
    tensor* to = another_run(layer, formats::npy_dtype::u1, of, false);
    for (std::size_t n = 0; to != nullptr && n < of.columns; ++n)
        for (std::size_t pixel = 0; pixel < of.height * of.width; ++pixel)
            to->elements += static_cast<char>(bytes[pixel * of.columns + n]);
}

void output_files::add_currents(const std::string& layer, size of, const std::vector<std::int32_t>& currents)
{
    const bool of_host = std::find(m_of_host.begin(), m_of_host.end(), layer) != m_of_host.end();
    tensor* to = another_run(layer + (of_host ? currents_suffix : ""), formats::npy_dtype::i4, of);
    for (std::size_t t = 0; to != nullptr && t < kept(of); ++t)
        for (std::size_t n = 0; n < of.columns; ++n)
            for (std::size_t pixel = 0; pixel < of.height * of.width; ++pixel) {
                const auto current = static_cast<std::uint32_t>(currents[(pixel * of.columns + n) * of.timesteps + t]);
                for (unsigned byte = 0; byte < sizeof current; ++byte)
                    to->elements += static_cast<char>(current >> 8 * byte & 0xff);
            }
}

void output_files::add_scores(const std::vector<std::vector<std::int64_t>>& scores, double network_units_of_1)
{
    m_scores_shape = {scores.size(), scores.empty() ? 0 : scores[0].size()};
    if (!m_score_map.empty()) {
        m_scores_shape.resize(1);
        m_scores_shape.insert(m_scores_shape.end(), m_score_map.begin(), m_score_map.end());
    }
    m_units_of_score = network_units_of_1;
    const auto add = [](std::string& elements, std::uint64_t bits) {
        for (unsigned byte = 0; byte < sizeof bits; ++byte)
            elements += static_cast<char>(bits >> 8 * byte & 0xff);
    };
    for (const std::vector<std::int64_t>& of : scores)
        for (const std::int64_t score : of) {
            const double in_units = static_cast<double>(score) * network_units_of_1;
            std::uint64_t bits = 0;
            std::memcpy(&bits, &in_units, sizeof bits);
            add(m_scores, static_cast<std::uint64_t>(score));
            add(m_scores_in_units, bits);
        }
}

std::string output_files::units() const
{
    nlohmann::ordered_json to{{scores_file, {{"network_units_of_1", m_units_of_score}}}};
    for (const tensor& each : m_tensors)
        for (const auto& [layer, units] : m_units)
            if (each.dtype == formats::npy_dtype::i4 && (each.layer == layer || each.layer == layer + currents_suffix))
                to[file_name(each.layer)] = {{"network_units_of_1", units}};
    return to.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

void output_files::write() const
{
    if (!m_wrong.empty())
        throw text::user_error(m_wrong);
    std::error_code failure;
    std::filesystem::create_directories(m_folder, failure);
    for (const tensor& each : m_tensors) {
        const std::string name = file_name(each.layer);
        if (name != each.layer + ".npy")
            text::say(fmt::format("--save-outputs: the outputs of layer '{}' are in {}", text::printable(each.layer),
                                  (m_folder / name).string()));
        std::vector<std::size_t> shape = each.shape;
        if (m_of_network || each.runs > 1)
            shape.insert(shape.begin(), each.runs);
        write_file(m_folder / name, formats::npy_file(each.dtype, shape, each.elements));
    }
    if (m_scores_shape.empty())
        return;
    write_file(m_folder / scores_file, formats::npy_file(formats::npy_dtype::i8, m_scores_shape, m_scores));
    write_file(m_folder / scores_in_units_file, formats::npy_file(formats::npy_dtype::f8, m_scores_shape, m_scores_in_units));
    write_file(m_folder / units_file, units());
}

earlier_outputs::earlier_outputs(std::filesystem::path folder) : m_folder(std::move(folder))
{
    std::error_code ignored;
    for (const std::filesystem::directory_entry& each : std::filesystem::directory_iterator(m_folder, ignored))
        if (each.path().extension() == ".npy" || each.path().filename() == output_files::units_file)
            m_there[each.path()] = each.last_write_time(ignored);
}

void earlier_outputs::tell() const
{
    std::vector<std::string> names;
    for (const auto& [file, before] : m_there) {
        std::error_code ignored;
        if (std::filesystem::exists(file, ignored) && std::filesystem::last_write_time(file, ignored) == before)
            names.push_back(text::printable(file.filename().string()));
    }
    if (!names.empty())
        text::say(fmt::format("--save-outputs {}: not of this run, and there before it: {}", text::printable(m_folder.string()),
                              fmt::join(names, ", ")));
}

} // namespace loas::results
