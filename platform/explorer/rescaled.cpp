#include "platform/explorer/rescaled.h"

#include "models/functional/bits.h"

namespace loas::explorer
{
namespace
{

/// 0 to 1, the same for the same place (the finaliser of splitmix64).
double lot_of(std::uint64_t place)
{
    std::uint64_t mixed = (place + 1) * 0x9E3779B97F4A7C15ULL;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9ULL;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBULL;
    return static_cast<double>((mixed ^ mixed >> 31) >> 11) * 0x1p-53;
}

/// Whether a place has something with that factor, where `count` of them have.
class lots
{
public:
    lots(double factor, std::uint64_t count, std::uint64_t places)
        : m_fits(static_cast<double>(count) * factor <= static_cast<double>(places)), m_stays(factor),
          m_comes(count < places ? (factor - 1) * static_cast<double>(count) / static_cast<double>(places - count) : 0)
    {
    }
    bool fit() const { return m_fits; }
    bool has(std::uint64_t place, bool there) const { return lot_of(place) < (there ? m_stays : m_comes); }

private:
    bool m_fits;
    double m_stays, m_comes;
};

} // namespace

bool rescale_spikes(std::vector<std::uint16_t>& spikes, unsigned timesteps, double factor)
{
    std::uint64_t count = 0;
    const std::uint64_t places = spikes.size() * timesteps;
    for (const std::uint16_t word : spikes)
        count += functional::popcount(word);
    const lots drawn(factor, count, places);
    if (!drawn.fit())
        return false;
    for (std::size_t i = 0; i < spikes.size(); ++i) {
        unsigned word = 0;
        for (unsigned t = 0; t < timesteps; ++t)
            word |= static_cast<unsigned>(drawn.has(i * timesteps + t, (spikes[i] >> t & 1) != 0)) << t;
        spikes[i] = static_cast<std::uint16_t>(word);
    }
    return true;
}

bool rescale_weights(lowering::layer_model& layer, double factor)
{
    std::uint64_t count = 0;
    for (const std::int8_t weight : layer.weights)
        count += weight != 0;
    const std::uint64_t places = layer.weights.size();
    const lots drawn(factor, count, places);
    if (!drawn.fit())
        return false;
    for (std::size_t i = 0; i < layer.weights.size(); ++i)
        layer.weights[i] = static_cast<std::int8_t>(drawn.has(i, layer.weights[i] != 0));
    return true;
}

void other_timesteps(std::vector<std::uint16_t>& spikes, unsigned timesteps, unsigned wanted)
{
    for (std::uint16_t& word : spikes) {
        unsigned other = 0;
        for (unsigned t = 0; t < wanted; ++t)
            other |= static_cast<unsigned>(word >> t % timesteps & 1) << t;
        word = static_cast<std::uint16_t>(other);
    }
}

} // namespace loas::explorer
