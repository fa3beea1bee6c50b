// sw/abi/README.md against loas_abi.h, both read as text, and the example in sw/README.md against its source.
#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace
{

std::string read_text(const std::string& path)
{
    std::ifstream file(std::string(LOAS_SOURCE_DIR) + "/" + path);
    EXPECT_TRUE(file.is_open()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

const std::string& header()
{
    static const std::string text = read_text("sw/abi/loas_abi.h");
    return text;
}

std::string trimmed(const std::string& text)
{
    const auto first = text.find_first_not_of(' ');
    return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// Rows of all tables under a heading, cells trimmed; header and separator rows are left out.
std::vector<std::vector<std::string>> rows_under(const std::string& heading)
{
    std::vector<std::vector<std::string>> rows;
    std::istringstream page(read_text("sw/abi/README.md"));
    bool inside = false;
    for (std::string line; std::getline(page, line);) {
        if (line.rfind("## ", 0) == 0) {
            inside = line.rfind("## " + heading, 0) == 0;
        }
        if (!inside || line.rfind("|", 0) != 0 || line.rfind("|---", 0) == 0) {
            continue;
        }
        std::vector<std::string> cells;
        std::istringstream text(line.substr(1));
        for (std::string cell; std::getline(text, cell, '|');) {
            cells.push_back(trimmed(cell));
        }
        rows.push_back(cells);
    }
    EXPECT_FALSE(rows.empty()) << heading;
    return rows;
}

unsigned long number(const std::string& text)
{
    return std::stoul(text, nullptr, 0);
}

using named_numbers = std::map<std::string, unsigned long>;

// The text between the first `from` and the next `to` behind it.
std::string between(const std::string& text, const std::string& from, const std::string& to)
{
    const auto start = text.find(from);
    const auto end = start == std::string::npos ? start : text.find(to, start + from.size());
    EXPECT_NE(end, std::string::npos) << from;
    return end == std::string::npos ? "" : text.substr(start + from.size(), end - start - from.size());
}

// Text without comments, cut into words and single punctuation marks.
std::vector<std::string> tokens_of(std::string text)
{
    for (auto start = text.find("/*"); start != std::string::npos; start = text.find("/*")) {
        text.erase(start, text.find("*/", start) + 2 - start);
    }
    std::vector<std::string> tokens;
    bool in_word = false;
    for (char c : text) {
        const bool is_word = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
        if (is_word && in_word) {
            tokens.back() += c;
        } else if (!std::isspace(static_cast<unsigned char>(c))) {
            tokens.emplace_back(1, c);
        }
        in_word = is_word;
    }
    return tokens;
}

TEST(abi_document, registers)
{
    std::map<std::string, std::pair<unsigned long, std::string>> in_page, in_header; // offset, access
    for (const auto& row : rows_under("Registers")) {
        if (row.size() >= 3 && row[1].rfind("LOAS_REG_", 0) == 0) {
            EXPECT_EQ(row[0].size(), 5u) << row[0];
            EXPECT_TRUE(in_page.insert({row[1], {number(row[0]), row[2]}}).second) << "twice: " << row[1];
        }
    }
    std::istringstream lines(header());
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("#define LOAS_REG_", 0) == 0) {
            std::istringstream words(line);
            std::string define, name, offset;
            words >> define >> name >> offset;
            // the comment starts with the access, which ends at a colon, a comma or the comment's end
            const std::string comment = line.substr(line.find("/* ") + 3);
            in_header[name] = {number(offset), trimmed(comment.substr(0, comment.find_first_of(":,*")))};
        }
    }
    EXPECT_GE(in_header.size(), 20u);
    EXPECT_EQ(in_page, in_header);
}

// Entries of an enum as the compiler numbers them.
named_numbers enum_in_header(const std::string& name)
{
    named_numbers result;
    unsigned long next = 0;
    const auto tokens = tokens_of(between(header(), "enum " + name + " {", "};") + ",");
    for (size_t i = 0; i < tokens.size(); i++) {
        const std::string entry = tokens[i];
        if (entry == ",") {
            continue;
        }
        if (tokens[i + 1] == "=") {
            next = number(tokens[i + 2]);
            i += 2;
        }
        result[entry] = next++;
    }
    return result;
}

named_numbers enum_in_page(const std::string& heading, const std::string& prefix)
{
    named_numbers result;
    for (const auto& row : rows_under(heading)) {
        if (row.size() >= 2 && row[1].rfind(prefix, 0) == 0) {
            EXPECT_TRUE(result.insert({row[1], number(row[0])}).second) << "twice: " << row[1];
        }
    }
    return result;
}

TEST(abi_document, status_codes)
{
    auto in_header = enum_in_header("loas_status");
    EXPECT_GE(in_header.size(), 15u);
    EXPECT_EQ(in_header.erase("LOAS_STATUS_COUNT"), 1u);
    EXPECT_EQ(enum_in_page("Status codes", "LOAS_STATUS_"), in_header);
}

TEST(abi_document, counters)
{
    auto in_header = enum_in_header("loas_counter");
    EXPECT_EQ(in_header.erase("LOAS_COUNTER_COUNT"), 1u);
    EXPECT_EQ(enum_in_page("Registers", "LOAS_COUNTER_"), in_header);
}

TEST(abi_document, formats)
{
    auto spikes = enum_in_header("loas_spike_format");
    EXPECT_EQ(spikes.erase("LOAS_SPIKES_COUNT"), 1u);
    EXPECT_EQ(enum_in_page("Tensors", "LOAS_SPIKES_"), spikes);
    auto weights = enum_in_header("loas_weight_format");
    EXPECT_EQ(weights.erase("LOAS_WEIGHTS_COUNT"), 1u);
    EXPECT_EQ(enum_in_page("Tensors", "LOAS_WEIGHTS_"), weights);
}

// Name, offset, bytes.
using field = std::tuple<std::string, unsigned long, unsigned long>;

// Fields of a struct of integers in the order of their declaration; each must lie on its natural alignment, so that
// their sizes alone give the offsets.
std::vector<field> fields_in_header(const std::string& name)
{
    static const named_numbers sizes = {
        {"uint8_t", 1}, {"uint16_t", 2}, {"uint32_t", 4}, {"uint64_t", 8}, {"int32_t", 4}};
    std::vector<field> fields;
    unsigned long offset = 0;
    const auto tokens = tokens_of(between(header(), "struct " + name + " {", "\n};"));
    EXPECT_EQ(tokens.size() % 3, 0u) << "type, name, semicolon";
    for (size_t i = 0; i + 2 < tokens.size(); i += 3) {
        const unsigned long bytes = sizes.at(tokens[i]);
        EXPECT_EQ(offset % bytes, 0u) << tokens[i + 1];
        fields.emplace_back(tokens[i + 1], offset, bytes);
        offset += bytes;
    }
    return fields;
}

std::vector<field> fields_in_page(const std::string& heading)
{
    std::vector<field> fields;
    for (const auto& row : rows_under(heading)) {
        if (row.size() >= 3 && row[0] != "offset") {
            fields.emplace_back(row[2], number(row[0]), number(row[1]));
        }
    }
    return fields;
}

TEST(abi_document, descriptor_and_completion_record)
{
    const auto descriptor = fields_in_page("Descriptor");
    EXPECT_EQ(descriptor, fields_in_header("loas_descriptor"));
    EXPECT_EQ(descriptor.back(), field("output_address", 56, 8));
    const auto record = fields_in_page("Completion record");
    EXPECT_EQ(record, fields_in_header("loas_completion"));
    EXPECT_EQ(record.back(), field("sequence", 28, 4));
}

TEST(abi_document, version)
{
    const std::string version = "Version " + between(header(), "#define LOAS_ABI_MAJOR ", "u") + "." +
                                between(header(), "#define LOAS_ABI_MINOR ", "u") + ".";
    EXPECT_NE(read_text("sw/abi/README.md").find(version), std::string::npos) << version;
}

TEST(software_readme, quotes_the_example_program_as_it_is)
{
    const std::string page = read_text("sw/README.md");
    const std::string path = between(page, "<!-- example: ", " -->");
    const std::string quoted = between(page, "<!-- example: " + path + " -->\n```c\n", "```\n<!-- end of example -->");
    EXPECT_EQ(quoted, read_text(path));
}

} // namespace
