#!/bin/bash
# Writes again every page that shows what the program gives, in the order in which they need each other. A test compares
# each of them, so this is for who changed results: read the difference, and give reasons (reasons.txt).
# usage: update_pages.sh BUILD_DIR COMMIT, the version that scenarios/published/CHANGES.md tells this one from
set -eu
source=$(realpath "$(dirname "$0")/../..")
build=$(realpath "$1")
vp=$build/loas-vp
integration=$source/tests/integration

python3 "$integration/rooms.py" "$build/rooms.txt" "$source" --update
"$build/tests/dram_page" "$source" --update
"$vp" published --out "$source/scenarios/published/RESULTS.md" > /dev/null
"$integration/what_if.sh" "$vp" "$source" --update
"$integration/crossovers.py" "$vp" "$source" --update
"$integration/documents.sh" "$vp" "$source" --update
"$source/tests/results/changes_page.sh" "$2"
git -C "$source" diff --stat
