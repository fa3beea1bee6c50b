// A network's inputs as tests have them: files of inputs and labels, opened for maps of any shape.
#pragma once

#include "platform/inputs/input_set.h"
#include "tests/unit/formats/load_support.h"

#include <gtest/gtest.h>

#include <string>

namespace loas::test
{

inline std::string zeros(std::size_t count)
{
    return std::string(count, '\0');
}

class network_inputs : public testing::Test
{
protected:
    network_inputs()
    {
        m_workload.images = m_images.path();
        m_workload.timesteps = 2;
    }

    inputs::input_set open(const network::map_shape& shape, bool timesteps_given = true)
    {
        return inputs::open_inputs(m_workload, shape, timesteps_given);
    }
    std::string error_of(const network::map_shape& shape)
    {
        return user_error_of([&] { open(shape).numbers(0); });
    }
    void label(const std::string& bytes)
    {
        m_labels.write(npy_bytes("|u1", "(" + std::to_string(bytes.size()) + ",)", bytes));
        m_workload.labels = m_labels.path();
    }

    scratch_file m_images{"images.npy"}, m_labels{"labels.npy"}, m_archive{"inputs.npz"};
    config::workload_params m_workload;
};

} // namespace loas::test
