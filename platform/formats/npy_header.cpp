#include "platform/formats/npy_header.h"

#include <cstring>
#include <limits>
#include <utility>

#include "platform/text/user_error.h"

namespace loas::formats
{
namespace
{

constexpr std::size_t magic_bytes = 6;
constexpr std::size_t max_dimensions = 32; // NumPy's own limit
constexpr std::size_t max_fields = 32;     // an event has four

// Parser of the dictionary, a subset of Python's literals: strings, True, False, tuples of integers.
class dictionary_parser
{
public:
    /// Parses bytes[begin, end).
    dictionary_parser(const std::vector<std::uint8_t>& bytes, std::size_t begin, std::size_t end,
                      const std::string& source)
        : m_bytes(bytes), m_at(begin), m_end(end), m_source(source)
    {
    }

    npy_header parse()
    {
        expect('{');
        while (peek() != '}') {
            const std::string key = parse_string("a key");
            expect(':');
            parse_field(key);
            if (peek() != '}')
                expect(',');
        }
        ++m_at;
        if (peek() != '\0')
            fail("nothing more after the dictionary");
        if (!m_seen_descr || !m_seen_order || !m_seen_shape)
            throw text::user_error(m_source + ": header field '" +
                                   (!m_seen_descr   ? "descr"
                                    : !m_seen_order ? "fortran_order"
                                                    : "shape") +
                                   "' is missing");
        return m_header;
    }

private:
    void parse_field(const std::string& key)
    {
        bool* seen = key == "descr"           ? &m_seen_descr
                     : key == "fortran_order" ? &m_seen_order
                     : key == "shape"         ? &m_seen_shape
                                              : nullptr;
        if (seen == nullptr)
            throw text::user_error(m_source + ": header field '" + key +
                                   "' is unknown; expected descr, fortran_order and shape");
        if (*seen)
            throw text::user_error(m_source + ": header field '" + key + "' is there twice");
        *seen = true;
        if (key == "descr") {
            if (peek() == '[')
                parse_records();
            else
                m_header.descr = parse_string("the element type");
        } else if (key == "fortran_order") {
            m_header.fortran_order = parse_bool();
        } else {
            parse_shape();
        }
    }

    /// [('x', '<u2'), ('y', '<u2'), ...]
    void parse_records()
    {
        expect('[');
        while (peek() != ']') {
            npy_field field;
            expect('(');
            field.name = parse_string("the name of a field");
            expect(',');
            field.descr = parse_string("the type of a field, no record or array within it,");
            expect(')');
            if (m_header.fields.size() == max_fields)
                throw text::user_error(m_source + ": header field 'descr': more than " + std::to_string(max_fields) +
                                       " fields");
            m_header.fields.push_back(std::move(field));
            if (peek() != ']')
                expect(',');
        }
        ++m_at;
        if (m_header.fields.empty())
            fail("a field");
    }

    [[noreturn]] void fail(const std::string& expected) const
    {
        throw text::user_error(m_source + ": byte offset " + std::to_string(m_at) + " in the header: expected " +
                               expected);
    }

    // Next character that is no white space, without taking it; 0 at the end.
    char peek()
    {
        while (m_at < m_end && std::strchr(" \t\r\n", m_bytes[m_at]) != nullptr && m_bytes[m_at] != 0)
            ++m_at;
        return m_at < m_end ? static_cast<char>(m_bytes[m_at]) : '\0';
    }

    void expect(char wanted)
    {
        if (peek() != wanted || m_at == m_end)
            fail(std::string("'") + wanted + "'");
        ++m_at;
    }

    std::string parse_string(const char* what)
    {
        const char quote = peek();
        if (quote != '\'' && quote != '"')
            fail(std::string(what) + " in quotes");
        std::string text;
        for (++m_at; m_at < m_end; ++m_at) {
            const char character = static_cast<char>(m_bytes[m_at]);
            if (character == quote) {
                ++m_at;
                return text;
            }
            // Fields and element types are plain words; anything else would only garble the terminal.
            if (character < ' ' || character > '~')
                break;
            text += character;
        }
        fail("the end of a string");
    }

