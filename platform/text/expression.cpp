#include "platform/text/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace loas::text
{
namespace
{

constexpr std::size_t longest_text = 4096;
constexpr unsigned deepest = 100; // parentheses and signs within each other

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

} // namespace

/// Recursive descent; one level of the grammar a function.
class expression_parser
{
public:
    explicit expression_parser(expression& into) : m_into(into), m_text(into.m_text) {}

    void parse(expression::kind wanted)
    {
        if (m_text.size() > longest_text)
            fail("longer than any expression");
        sum();
        if (wanted == expression::kind::comparison)
            comparison();
        skip_blanks();
        if (m_at == m_text.size())
            return;
        if (m_text.find_first_of("<>=!", m_at) == m_at)
            fail(wanted == expression::kind::comparison ? "only one comparison can stand here"
                                                        : "a comparison cannot stand here");
        fail(fmt::format("'{}' is not expected here", m_text[m_at]));
    }

private:
    using action = expression::action;

    [[noreturn]] void fail(const std::string& what) const
    {
        throw expression_error(fmt::format("column {} of \"{}\": {}", m_at + 1, m_text.substr(0, 200), what));
    }

    void skip_blanks()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t'))
            ++m_at;
    }

    bool take(std::string_view sign)
    {
        skip_blanks();
        if (m_text.substr(m_at, sign.size()) != sign)
            return false;
        m_at += sign.size();
        return true;
    }

    void push(action what, double number = 0, std::size_t name = 0) { m_into.m_steps.push_back({what, number, name}); }

    void comparison()
    {
        static constexpr struct {
            std::string_view sign;
            action what;
            bool swapped; ///< a > b is b < a
        } comparisons[] = {{"<=", action::less_equal, false}, {">=", action::less_equal, true},
                           {"==", action::equal, false},      {"!=", action::not_equal, false},
                           {"<", action::less, false},        {">", action::less, true}};
        for (const auto& each : comparisons) {
            if (!take(each.sign))
                continue;
            const auto left = static_cast<std::ptrdiff_t>(m_into.m_steps.size());
            sum();
            if (each.swapped)
                std::rotate(m_into.m_steps.begin(), m_into.m_steps.begin() + left, m_into.m_steps.end());
            push(each.what);
            return;
        }
        fail("a comparison is needed: < <= == != >= >");
    }

    void sum()
    {
        product();
        for (;;) {
            if (take("+")) {
                product();
                push(action::add);
            } else if (take("-")) {
                product();
                push(action::subtract);
            } else {
                return;
            }
        }
    }

    void product()
    {
        factor();
        for (;;) {
            if (take("*")) {
                factor();
                push(action::multiply);
            } else if (take("/")) {
                factor();
                push(action::divide);
            } else {
                return;
            }
        }
    }

    void factor()
    {
        if (++m_depth > deepest)
            fail("nested too deeply");
        skip_blanks();
        const char next = m_at < m_text.size() ? m_text[m_at] : '\0';
        if (take("-")) {
            factor();
            push(action::negate);
        } else if (take("(")) {
            sum();
            if (!take(")"))
                fail("a ')' is needed");
        } else if (next == '\'' || next == '"') {
            quoted_name(next);
        } else if (is_digit(next) || next == '.') {
            number();
        } else if (is_letter(next)) {
            const std::size_t start = m_at;
            while (m_at < m_text.size() && (is_letter(m_text[m_at]) || is_digit(m_text[m_at]) || m_text[m_at] == '.'))
                ++m_at;
            name(m_text.substr(start, m_at - start));
        } else {
            fail(m_at == m_text.size() ? "a number or a name is missing at the end" : "a number or a name is needed");
        }
        --m_depth;
    }

    void number()
    {
        double amount = 0;
        const auto [stop, error] = std::from_chars(m_text.data() + m_at, m_text.data() + m_text.size(), amount);
        if (error != std::errc())
            fail("not a number");
        m_at = static_cast<std::size_t>(stop - m_text.data());
        push(action::number, amount);
    }

    void quoted_name(char quote)
    {
        const std::size_t end = m_text.find(quote, m_at + 1);
        if (end == std::string_view::npos)
            fail("the quote does not end");
        name(m_text.substr(m_at + 1, end - m_at - 1));
        m_at = end + 1;
    }

    void name(std::string_view word)
    {
        std::vector<std::string>& names = m_into.m_names;
        const auto found = std::find(names.begin(), names.end(), word);
        push(action::name, 0, static_cast<std::size_t>(found - names.begin()));
        if (found == names.end())
            names.emplace_back(word);
    }

    expression& m_into;
    std::string_view m_text;
    std::size_t m_at = 0;
    unsigned m_depth = 0;
};

expression::expression(std::string text, kind wanted) : m_text(std::move(text))
{
    expression_parser(*this).parse(wanted);
}

double expression::evaluate(const std::vector<double>& numbers) const
{
    std::vector<double> stack;
    for (const step& each : m_steps) {
        if (each.what == action::number || each.what == action::name) {
            stack.push_back(each.what == action::number ? each.number : numbers[each.name]);
            continue;
        }
        if (each.what == action::negate) {
            stack.back() = -stack.back();
            continue;
        }
        const double right = stack.back();
        stack.pop_back();
        double& left = stack.back();
        switch (each.what) {
        case action::add:
            left = left + right;
            break;
        case action::subtract:
            left = left - right;
            break;
        case action::multiply:
            left = left * right;
            break;
        case action::divide:
            if (right == 0)
                throw expression_error(fmt::format("\"{}\" divides by 0", m_text));
            left = left / right;
            break;
        case action::less:
            left = left < right ? 1 : 0;
            break;
        case action::less_equal:
            left = left <= right ? 1 : 0;
            break;
        case action::equal:
            left = left == right ? 1 : 0;
            break;
        default:
            left = left != right ? 1 : 0;
            break;
        }
    }
    return stack.back();
}

} // namespace loas::text
