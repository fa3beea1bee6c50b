#!/bin/bash
# loas-vp report as a user meets it: what it takes, what it refuses, and that a page is there whole or not at all.
# usage: report.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
source_dir=$2
here=$(realpath "$(dirname "$0")")
cd "$work" || exit 1
source "$here/report_inputs.sh" "$vp" "$source_dir"

# Folders and files; one, several, a sweep; the same bytes each time, wherever the results lie.
expect 0 "Written: one.html" "$vp" report digits -o one.html
expect 0 "Written: again.html" "$vp" report digits/results.json --out again.html
cmp one.html again.html || fail "a file and its folder give two pages"
mkdir -p elsewhere && cp -r digits elsewhere
(cd elsewhere && "$vp" report digits -o one.html) > out.txt || fail "another folder"
cmp one.html elsewhere/one.html || fail "the page depends on the place"
expect 0 "Written: deep/er/three.html" "$vp" report digits tiles32 dense -o deep/er/three.html
expect 0 "Written: report.html" "$vp" report sweep
expect 0 "Written: sweep.html" "$vp" report sweep/points.jsonl -o sweep.html
cmp report.html sweep.html || fail "points.jsonl and its folder give two pages"
for page in one.html deep/er/three.html sweep.html; do
    grep -qiE '(src|href) *= *"?(https?:)?//' $page && fail "$page asks for something from elsewhere"
    [ "$(grep -o '</script' $page | wc -l)" -eq 3 ] || fail "a name ends a script in $page"
done
# Folders tell runs of one scenario apart.
cp -r digits twin
expect 0 "Written" "$vp" report digits twin -o twins.html
grep -qF '"label":"twin"' twins.html || fail "two runs of one scenario have one name"
# A sweep under way: its last line may be half.
mkdir -p running && head -c 2500 sweep/points.jsonl > running/points.jsonl
expect 0 "Written" "$vp" report running -o running.html
grep -qF '"points":null' running.html || fail "points.jsonl alone does not say how many points there will be"

# Mistakes: exit code 2, what and where, nothing written.
rm -f report.html
expect 2 "of which results?" "$vp" report
expect 2 "unknown option --oot" "$vp" report digits --oot=x
expect 2 "missing: cannot read it" "$vp" report missing
expect 2 "neither results.json nor points.jsonl" "$vp" report elsewhere
expect 2 "do not go into one page" "$vp" report digits sweep
expect 2 "one sweep at a time" "$vp" report sweep sweep
cp sweep/points.jsonl twin
expect 2 "name the file" "$vp" report twin
expect 2 "not a whole result file" "$vp" report digits/scenario.toml
mkdir -p torn && head -c 3000 digits/results.json > torn/results.json
expect 2 "not a whole result file" "$vp" report torn
sed 's/"layers": \[/"layers": 3, "x": [/' digits/results.json > torn/results.json
expect 2 "damaged" "$vp" report torn
sed 's/"schema": "[^"]*"/"schema": 7/' digits/results.json > torn/results.json
expect 2 "not a result of this loas-vp" "$vp" report torn
{ printf '{"schema": "loas-vp.result/3", "totals": '; head -c 300000 /dev/zero | tr '\0' '['; } > torn/results.json
expect 2 "not a whole result file" "$vp" report torn
sed '3s/"axes"/"axis"/' sweep/points.jsonl > torn/points.jsonl
expect 2 "points.jsonl:3: not the line of a point" "$vp" report torn/points.jsonl
: > torn/points.jsonl
expect 2 "no finished point" "$vp" report torn/points.jsonl
[ ! -e report.html ] || fail "a mistake left a page"
cp digits/results.json before.json
expect 2 "one of the results" "$vp" report digits/results.json -o digits/results.json
expect 2 "one of the results" "$vp" report digits -o digits/results.json
cmp before.json digits/results.json || fail "the result was overwritten"
expect 2 "not a file that could be written" "$vp" report digits -o elsewhere
expect 2 "not a file that could be written" "$vp" report digits -o /dev/null
[ -c /dev/null ] || fail "a device was replaced"
expect 2 "which file?" "$vp" report digits -o ""
expect 2 "is not a folder" "$vp" report digits -o one.html/page.html
mkdir -p small
(trap '' XFSZ; ulimit -f 40; "$vp" report digits -o small/page.html > out.txt 2> err.txt)
[ $? -eq 2 ] || fail "exit code on a full disk"
grep -q "page.html: cannot write" err.txt || fail "no message on a full disk: $(cat err.txt)"
[ -z "$(ls small)" ] || fail "a part of a page is left on a full disk"

[ "$failures" -eq 0 ] && echo "the report behaves"
exit $((failures > 0))
