// Test fixture: a folder with scenario files, and what the loader says about them.
#pragma once

#include "platform/config/scenario.h"
#include "platform/text/user_error.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

#include <unistd.h>

namespace config_test
{

using namespace loas::config;
namespace fs = std::filesystem;

/// A folder of its own for each test; scenario files are written and loaded there.
class scenario_files : public testing::Test
{
protected:
    scenario_files()
        : m_folder(fs::temp_directory_path() / ("loas_config_" + std::to_string(getpid()) + "_" +
                                                testing::UnitTest::GetInstance()->current_test_info()->name()))
    {
        fs::create_directories(m_folder);
    }
    ~scenario_files() override
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }

    fs::path write(const std::string& name, const std::string& text) const
    {
        const fs::path file = m_folder / name;
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file;
    }

    scenario load(const std::string& text, const std::vector<std::string>& overrides = {}) const
    {
        return load_scenario(write("case.toml", text), overrides);
    }

    /// The message for a wrong file, its folder removed; "" if it loads.
    std::string mistake(const std::string& text, const std::vector<std::string>& overrides = {}) const
    {
        return mistake_of(write("case.toml", text), overrides);
    }

    std::string mistake_of(const fs::path& file, const std::vector<std::string>& overrides = {}) const
    {
        try {
            load_scenario(file, overrides);
        } catch (const loas::text::user_error& e) {
            std::string what = e.what();
            const std::string folder = m_folder.string() + "/";
            for (std::size_t at = what.find(folder); at != std::string::npos; at = what.find(folder))
                what.erase(at, folder.size());
            return what;
        }
        return "";
    }

    fs::path m_folder;
};

inline bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace config_test
