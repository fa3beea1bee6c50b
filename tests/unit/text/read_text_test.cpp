// Files of the user: whole, with a limit, and never waited for without end.
#include "platform/text/read_text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using loas::text::read_text;

TEST(read_text, limits_and_devices)
{
    char pattern[] = "/tmp/loas_read_text_XXXXXX";
    const std::filesystem::path folder = mkdtemp(pattern);
    std::ofstream(folder / "a") << std::string(9000, 'a');
    EXPECT_EQ(read_text(folder / "a", 10'000), std::string(9000, 'a'));
    EXPECT_GT(read_text(folder / "a", 100)->size(), 100u);
    EXPECT_FALSE(read_text(folder / "none", 100));
    EXPECT_FALSE(read_text(folder, 100));
    EXPECT_GT(read_text("/dev/zero", 5000)->size(), 5000u);
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_FALSE(read_text(folder / "pipe", 100)); // nobody writes: at once
    std::filesystem::remove_all(folder);
}
