#include "models/observe/counters.h"
#include "platform/listing/options_table.h"

#include <fmt/format.h>

namespace loas::listing
{

std::string counters_table()
{
    std::string text = "| counter | unit | definition |\n|---|---|---|\n";
    for (std::size_t i = 0; i < observe::counter_count; ++i) {
        const observe::counter_info& info = observe::info_of(static_cast<observe::counter>(i));
        text += fmt::format("| `{}{}{}` | {} | {} |\n", info.group, info.group.empty() ? "" : ".", info.name, info.unit,
                            info.definition);
    }
    return text;
}

} // namespace loas::listing
