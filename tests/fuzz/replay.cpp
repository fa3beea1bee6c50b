// The fuzz targets without libFuzzer: seeds, and the same mutations of them on every computer.
//
// usage: fuzz_TARGET RUNS [SEED]      so many mutations
//        fuzz_TARGET FILE             one input, as libFuzzer leaves it when it finds something
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

namespace
{

/// A few bytes of other values, copied, inserted or left out; in one of eight cases the end is missing.
std::string mutated(std::string text, std::mt19937& random)
{
    const auto below = [&](std::size_t end) { return std::size_t{random()} % std::max<std::size_t>(end, 1); };
    static constexpr unsigned char special[] = {0, 1, 0x7f, 0x80, 0xff, '(', ',', '-', '9', 'O', '<', '>'};
    for (std::size_t changes = 1 + below(6); changes > 0 && !text.empty(); --changes) {
        const std::size_t at = below(text.size());
        switch (below(5)) {
        case 0:
            text[at] = static_cast<char>(text[at] ^ 1 << below(8));
            break;
        case 1:
            text[at] = static_cast<char>(special[below(sizeof special)]);
            break;
        case 2:
            text.insert(at, text.substr(below(text.size()), below(16)));
            break;
        case 3:
            text.erase(at, 1 + below(8));
            break;
        default:
            text[at] = static_cast<char>(below(256));
        }
    }
    if (below(8) == 0)
        text.resize(below(text.size() + 1));
    return text;
}

void run(const std::string& text)
{
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

} // namespace

int main(int count, char** arguments)
{
    if (count < 2 || count > 3) {
        std::fprintf(stderr, "usage: %s RUNS [SEED] | FILE\n", arguments[0]);
        return 2;
    }
    if (std::ifstream file(arguments[1], std::ios::binary); count == 2 && file) {
        run({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
        return 0;
    }
    const std::vector<std::string> seeds = loas::fuzz::seeds();
    for (const std::string& seed : seeds) {
        loas::fuzz::answers = 0;
        run(seed);
        if (loas::fuzz::answers == 0) {
            std::fprintf(stderr, "a seed of %zu bytes, which is sound, is refused\n", seed.size());
            return 1;
        }
    }
    std::mt19937 random(count > 2 ? static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10)) : 1);
    for (long left = std::strtol(arguments[1], nullptr, 10); left > 0; --left)
        run(mutated(seeds[random() % seeds.size()], random));
}
