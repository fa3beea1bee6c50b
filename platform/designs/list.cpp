// The designs that a scenario can choose, in the order of the list of options.
#include "platform/designs/design.h"

#include "platform/config/options.h"

#include <algorithm>
#include <stdexcept>

namespace loas::designs
{

// Each in a file of its own.
design loas_design();
design loas_nmtk_design();
design sparten_snn_design();
design sparten_ann_design();
design gospa_snn_design();
design gamma_snn_design();
design gamma_ann_design();
design dense_snn_design();
design spinalflow_design();
design ptb_design();
design stellar_design();

namespace
{

const std::vector<design>& listed()
{
    static const std::vector<design> list = {
        loas_design(),      loas_nmtk_design(), sparten_snn_design(),
        gospa_snn_design(), gamma_snn_design(), dense_snn_design(),
        sparten_ann_design(), gamma_ann_design(), spinalflow_design(),
        ptb_design(),       stellar_design(),
    };
    static const bool complete = (std::for_each(list.begin(), list.end(), require_complete), true);
    static_cast<void>(complete);
    return list;
}

} // namespace

void require_complete(const design& of)
{
    const auto require = [&](bool said, const char* what) {
        if (!said)
            throw std::logic_error("design " + std::string(of.word) + " does not say its " + what);
    };
    require(of.build != nullptr, "build");
    require(of.tile_table != nullptr, "tile_table");
    require(of.bytes == (loas_format_is_bytes(of.formats & LOAS_FORMATS_SPIKES_MASK) != 0), "bytes as its formats do");
}

const std::vector<const design*>& all()
{
    static const std::vector<const design*> pointers = [] {
        std::vector<const design*> to;
        for (const design& each : listed())
            to.push_back(&each);
        return to;
    }();
    return pointers;
}

const design& design_called(std::string_view word)
{
    const auto found =
        std::find_if(listed().begin(), listed().end(), [&](const design& each) { return each.word == word; });
    if (found == listed().end())
        throw std::logic_error("no design is called " + std::string(word));
    return *found;
}

std::vector<const design*> published_as(publication::part part)
{
    std::vector<const design*> of_part;
    for (const design* each : all())
        if (each->published && each->published->as == part)
            of_part.push_back(each);
    return of_part;
}

std::vector<std::string_view> published_words()
{
    std::vector<std::string_view> words;
    for (const auto part : {publication::part::subject, publication::part::rival})
        for (const design* each : published_as(part))
            words.push_back(each->word);
    return words;
}

bool design::takes(std::string_view key) const
{
    if (std::find(tile_keys.begin(), tile_keys.end(), key) != tile_keys.end())
        return true;
    if (describe == nullptr)
        return false;
    config::scenario defaults;
    config::option_table own;
    describe(defaults.own, own);
    const std::vector<config::option> rows = own.take();
    return std::any_of(rows.begin(), rows.end(), [&](const config::option& each) { return each.key == key; });
}

} // namespace loas::designs

const std::vector<const loas::config::design*>& loas::config::designs()
{
    static const std::vector<const design*> pointers(loas::designs::all().begin(), loas::designs::all().end());
    return pointers;
}
