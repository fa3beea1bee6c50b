#!/bin/sh
# Tries includes that the directions of the house forbid; each must fail to compile, and one that is allowed must not.
# usage: include_directions.sh BUILD_DIR COMPILER
set -u
build=$1
compiler=$2
build=$(cd "$build" && pwd)
commands=$build/compile_commands.json
[ -f "$commands" ] || { echo "no $commands"; exit 1; }
root=$(cd "$(dirname "$0")/../.." && pwd)
failures=0
cd / || exit 1 # a quoted include also looks into the working directory

# The include options of a room's own sources, as the build has them; it may compile some sources of a room together.
options_of()
{
    grep -E "\"command\":.*($1|loas_$(basename "$(dirname "$1")")\.dir/Unity/)" "$commands" | head -n 1 | tr " " "\n" | grep "^-I" | tr "\n" " "
}

try()
{
    # $1 a source of the room, $2 header, $3 ok or forbidden
    options=$(options_of "$1")
    # A header that is not there does not compile either: it must exist before its include can be called forbidden.
    [ -f "$root/$2" ] || [ -f "$root/sw/$2" ] || { echo "$2: no such header"; failures=$((failures + 1)); return; }
    [ -n "$options" ] || { echo "no compile command for $1"; failures=$((failures + 1)); return; }
    # shellcheck disable=SC2086
    if said=$(echo "#include \"$2\"" | LC_ALL=C "$compiler" -std=c++17 $options -x c++ -fsyntax-only - 2>&1); then
        found=ok
    else # forbidden is what the compiler does not find, and no other failure
        case $said in *"$2: No such file or directory"*) found=forbidden ;; *) found="does not compile: $said" ;; esac
    fi
    if [ "$found" != "$3" ]; then
        echo "$1 includes $2: $found, but it should be $3"
        failures=$((failures + 1))
    fi
}

try models/functional/neuron.cpp models/functional/bits.h ok
try models/functional/neuron.cpp models/compute/fiber.h forbidden
try models/functional/neuron.cpp models/kernel/clock.h forbidden
try models/observe/counters.cpp models/functional/bits.h forbidden
try models/cost/published_rule.cpp models/kernel/clock.h forbidden
try models/cost/published_rule.cpp models/functional/bits.h ok
try models/compute/tppe_array.cpp models/kernel/clock.h ok
try models/compute/tppe_array.cpp models/control/dispatcher.h forbidden
try models/compute/tppe_array.cpp models/memory/fixed_memory.h forbidden
try models/compute/output_compressor.cpp models/memory/dram/channel.h forbidden
try models/control/dispatcher.cpp models/compute/tppe_array.h forbidden
try models/control/dispatcher.cpp models/designs/loas/loas_accelerator.h forbidden
try models/control/dispatcher.cpp platform/machine/machine.h forbidden
try models/designs/loas/loas_accelerator.cpp platform/config/scenario.h forbidden
try models/designs/loas/loas_accelerator.cpp models/control/dispatcher.h forbidden
try models/designs/loas/loas_accelerator.cpp models/memory/global_cache.h forbidden
try models/designs/loas/loas_accelerator.cpp models/designs/gamma/gamma_accelerator.h forbidden
try models/memory/fixed_memory.cpp models/compute/tppe_array.h forbidden
try models/memory/fixed_memory.cpp models/kernel/memory_port.h ok
try models/memory/global_cache.cpp models/designs/loas/fiber_fetch.h forbidden
try models/memory/dram/channel.cpp models/observe/memory_statistics.h ok
try models/memory/dram/channel.cpp models/kernel/clock.h forbidden
try models/cores/rv64/hart.cpp models/parameter/words.h ok
try models/cores/rv64/hart.cpp models/kernel/clock.h forbidden
try models/cores/rv64/cpu/rv64_cpu.cpp models/kernel/clock.h ok
try models/cores/rv64/cpu/rv64_cpu.cpp models/memory/memory_system.h forbidden
try models/memory/dram/channel.cpp models/memory/dram_controller.h forbidden
try models/memory/cache/cache_array.cpp models/kernel/clock.h forbidden
try models/memory/cache/cache_array.cpp models/memory/dram/channel.h forbidden
try models/devices/ram.cpp models/memory/fixed_memory.h forbidden
try models/cores/native/native_cpu.cpp platform/config/scenario.h forbidden
try platform/text/words.cpp platform/config/scenario.h forbidden
try platform/process/child.cpp platform/run/simulate.h forbidden
try platform/draw/synthetic.cpp platform/run/simulate.h forbidden
try platform/published/scoreboard.cpp platform/study/explain.h forbidden
try platform/slurm/array_job.cpp platform/cli/command.h forbidden
try platform/report/page.cpp platform/cli/command.h forbidden
try platform/report/page.cpp platform/results/result.h ok
try platform/cli/commands.cpp tests/golden/join_machine.h forbidden
try platform/config/scenario.cpp platform/machine/machine.h forbidden
try platform/config/scenario.cpp platform/text/words.h ok
try platform/config/scenario.cpp models/compute/parameters.h ok
try platform/config/scenario.cpp models/compute/join_array.h forbidden
try platform/config/scenario.cpp models/memory/memory_system.h forbidden
try platform/config/scenario.cpp models/memory/dram/channel.h forbidden
try platform/config/scenario.cpp models/cost/energy.h forbidden
try platform/config/scenario.cpp models/designs/base/accelerator.h forbidden
try platform/config/scenario.cpp models/designs/gamma/parameters.h forbidden
try platform/config/scenario.cpp platform/designs/design.h forbidden
try models/memory/dram/channel.cpp models/parameter/words.h ok
try platform/formats/npy.cpp platform/lowering/network.h forbidden
try platform/lowering/mapper.cpp platform/formats/nir.h ok
try platform/lowering/mapper.cpp runtime/loas_runtime.h forbidden
try platform/machine/machine.cpp platform/run/simulate.h forbidden
try platform/results/result.cpp platform/machine/machine.h forbidden
try platform/results/result.cpp platform/run/simulate.h forbidden
try platform/run/simulate.cpp tests/golden/join_machine.h forbidden
try platform/run/simulate.cpp platform/machine/machine.h ok
try platform/run/simulate.cpp platform/study/explain.h forbidden
try platform/sweep/points.cpp platform/config/scenario.h ok
try platform/sweep/points.cpp platform/study/explain.h forbidden
try platform/study/explain.cpp platform/cli/command.h forbidden
try platform/study/explain.cpp platform/published/scoreboard.h forbidden
try sw/driver/driver.c models/functional/bits.h forbidden
try sw/apps/classify.c runtime/loas_runtime.h ok
try sw/apps/classify.c platform/config/scenario.h forbidden
try sw/apps/classify.c models/kernel/clock.h forbidden
try sw/driver/driver.c runtime/loas_runtime.h forbidden
try tests/golden/reference.cpp platform/reference/reference.h ok
try tests/golden/reference.cpp platform/config/scenario.h forbidden
try tests/golden/reference.cpp platform/run/simulate.h forbidden
try tests/golden/reference.cpp platform/results/result.h forbidden
try tests/golden/reference.cpp models/functional/bits.h forbidden
try tests/golden/reference.cpp abi/loas_abi.h forbidden
try tests/golden/cache_model.cpp models/memory/cache/cache_array.h forbidden

# A path with .. would go around the views.
if grep -rnE '#include "\.\./' --include='*.h' --include='*.cpp' --include='*.c' "$root/models" \
    "$root/platform" "$root/sw"; then
    echo "an include goes around the rooms"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ] && echo "include directions hold"
exit $((failures > 0))
