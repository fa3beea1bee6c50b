// The kinds of files that inputs come in. Private to this room.
#pragma once

#include "platform/inputs/axes.h"
#include "platform/inputs/events.h"
#include "platform/inputs/input_set.h"
#include "platform/inputs/nir_data.h"

#include <memory>
#include <string>
#include <vector>

namespace loas::inputs
{

/// An .npy file, or an array of an archive.
std::unique_ptr<input_source> array_source(const std::string& path, const array_axes& axes,
                                           const network::map_shape& input);

/// What became of events on their way to frames.
class event_tally
{
public:
    void begin(const binning& how, std::string unit);
    void add(const binned& frames);
    /// In words; nothing where there were no events.
    void tell(std::vector<std::string>& told, std::vector<std::string>& warnings) const;

private:
    binning m_how;
    std::string m_unit;
    std::uint64_t m_recordings = 0, m_empty = 0, m_events = 0, m_merged = 0, m_late = 0;
    std::uint64_t m_fewest = 0, m_most = 0;
    double m_narrowest = 0, m_widest = 0, m_last = 0;
};

/// Of several recordings an input each.
std::unique_ptr<input_source> event_source(const std::vector<std::string>& paths, bool columns,
                                           const network::map_shape& input, const binning& how, event_tally& tally);

/// Of NIR's data files, for an Input of as many neurons.
std::unique_ptr<input_source> nir_source(nir_data data, const network::map_shape& input, const binning& how,
                                         event_tally& tally);

} // namespace loas::inputs
