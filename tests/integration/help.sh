#!/bin/bash
# Help, completion and manual page say the same, whatever commands there are. usage: help.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
source=$2
cd "$work" || exit 1

expect 0 "Usage: loas-vp COMMAND" "$vp" --help
commands=$(sed -n '/^Commands:/,/^  --help/s/^  \([a-z][a-z-]*\) .*/\1/p' out.txt)
[ "$(wc -w <<< "$commands")" -ge 10 ] || fail "only these commands: $commands"
expect 0 "SYNOPSIS" "$vp" man
mv out.txt loas-vp.1
expect 0 "complete -F _loas_vp loas-vp vp" "$vp" completion bash
mv out.txt completion.bash
expect 2 "for which shell?" "$vp" completion fish
expect 2 "which file?" "$vp" run

# complete LINE: what stands at the end of LINE is completed with these; from compopt, what else is asked for.
source completion.bash
compopt() { printf '<%s>\n' "$2"; }
complete_line()
{
    COMP_LINE=$1 COMP_POINT=${#1}
    local asked
    _loas_vp > asked.txt
    asked=$(tr '\n' ' ' < asked.txt)
    echo "$asked${COMPREPLY[*]}"
}
completes()
{
    local got
    got=$(complete_line "$1")
    [ "$got" = "$2" ] || fail "'$1' is completed with '$got' instead of '$2'"
}
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'

completes "loas-vp ru" "run"
completes "loas-vp " "$(echo $commands) --help --version"
completes "./vp sweep --res" "--resume"
completes "loas-vp run a.toml --timing " "at lt"
completes "loas-vp run a.toml --timing=a" "at"
completes "loas-vp run " "<default> "
completes "loas-vp run --out " "<dirnames> "
completes "loas-vp sweep x.toml -j " ""
completes "loas-vp merge one " "<dirnames> "
completes "loas-vp run --set tppe.cou" "<nospace> tppe.count="
completes "loas-vp run --set memory.backend=" "dram fixed ideal"
completes "loas-vp run --set=memory.backend=fi" "fixed"
completes "loas-vp run --set tppe.laggy_ideal=t" "true"
completes "loas-vp run --set layer.weights_file=" "<default> "
completes "loas-vp run --set tppe.count=" ""
completes "loas-vp completion " "bash"
completes "loas-vp nonsense " ""
COMP_WORDBREAKS=' '
completes "loas-vp run --set memory.backend=fi" "memory.backend=fixed"
completes "loas-vp run --set=memory.backend=fi" "--set=memory.backend=fixed"

# Every command has help with an example, and every option stands in help, completion and manual.
for command in $commands; do
    expect 0 "Usage: loas-vp $command" "$vp" $command --help
    sed -n '/^Examples:/,$p' out.txt | grep -q "^  loas-vp " || fail "no example of $command"
    awk 'length > 100 { exit 1 }' out.txt || fail "the help of $command is wider than 100 columns"
    options=$(grep -oE '^  (-. \[ )?--[a-z-]+' out.txt | grep -oE -- '--[a-z-]+')
    [ "$(complete_line "loas-vp $command -" | tr ' ' '\n' | sort)" = "$(sort <<< "$options")" ] ||
        fail "completion and help of $command have not the same options"
    sed -n "/^\.SS ${command/-/\\\\-}\$/,/^Examples:/p" loas-vp.1 > section.txt
    for option in $options; do
        grep -qF -- "${option//-/\\-}\\fR" section.txt || fail "$option of $command is not in the manual"
    done
done
"$vp" options --json | sed -n 's/.*"key": "\(.*\)".*/\1/p' | while read -r key; do
    grep -qF "\\fB$key\\fR" loas-vp.1 || echo "$key"
done > missing.txt
[ -s missing.txt ] && fail "parameters that are not in the manual: $(cat missing.txt)"

# Options that a page speaks of; --mem is sbatch's.
for command in $commands; do
    "$vp" $command --help
done | grep -oE -- '--[a-z-]+' | sort -u > options.txt
for page in README.md platform/sweep/README.md scenarios/README.md; do
    grep -oE -- '--[a-z][a-z-]+' "$source/$page" | sort -u | grep -vxF -f options.txt |
        grep -vxE -- '--(mem|update|help|version)' && fail "options of $page that do not exist"
done

if command -v groff > /dev/null; then
    groff -man -ww -z loas-vp.1 > groff.txt 2>&1
    [ -s groff.txt ] && fail "groff complains: $(head -n 3 groff.txt)"
else
    echo "no groff here: the manual page is not checked for warnings"
fi
if command -v man > /dev/null; then
    LC_ALL=C.UTF-8 man --warnings -l -Tutf8 -Z loas-vp.1 > /dev/null 2> man.txt
    [ -s man.txt ] && fail "man complains: $(head -n 3 man.txt)"
fi

[ "$failures" -eq 0 ] && echo "help, completion and manual agree"
exit $((failures > 0))