    bool take_word(const char* word)
    {
        const std::size_t length = std::strlen(word);
        if (m_end - m_at < length || std::memcmp(&m_bytes[m_at], word, length) != 0)
            return false;
        m_at += length;
        return true;
    }

    bool parse_bool()
    {
        peek();
        if (take_word("True"))
            return true;
        if (take_word("False"))
            return false;
        fail("True or False");
    }

    void parse_shape()
    {
        expect('(');
        while (peek() != ')') {
            if (m_header.shape.size() == max_dimensions)
                throw text::user_error(m_source + ": header field 'shape': more than " +
                                       std::to_string(max_dimensions) + " dimensions");
            m_header.shape.push_back(parse_dimension());
            if (peek() != ')')
                expect(',');
        }
        ++m_at;
    }

    std::size_t parse_dimension()
    {
        if (peek() == '-')
            throw text::user_error(m_source + ": header field 'shape': a negative dimension");
        std::size_t value = 0;
        const std::size_t first = m_at;
        for (; m_at < m_end && m_bytes[m_at] >= '0' && m_bytes[m_at] <= '9'; ++m_at) {
            const std::size_t digit = m_bytes[m_at] - static_cast<std::size_t>('0');
            if (value > (std::numeric_limits<std::size_t>::max() - digit) / 10)
                throw text::user_error(m_source + ": header field 'shape': a dimension beyond 64 bits");
            value = value * 10 + digit;
        }
        if (m_at == first)
            fail("a dimension");
        take_word("L"); // written by Python 2
        return value;
    }

    const std::vector<std::uint8_t>& m_bytes;
    std::size_t m_at;
    std::size_t m_end;
    const std::string& m_source;
    npy_header m_header;
    bool m_seen_descr = false, m_seen_order = false, m_seen_shape = false;
};

} // namespace

npy_header parse_npy_header(const std::vector<std::uint8_t>& bytes, const std::string& source)
{
    const std::size_t magic_present = bytes.size() < magic_bytes ? bytes.size() : magic_bytes;
    if (bytes.empty() || std::memcmp(bytes.data(), "\x93NUMPY", magic_present) != 0)
        throw text::user_error(source + ": byte offset 0: not an .npy file (it does not start with \\x93NUMPY)");

    const std::size_t version_at = magic_bytes;
    const std::size_t length_at = version_at + 2;
    const auto truncated = [&](const std::string& part, std::size_t needed) {
        return text::user_error(source + ": the file ends at byte offset " + std::to_string(bytes.size()) + " in " +
                                part + ", which needs " + std::to_string(needed) + " bytes");
    };
    if (bytes.size() < length_at)
        throw truncated("its magic and version", length_at);
    const unsigned major = bytes[version_at];
    const unsigned minor = bytes[version_at + 1];
    if (major < 1 || major > 3 || minor != 0)
        throw text::user_error(source + ": byte offset 6: format version " + std::to_string(major) + "." +
                               std::to_string(minor) + " is not supported; supported are 1.0, 2.0 and 3.0");

    const std::size_t length_bytes = major == 1 ? 2 : 4;
    const std::size_t text_at = length_at + length_bytes;
    if (bytes.size() < text_at)
        throw truncated("the length of its header", text_at);
    std::size_t length = 0;
    for (std::size_t i = length_bytes; i-- > 0;)
        length = length << 8 | bytes[length_at + i];
    if (bytes.size() - text_at < length)
        throw truncated("its header", text_at + length);

    npy_header header = dictionary_parser(bytes, text_at, text_at + length, source).parse();
    header.data_offset = text_at + length;
    return header;
}

} // namespace loas::formats
