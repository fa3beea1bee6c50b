#include "tests/golden/number_tiles.h"

#include <algorithm>

namespace loas::golden
{

number_matrix copy_of_tile(const number_matrix& matrix, std::size_t row, std::size_t rows, std::size_t k,
                           std::size_t ks)
{
    number_matrix tile;
    for (std::size_t i = row; i < std::min(row + rows, matrix.size()); ++i) {
        std::vector<int> line;
        for (std::size_t j = k; j < std::min(k + ks, matrix[i].size()); ++j)
            line.push_back(matrix[i][j]);
        tile.push_back(line);
    }
    return tile;
}

double nonzeros(const number_matrix& tile)
{
    double count = 0;
    for (const std::vector<int>& line : tile) {
        for (const int number : line) {
            if (number != 0)
                count += 1;
        }
    }
    return count;
}

double area(const number_matrix& tile)
{
    return static_cast<double>(tile.size() * tile[0].size());
}

int matches(const std::vector<int>& spikes, const std::vector<int>& weights)
{
    int count = 0;
    for (std::size_t k = 0; k < spikes.size(); ++k) {
        if (spikes[k] > 0 && weights[k] != 0)
            ++count;
    }
    return count;
}

bool buffer::contains(const number_matrix& tile) const
{
    return std::find(m_tiles.begin(), m_tiles.end(), tile) != m_tiles.end();
}

void buffer::insert(const number_matrix& tile)
{
    m_tiles.push_back(tile);
    while (size() > m_capacity)
        m_tiles.erase(m_tiles.begin());
}

double buffer::size() const
{
    double sum = 0;
    for (const number_matrix& tile : m_tiles)
        sum += nonzeros(tile);
    return sum;
}

} // namespace loas::golden
