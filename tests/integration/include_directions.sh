#!/bin/sh
# Tries includes that the directions of the house forbid; each must fail to compile, and one that is allowed must not.
# usage: include_directions.sh BUILD_DIR COMPILER
set -u
build=$1
compiler=$2
commands=$build/compile_commands.json
[ -f "$commands" ] || { echo "no $commands"; exit 1; }
failures=0

# The include options of a room's own sources, as the build has them.
options_of()
{
    grep "\"command\":.*$1" "$commands" | head -n 1 | tr " " "\n" | grep "^-I" | tr "\n" " "
}

try()
{
    # $1 a source of the room, $2 header, $3 ok or forbidden
    options=$(options_of "$1")
    [ -n "$options" ] || { echo "no compile command for $1"; failures=$((failures + 1)); return; }
    # shellcheck disable=SC2086
    if echo "#include \"$2\"" | "$compiler" -std=c++17 $options -x c++ -fsyntax-only - 2>/dev/null; then
        found=ok
    else
        found=forbidden
    fi
    if [ "$found" != "$3" ]; then
        echo "$1 includes $2: $found, but it should be $3"
        failures=$((failures + 1))
    fi
}

try models/functional/neuron.cpp functional/bits.h ok
try models/functional/neuron.cpp compute/packets.h forbidden
try models/functional/neuron.cpp tlm/clock.h forbidden
try models/observe/counters.cpp functional/bits.h forbidden
try models/cost/published_rule.cpp tlm/clock.h forbidden
try models/cost/published_rule.cpp functional/bits.h ok
try models/compute/tppe_array.cpp tlm/clock.h ok
try models/compute/tppe_array.cpp control/command_queue.h forbidden
try models/compute/tppe_array.cpp memory/fixed_memory.h forbidden
try models/control/command_queue.cpp compute/tppe.h forbidden
try models/control/command_queue.cpp loas_accelerator/loas_accelerator.h forbidden
try models/control/command_queue.cpp soc/machine.h forbidden
try models/accelerators/loas/loas_accelerator.cpp config/scenario.h forbidden
try models/accelerators/loas/loas_accelerator.cpp control/command_queue.h forbidden
try models/memory/fixed_memory.cpp compute/tppe.h forbidden
try models/memory/fixed_memory.cpp tlm/memory_port.h ok
try models/memory/dram/channel.cpp observe/memory_statistics.h ok
try models/memory/dram/channel.cpp tlm/clock.h forbidden
try models/memory/dram/channel.cpp memory/dram_controller.h forbidden
try models/memory/cache/cache_array.cpp tlm/clock.h forbidden
try models/memory/cache/cache_array.cpp dram/channel.h forbidden
try models/memory/global_cache.cpp loas_accelerator/fiber_fetch.h forbidden
try models/accelerators/loas/loas_accelerator.cpp memory/global_cache.h forbidden
try models/compute/output_compressor.cpp dram/channel.h forbidden
try tests/golden/cache_model.cpp cache/cache_array.h forbidden
try models/devices/ram.cpp memory/fixed_memory.h forbidden
try platform/config/scenario.cpp soc/machine.h forbidden
try platform/load/mapper.cpp runtime/loas_runtime.h forbidden
try platform/report/result.cpp soc/machine.h forbidden
try platform/sweep/points.cpp config/scenario.h ok
try platform/sweep/points.cpp app/simulate.h forbidden
try platform/sweep/points.cpp soc/machine.h forbidden
try platform/app/simulate.cpp golden/join_machine.h forbidden
try platform/app/simulate.cpp soc/machine.h ok
try sw/driver/driver.c functional/bits.h forbidden
try sw/driver/driver.c runtime/loas_runtime.h forbidden
try tests/golden/reference.cpp functional/bits.h forbidden
try tests/golden/reference.cpp abi/loas_abi.h forbidden

# A path with .. would go around the views.
if grep -rnE '#include "\.\./' --include='*.h' --include='*.cpp' --include='*.c' "$(dirname "$0")/../../models" \
    "$(dirname "$0")/../../platform" "$(dirname "$0")/../../sw"; then
    echo "an include goes around the rooms"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ] && echo "include directions hold"
exit $((failures > 0))
