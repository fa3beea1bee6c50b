// A folder of its own for each test, and sweep files in it.
#pragma once

#include "platform/sweep/definition.h"
#include "platform/sweep/points.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace sweep_test
{

using namespace loas;
namespace fs = std::filesystem;

class sweep_files : public testing::Test
{
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "sweep_XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        m_folder = name;
        write("base.toml", "[workload]\nkind = 'layer'\n");
    }
    void TearDown() override { fs::remove_all(m_folder); }

    fs::path write(const std::string& name, const std::string& text) const
    {
        std::ofstream(m_folder / name, std::ios::binary) << text;
        return m_folder / name;
    }
    std::string text_of(const fs::path& file) const
    {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    sweep::definition read(const std::string& text, const std::vector<std::string>& more_keys = {}) const
    {
        static const std::vector<std::string> figures = {"totals.cycles", "totals.energy_pj.total", "layers.*.cycles",
                                                         "totals.busy_cycles", sweep::area_figure};
        return sweep::read_definition(write("case.toml", "base = 'base.toml'\n" + text), figures, more_keys);
    }
    /// What is told of a sweep file, without the folder; the text begins in line 2.
    std::string mistake(const std::string& text) const
    {
        try {
            sweep::points all(read(text));
        } catch (const text::user_error& e) {
            std::string told = e.what();
            for (std::size_t at; (at = told.find(m_folder.string() + "/")) != std::string::npos;)
                told.erase(at, m_folder.string().size() + 1);
            return told;
        }
        return "";
    }

    fs::path m_folder;
};

} // namespace sweep_test
