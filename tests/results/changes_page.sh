#!/bin/bash
# Writes the tables of scenarios/published/CHANGES.md: what differs between the pages of a former version and this tree's.
# usage: changes_page.sh COMMIT, the former version
set -eu
here=$(realpath "$(dirname "$0")")
source=$(realpath "$here/../..")
page=$source/scenarios/published/CHANGES.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for each in published/RESULTS.md what-if/README.md; do
    git -C "$source" show "$1:scenarios/$each" > "$work/before.md"
    printf '\n## %s\n\n' "${each%%/*}" >> "$work/tables.md"
    "$here/page_changes.py" "$work/before.md" "$source/scenarios/$each" --reasons "$here/reasons.txt" >> "$work/tables.md"
done
sed -i "/^<!-- tables -->/q" "$page"
cat "$work/tables.md" >> "$page"
