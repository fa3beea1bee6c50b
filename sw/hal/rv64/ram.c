/* Where RAM ends, by the device tree that a machine hands its program: version 17 of the Devicetree Specification. */
#include <stdbool.h>
#include <string.h>

#include "hal/rv64/state.h"

#define MAGIC 0xD00DFEEDu
#define STRUCTURE_AT 2u /* words of the header */
#define NAMES_AT 3u
#define BEGIN_NODE 1u
#define END_NODE 2u
#define PROPERTY 3u
#define NOTHING 4u

/* All numbers are big-endian and aligned to 4. */
static uint32_t word_at(uint64_t address)
{
    return __builtin_bswap32(*(const uint32_t*)(uintptr_t)address);
}

static uint64_t words_of(uint64_t bytes)
{
    return (bytes + 3u) & ~(uint64_t)3u;
}

/* Of the address and the size in 64 bits each that `reg` of a node `memory@...` below the root is made of. */
uint64_t loas_rv64_ram_end(uint64_t tree, uint64_t within)
{
    static const char memory[] = "memory@";
    if (tree == 0 || (tree & 3u) != 0 || word_at(tree) != MAGIC) {
        return 0;
    }
    const uint64_t names = tree + word_at(tree + 4u * NAMES_AT);
    uint64_t at = tree + word_at(tree + 4u * STRUCTURE_AT);
    unsigned depth = 0;
    bool in_memory = false;
    for (;;) {
        const uint32_t token = word_at(at);
        at += 4;
        if (token == BEGIN_NODE) {
            const char* name = (const char*)(uintptr_t)at;
            depth++;
            in_memory = depth == 2 && strncmp(name, memory, sizeof memory - 1) == 0;
            at += words_of(strlen(name) + 1);
        } else if (token == PROPERTY) {
            const uint32_t bytes = word_at(at);
            const char* name = (const char*)(uintptr_t)(names + word_at(at + 4));
            at += 8;
            for (uint64_t each = at; in_memory && strcmp(name, "reg") == 0 && each + 16 <= at + bytes; each += 16) {
                const uint64_t begin = (uint64_t)word_at(each) << 32 | word_at(each + 4);
                const uint64_t size = (uint64_t)word_at(each + 8) << 32 | word_at(each + 12);
                if (within >= begin && within - begin < size) {
                    return begin + size;
                }
            }
            at += words_of(bytes);
        } else if (token == END_NODE) {
            depth--;
            in_memory = false;
        } else if (token != NOTHING) {
            return 0;
        }
    }
}
