#include "platform/draw/exact_math.h"

#include "models/functional/lanes.h"

#include <algorithm>

namespace loas::draw
{
namespace
{

constexpr std::size_t at_a_time = 256, vector_length = 8;

/// All operations are exact ones and none is contracted, so every vector unit computes the same bits.
LOAS_FOR_ALL_VECTOR_UNITS void scale(double* normals, const double* squares, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        normals[i] *= std::sqrt(-2 * exact_log(squares[i]) / squares[i]);
}

} // namespace

void draw_normals(functional::random_source& random, double* normals, std::size_t count)
{
    functional::random_source source = random; // a local one stays in registers
    double found[at_a_time + 1], squares[at_a_time + 1];
    while (count > 0) {
        const std::size_t wanted = std::min(count, at_a_time);
        for (std::size_t i = 0; i < wanted;) { // as in normal(), but what is not good is overwritten: no branch
            const double x = 2 * uniform(source) - 1, y = 2 * uniform(source) - 1, square = x * x + y * y;
            found[i] = x;
            squares[i] = square;
            i += square > 0 && square < 1;
        }
        const std::size_t whole = (wanted + vector_length - 1) / vector_length * vector_length;
        std::fill(squares + wanted, squares + whole, 0.5); // good for a logarithm
        scale(found, squares, whole);
        normals = std::copy_n(found, wanted, normals);
        count -= wanted;
    }
    random = source;
}

} // namespace loas::draw
