#include "platform/cli/dataflow_command.h"

#include "platform/dataflow_page/dataflow_page.h"
#include "platform/output/output_place.h"
#include "platform/text/user_error.h"

#include <fmt/format.h>

namespace loas::cli
{
namespace
{

using text::user_error;

process::exit_code explore_dataflow(const po::variables_map& given)
{
    const auto given_or = [&](const char* name) {
        const std::string text = given_or_empty(given, name);
        if (given.count(name) != 0 && text.empty())
            throw user_error(fmt::format("--{}: nothing is given (see loas-vp dataflow --help)", name));
        return text;
    };
    const std::string page = given_or("page"), save = given_or("save"); // before anything is counted
    const dataflow_page::reply reply = dataflow_page::answer(
        {given_or("file"), given_or("inputs"), overrides_of(given),
         {given_or("least"), given_or("area"),
          {given_or("orders"), given_or("spatial"), given_or("tile"), given_or("format"), given_or("capacity"), given.count("border") != 0}},
         given.count("search") != 0, given.count("json") != 0, given.count("csv") != 0,
         page.empty() ? "" : output::output_file(page, "--page"), save.empty() ? "" : output::output_file(save, "--save")});
    print(reply.text);
    if (!reply.problem.empty())
        throw user_error(reply.problem);
    return process::exit_code::good;
}

} // namespace

command dataflow_row()
{
    return {"dataflow",
            "FILE",
            "count what orders of the loops m, n, k, t move, hold and take, on a scenario's own tensors",
            "file",
            explore_dataflow,
            {set_row(), text("orders", "ORDER,...", "outermost loop first, as mnkt (default: all 24)"),
             text("spatial", "LOOP,t", "m16, n16, k4, m4n4: over so many units; t4, t: timesteps in a word; free"),
             text("tile", "LOOP=SIZE,...", "split loops, as n=32,k=128: those over tiles outside, outermost first"),
             text("format", "A,B", "of spikes and weights: raw, bitmask, coordinates, packed"),
             text("capacity", "KIB,...", "sizes of the buffer in KiB (default: the scenario's cache)"),
             flag("border", "also where t in a word stops winning: with other T, spikes and weights"),
             text("inputs", "FILE", "of a .nir file: the images (.npy, FILE.npz:NAME)"), flag("json", "as JSON"),
             flag("csv", "as a table for spreadsheets: a row for each layer, order and buffer"), text("page", "FILE", "write an HTML page with charts (--capacity: from 4 KiB to 4 MiB)"),
             flag("search", "which order, tiles, space, format and --capacity are best for all layers"),
             text("least", "FIGURE", "of the search: dram_bytes (default), cycles, energy_pj, live_sums"),
             text("area", "MM2", "of the search: the most that the chip may take"),
             text("save", "FILE", "of the search: the best that a simulated design runs, as a scenario")},
            {"dataflow scenarios/layers/v_l8.toml --capacity 16,64,256",
             "dataflow scenarios/quickstart/digits.toml --orders mntk,nmtk --spatial m16 --json"}};
}

} // namespace loas::cli
