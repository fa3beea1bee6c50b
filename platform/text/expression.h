// Arithmetic over named numbers, for the constraints and the derived figures of a sweep.
//
// Why not muParser (2.3.3 was tried): it takes what we must refuse, and a mistake would give a wrong figure without a
// word. "1 < 2 < 3" is 1, "1, 2" is 2, "a = 2" assigns, "1e999" is a variable of that name, sin, ?: and && are there.
// It refuses "--a", and does not know names in quotes, as layers have them. To refuse and to rename all that beforehand
// takes a scanner as long as this parser.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace loas::text
{

/// What is wrong with an expression, with the column (from 1) where.
class expression_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/// Numbers, names, + - * / and parentheses; a comparison also has one of < <= == != >= > between two of them. A name is
/// words joined by dots, or anything in quotes: 'layers.V-L8.cycles'.
class expression
{
public:
    enum class kind { figure, comparison };

    /// Throws expression_error.
    expression(std::string text, kind wanted);

    const std::string& text() const { return m_text; }
    /// Each name once, in the order in which they first stand.
    const std::vector<std::string>& names() const { return m_names; }

    /// Of the numbers behind names(); a comparison gives 1 or 0. Not finite: a number is missing, or a result is too large.
    /// Throws expression_error for a division by 0.
    double evaluate(const std::vector<double>& numbers) const;

private:
    friend class expression_parser;

    enum class action { number, name, negate, add, subtract, multiply, divide, less, less_equal, equal, not_equal };
    struct step {
        action what;
        double number = 0;
        std::size_t name = 0;
    };

    std::string m_text;
    std::vector<std::string> m_names;
    std::vector<step> m_steps; ///< for a stack: operands before what works on them
};

} // namespace loas::text
