// Texts of the user: what is UTF-8, by Unicode 15 table 3-7, and what of a text is shown.
#include "platform/text/say.h"
#include "platform/text/words.h"

#include <gtest/gtest.h>

#include <cerrno>

using namespace loas::text;

TEST(words, utf8_is_well_formed_only)
{
    // The first and the last of each row of the table.
    for (const char* good : {"", "\x01\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xe0\xbf\xbf", "\xe1\x80\x80",
                             "\xec\xbf\xbf", "\xed\x80\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                             "\xf0\x90\x80\x80", "\xf0\xbf\xbf\xbf", "\xf1\x80\x80\x80", "\xf3\xbf\xbf\xbf",
                             "\xf4\x80\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc2\x80z\xef\xbf\xbf"})
        EXPECT_TRUE(is_utf8(good)) << good;
    for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
                            "\xe1\x80", "\xe1\x80\x7f", "\xe1\xc0\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
                            "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
                            "a\xc2\x80\x80"})
        EXPECT_FALSE(is_utf8(bad)) << bad;
}

TEST(words, what_is_shown_is_one_line_of_whole_characters)
{
    EXPECT_EQ(printable("a\nb\x7f\x1b[1m"), "a?b??[1m");
    EXPECT_EQ(printable("a\xc2\x9b" "b\xe2\x80\xae" "c\xe2\x81\xa9" "d"), "a?b?c?d"); // CSI, and what turns text around
    EXPECT_EQ(printable("\xc2\xa0\xe2\x80\xaf\xe2\x81\xaa"), "\xc2\xa0\xe2\x80\xaf\xe2\x81\xaa"); // their neighbours
    EXPECT_EQ(printable("a\xff\xe2\x80" "b\xc3"), "a???b?"); // no UTF-8
    EXPECT_EQ(printable("abcd", 4), "abcd");
    EXPECT_EQ(printable("abcde", 4), "abcd...");
    EXPECT_EQ(printable("ab\xc3\xa4", 3), "ab..."); // not half of an umlaut
    EXPECT_EQ(printable("ab\xc3\xa4", 4), "ab\xc3\xa4");
    EXPECT_EQ(printable(std::string(80, 'x')), std::string(80, 'x'));
    EXPECT_EQ(printable(std::string(81, 'x')), std::string(80, 'x') + "...");
}

TEST(words, lines_are_broken_between_words)
{
    EXPECT_EQ(loas::text::wrapped("ab cd ef", 5, 0, 2), "ab cd\n  ef\n");
    EXPECT_EQ(loas::text::wrapped("ab cd ef", 6, 1, 2), " ab cd\n  ef\n");
    EXPECT_EQ(loas::text::wrapped("abcdefgh i", 5, 0, 2), "abcde\n  fgh\n  i\n") << "a word longer than a line";
    EXPECT_EQ(loas::text::wrapped("", 5, 2, 2), "  \n");
}

TEST(words, what_is_said_fits_a_line_and_keeps_paths)
{
    using loas::text::said;
    EXPECT_EQ(said("short\n  kept   as it is\n"), "loas-vp: short\n  kept   as it is\n\n");
    const std::string word(30, 'w'), path(120, 'p'), both = word + ' ' + word;
    EXPECT_EQ(said(both + ' ' + both), "loas-vp: " + both + "\n  " + both + '\n');
    EXPECT_EQ(said(path + ' ' + both), "loas-vp:\n  " + path + '\n' + "  " + both + '\n') << "a path stays whole";
    EXPECT_EQ(said("a\n  " + both + ' ' + both), "loas-vp: a\n  " + both + ' ' + word + "\n    " + word + '\n');
}

TEST(words, what_several_say_is_told_once)
{
    loas::text::said_once of;
    EXPECT_EQ(of.fresh("loas-vp: a\n  b\nloas-vp: c\n", " (x)"), "loas-vp: a\n  b\nloas-vp: c\n");
    EXPECT_EQ(of.fresh("loas-vp: a\n  b\nloas-vp: a\n  d\n", " (y)"), "loas-vp: a\n  d (y)\n");
    EXPECT_EQ(of.fresh("loas-vp: c\nloas-vp: e", " (z)"), "loas-vp: e");
    EXPECT_EQ(of.fresh("", " (z)"), "");
}

TEST(words, a_quoted_text_is_read_back_by_toml)
{
    EXPECT_EQ(toml_quoted("plain"), "\"plain\"");
    EXPECT_EQ(toml_quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(toml_quoted("tab\t\x7f\x1f"), "\"tab\\u0009\\u007f\\u001f\"");
    EXPECT_EQ(toml_quoted("\xc3\xa4"), "\"\xc3\xa4\"");
}

TEST(words, a_shell_takes_it_as_one_word)
{
    using loas::text::shell_quoted;
    EXPECT_EQ(shell_quoted("a/b_1.toml"), "a/b_1.toml");
    EXPECT_EQ(shell_quoted("two words"), "'two words'");
    EXPECT_EQ(shell_quoted("it's $HOME"), "'it'\\''s $HOME'");
    EXPECT_EQ(shell_quoted(""), "''");
}

TEST(words, a_limit_says_which_it_is)
{
    EXPECT_NE(loas::text::reason_of(EFBIG).find("ulimit -f"), std::string::npos);
    EXPECT_EQ(loas::text::reason_of(ENOENT), "No such file or directory");
}
