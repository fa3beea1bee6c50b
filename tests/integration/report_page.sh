#!/bin/bash
# The pages of loas-vp report and loas-vp dataflow in a browser without a screen, at desk and phone width, in both themes: report_check.js
# looks at every chart, choice and table. Needs chromium; skipped (exit code 77) where there is none.
# usage: report_page.sh LOAS_VP SOURCE_DIR
set -u
source "$(dirname "$0")/checks.sh"
vp=$1
source_dir=$2
here=$(realpath "$(dirname "$0")")
browser=$(command -v chromium) || { echo "SKIPPED: no chromium here (Debian: apt-get install chromium)"; exit 77; }
cd "$work" || exit 1
source "$here/report_inputs.sh" "$vp" "$source_dir"

# One with a timeline within a layer, whatever the run recorded.
mkdir timed
python3 - digits/results.json timed/results.json << 'END' || fail "a timeline"
import json, sys
with open(sys.argv[1]) as file:
    result = json.load(file)
for layer in result["layers"]:
    if layer["name"] == "conv2":
        layer["utilisation"] = {"cycles": 10, "slice_cycles": 4, "busy_tile_cycles": [64, 32, 8]}
with open(sys.argv[2], "w") as file:
    json.dump(result, file)
END
"$vp" report digits -o run.html > /dev/null || fail "run.html"
"$vp" report digits tiles32 dense -o comparison.html > /dev/null || fail "comparison.html"
"$vp" report sweep -o sweep.html > /dev/null || fail "sweep.html"
"$vp" report timed -o timed.html > /dev/null || fail "timed.html"
"$vp" dataflow "$source_dir/scenarios/quickstart/digits.toml" --set workload.max_images=1 --orders mnkt,nmtk,mktn,kntm,nkmt \
    --capacity 4,64 --page dataflow.html > /dev/null || fail "dataflow.html"

# All pages in frames of one page, which writes down what each of them says of itself.
pages=0
{
    echo '<!DOCTYPE html><title>all</title><pre id="said"></pre><script>'
    echo 'addEventListener("message", event => document.getElementById("said").append(event.data));</script>'
    for page in run comparison sweep timed dataflow; do
        for width in 1200 390; do
            name=${page}_$width
            { cat $page.html; echo "<script>const page = '$name';"; cat "$here/report_check.js"; echo '</script>'; } > $name.html
            echo "<iframe src='$name.html' style='width:${width}px;height:900px'></iframe>"
            pages=$((pages + 1))
        done
    done
} > all.html
HOME=$work timeout 120 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
    --window-size=1300,1000 --enable-logging=stderr --virtual-time-budget=20000 --dump-dom "file://$work/all.html" \
    > dom.html 2> browser.txt || fail "the browser: $(tail -n 3 browser.txt)"
grep CONSOLE browser.txt && fail "the browser's console has errors"
sed -n '/<pre id="said">/,/<\/pre>/p' dom.html | sed 's/<[^>]*>//g' | sort > said.txt
cat said.txt
grep -q FAILED said.txt && fail "a page is wrong"
[ "$(grep -c ': good, ' said.txt)" -eq $pages ] || fail "not all of $pages pages came to an end"

[ "$failures" -eq 0 ] && echo "the pages are right"
exit $((failures > 0))
