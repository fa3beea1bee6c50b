// Shapes of tensors, for readers of both kinds of files.
#include "platform/formats/nir.h"
#include "platform/formats/npy.h"

namespace loas::formats
{

std::string shape_text(const std::vector<std::size_t>& shape)
{
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + (shape.size() == 1 ? ",)" : ")");
}

std::size_t count_elements(const std::vector<std::size_t>& shape, std::size_t limit)
{
    std::size_t count = 1;
    for (const std::size_t dimension : shape)
        if (dimension == 0)
            return 0;
    for (const std::size_t dimension : shape) {
        if (dimension > limit / count)
            return limit + 1;
        count *= dimension;
    }
    return count;
}

} // namespace loas::formats
