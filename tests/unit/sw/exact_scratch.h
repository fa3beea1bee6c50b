#pragma once

#include <cstdint>
#include <vector>

#include "runtime/loas_runtime.h"

namespace loas_test
{

// Scratch of an exact size on the heap, at an odd address: overruns are seen by the sanitizer.
struct scratch_memory {
    std::vector<uint8_t> bytes;
    explicit scratch_memory(uint64_t size) : bytes(size + 1) {}
    loas_scratch get() { return {bytes.data() + 1, bytes.size() - 1}; }
};

} // namespace loas_test
