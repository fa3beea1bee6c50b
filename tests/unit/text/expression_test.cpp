#include "platform/text/expression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace
{

using loas::text::expression;
using loas::text::expression_error;

double figure(const std::string& text, const std::vector<double>& numbers = {})
{
    return expression(text, expression::kind::figure).evaluate(numbers);
}

bool holds(const std::string& text, const std::vector<double>& numbers = {})
{
    return expression(text, expression::kind::comparison).evaluate(numbers) != 0;
}

std::string problem(const std::string& text, expression::kind kind = expression::kind::figure)
{
    try {
        expression e(text, kind);
    } catch (const expression_error& e) {
        return e.what();
    }
    return "";
}

TEST(expression, arithmetic_binds_as_usual)
{
    EXPECT_EQ(figure("1 + 2 * 3"), 7);
    EXPECT_EQ(figure("(1 + 2) * 3"), 9);
    EXPECT_EQ(figure("10 - 4 - 3"), 3);
    EXPECT_EQ(figure("16 / 4 / 2"), 2);
    EXPECT_EQ(figure("-2 * -3 - -1"), 7);
    EXPECT_EQ(figure("- (1 + 1)"), -2);
    EXPECT_EQ(figure("1.5e3"), 1500);
    EXPECT_EQ(figure("\t .5*4 "), 2);
}

TEST(expression, names_are_numbered_once_and_may_be_quoted)
{
    const expression e("a.b * 'layers.V-L8.cycles' + a.b / \"x y\"", expression::kind::figure);
    EXPECT_EQ(e.names(), (std::vector<std::string>{"a.b", "layers.V-L8.cycles", "x y"}));
    EXPECT_EQ(e.evaluate({8, 3, 4}), 26);
}

TEST(expression, every_comparison)
{
    const std::vector<std::string> signs = {"<", "<=", "==", "!=", ">=", ">"};
    const bool expected[3][6] = {{true, true, false, true, false, false},  // 1 ? 2
                                 {false, true, true, false, true, false},  // 2 ? 2
                                 {false, false, false, true, true, true}}; // 3 ? 2
    for (unsigned left = 1; left <= 3; ++left)
        for (std::size_t i = 0; i < signs.size(); ++i)
            EXPECT_EQ(holds("a + 0 " + signs[i] + " b * 1", {static_cast<double>(left), 2}), expected[left - 1][i])
                << left << signs[i];
    EXPECT_TRUE(holds("a>b", {3, 2})); // names keep their numbers when the sides are swapped
}

TEST(expression, a_division_by_zero_and_a_missing_number_are_not_finite)
{
    try {
        figure("a / (b - 2)", {1, 2});
        FAIL() << "a division by 0 must not be a number";
    } catch (const expression_error& divided) {
        EXPECT_STREQ(divided.what(), "\"a / (b - 2)\" divides by 0");
    }
    EXPECT_FALSE(std::isfinite(figure("a + 1", {std::nan("")})));
    EXPECT_FALSE(holds("a < 1", {std::nan("")}));
}

TEST(expression, mistakes_name_their_column)
{
    EXPECT_NE(problem("").find("missing at the end"), std::string::npos);
    EXPECT_NE(problem("1 + ").find("column 5"), std::string::npos);
    EXPECT_NE(problem("(1 + 2").find("a ')' is needed"), std::string::npos);
    EXPECT_NE(problem("1 2").find("column 3 of \"1 2\": '2' is not expected here"), std::string::npos);
    EXPECT_NE(problem("2 % 3").find("'%' is not expected"), std::string::npos);
    EXPECT_NE(problem("'a").find("the quote does not end"), std::string::npos);
    EXPECT_NE(problem("1 < 2").find("a comparison cannot stand here"), std::string::npos);
    EXPECT_NE(problem("1 + 2", expression::kind::comparison).find("a comparison is needed"), std::string::npos);
    EXPECT_NE(problem("1 < 2 < 3", expression::kind::comparison).find("only one comparison"), std::string::npos);
    EXPECT_NE(problem("1 = 2", expression::kind::comparison).find("a comparison is needed"), std::string::npos);
    EXPECT_NE(problem("1e999").find("not a number"), std::string::npos);
    EXPECT_NE(problem(std::string(3000, '(')).find("nested too deeply"), std::string::npos);
    EXPECT_NE(problem(std::string(3000, '-') + "1").find("nested too deeply"), std::string::npos);
    EXPECT_NE(problem(std::string(5000, '1')).find("longer than any"), std::string::npos);
}

} // namespace
