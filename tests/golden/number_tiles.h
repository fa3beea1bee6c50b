// Tiles as copies of a part of a matrix, and the buffers of the publication's accounting that hold them.
#pragma once

#include <cstddef>
#include <list>
#include <vector>

namespace loas::golden
{

using number_matrix = std::vector<std::vector<int>>;

/// Up to rows x ks elements from (row, k) on.
number_matrix copy_of_tile(const number_matrix& matrix, std::size_t row, std::size_t rows, std::size_t k,
                           std::size_t ks);
double nonzeros(const number_matrix& tile);
double area(const number_matrix& tile);

/// Places where both are set.
int matches(const std::vector<int>& spikes, const std::vector<int>& weights);

/// Tiles on chip, the oldest first. Comparing matrices compares their shapes too.
class buffer
{
public:
    explicit buffer(std::size_t capacity) : m_capacity(static_cast<double>(capacity)) {}

    bool contains(const number_matrix& tile) const;
    void insert(const number_matrix& tile);

private:
    double size() const;

    double m_capacity; ///< non-zeros
    std::list<number_matrix> m_tiles;
};

} // namespace loas::golden
