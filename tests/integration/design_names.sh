#!/bin/sh
# A design is named in its model and in its descriptor; everything else asks the list of platform/designs. So no other
# source names a design or its number, and no test compares with a name or lists several: each asks the list too.
# A test may choose a design for a case, scenarios and documents may name what they like.
# usage: design_names.sh LOAS_VP SOURCE_DIR
set -u
vp=$1
root=$2
failures=0

joined() { tr '\n' '|' | sed 's/|$//'; }
every=$("$vp" options --json | sed -n '/"key": "accelerator"/,/\]/p' | sed -n '/"allowed"/,$p' | sed 's/.*\[//' |
    grep -oE '"[a-z-]+"' | tr -d '"')
words=$(printf '%s\n' $every | grep -e - | joined)
# Names of designs alone, as "dense" of dense-snn.
parts=$(printf '%s\n' $every | tr - '\n' | grep -vxE 'snn|ann' | sort -u | joined)
bare=$(printf '%s\n' $every | tr - '\n' | grep -vxE 'snn|ann|loas' | sort -u | joined)
ids=$(grep -oE 'LOAS_ACCELERATOR_[A-Z_]+' "$root/sw/abi/loas_abi.h" | sort -u | joined)
case $words in *"|"*) ;; *) echo "loas-vp options lists no accelerators: '$words'"; exit 1 ;; esac
case $ids in *"|"*) ;; *) echo "no numbers of accelerators in sw/abi/loas_abi.h"; exit 1 ;; esac

# A word as a whole text, or chosen by an override; or a number. In scripts of the page texts have other quotes.
quote="[\"'\`]"
named="$quote(accelerator=)?($words|$parts)$quote|($ids)"
# What such a text may mean beside a design: the default of the option accelerator, a format of weights.
other='std::string accelerator = "loas";|weight_formats\[\] = \{"columns", "rows", "dense"\}|operations\.value\("dense"'
# In tests: compared with, or three in a row.
listed="[!=]= *\"($words)\"|\"($words)\" *[!=]=|\"(loas|$words)\", *\"(loas|$words)\", *\"(loas|$words)\""

# $1 pattern, further arguments: folders or files
find_in()
{
    pattern=$1
    shift
    grep -rnE --include='*.cpp' --include='*.h' --include='*.inc' --include='*.c' --include='*.js' "$pattern" "$@"
}

# What finds nothing proves nothing: each form is found where it stands.
probe=$(mktemp -d) || exit 1
trap 'rm -rf "$probe"' EXIT
found_in_probe()
{
    printf '%s\n' "$2" > "$probe/probe.${3-cpp}"
    find_in "$1" "$probe" > /dev/null || { echo "the search does not find: $2"; failures=$((failures + 1)); }
}
word=${words%%|*}
found_in_probe "$named" "if (s.accelerator == \"$word\")"
found_in_probe "$named" "run({\"accelerator=$word\"});"
found_in_probe "$named" "const machine first = {\"LoAS\", \"${parts%%|*}\"};"
found_in_probe "$named" "if (result.accelerator === '$word')" js
found_in_probe "$named" "const names = ['${parts##*|}'];" js
found_in_probe "$named" "d.id = ${ids%%|*};"
found_in_probe "$listed" "return each == \"$word\";"
found_in_probe "$listed" "testing::Values(\"loas\", \"$word\", \"$word\")"
printf 'constexpr published_design loas_nmtk{\n' | grep -qiE "$bare" ||
    { echo "the search does not find loas_nmtk"; failures=$((failures + 1)); }
for where in models/cost models/designs platform/designs; do
    [ -d "$root/$where" ] || { echo "$where: no such folder"; failures=$((failures + 1)); }
done
find_in "$named" "$root/platform/designs" > /dev/null ||
    { echo "platform/designs names no design"; failures=$((failures + 1)); }

if find_in "$named" "$root/models" "$root/platform" "$root/sw/driver" "$root/sw/runtime" "$root/sw/hal" |
    grep -v "^$root/models/designs/\|^$root/platform/designs/" | grep -vE "^[^:]*\.h:[0-9]+: *///|///<.*\"[a-z]+\"|$other"; then
    echo "a design is named outside models/designs and platform/designs: ask designs::all() or the descriptor"
    failures=$((failures + 1))
fi
# What designs cost they say themselves: models/cost has not even a part of a name in a comment or an identifier. But for
# LoAS, which is the project's, and dense tensors.
if find_in "" "$root/models/cost" | sed "s|^$root/||" | sed 's/dense_bits//g; s/WEIGHTS_DENSE//g' | grep -iE "$bare"; then
    echo "models/cost knows a design: its table, events and accounting belong into its descriptor"
    failures=$((failures + 1))
fi
if find_in "$listed" "$root/tests"; then
    echo "a test compares with a design's name or lists designs: ask designs::all() or the descriptor"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ] && echo "designs are named where they belong"
exit $((failures > 0))
