#!/usr/bin/python3
"""What changed in the tables of a page of results, figure by figure, as Markdown.

usage: page_changes.py BEFORE AFTER [PERCENT]

BEFORE and AFTER are the same page of two versions, RESULTS.md of scenarios/published or README.md of scenarios/what-if.
Prints how many figures are the same, and a table of those that differ by more than PERCENT (default 1) of their former
value. Exit code 2: the pages have not the same tables.
"""
import re
import sys

NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?")


def tables(name):
    """Each table with the heading above it: heading, columns, rows."""
    heading, found = "", []
    inside = False
    with open(name, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                heading = line.strip("# \n")
            if not line.startswith("|"):
                inside = False
                continue
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not inside:
                found.append((heading, cells, []))
                inside = True
            elif not re.fullmatch(r"[|:\s-]+", line):
                found[-1][2].append(cells)
    return found


def number(cell):
    """The first number of a cell that begins with one; None: it is a word."""
    match = NUMBER.match(cell)
    return float(match.group().replace(",", "")) if match else None


def label(columns, row, axes):
    return ", ".join(cell if not column or i == 0 and number(cell) is None else f"{column} {cell}"
                     for i, (column, cell) in enumerate(zip(columns[:axes], row)))


def axes_of(columns, rows):
    """The columns at the left that tell the rows apart."""
    for count in range(1, len(columns)):
        if len({tuple(row[:count]) for row in rows}) == len(rows):
            return count
    return 1


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    before, after = tables(sys.argv[1]), tables(sys.argv[2])
    least = float(sys.argv[3]) if len(sys.argv) == 4 else 1.0
    if [(head, columns, len(rows)) for head, columns, rows in before] != [(head, columns, len(rows)) for head, columns, rows in after]:
        print("the pages have not the same tables", file=sys.stderr)
        return 2
    same = little = 0
    changed = []
    for (heading, columns, rows), (_, _, new_rows) in zip(before, after):
        axes = axes_of(columns, rows)
        for row, new_row in zip(rows, new_rows):
            for column, old, new in list(zip(columns, row, new_row))[axes:]:
                was, is_now = number(old), number(new)
                if was is None:
                    continue
                if old == new:
                    same += 1
                    continue
                percent = 100 * (is_now - was) / abs(was) if was else float("inf") if is_now else 0.0
                if abs(percent) <= least:
                    little += 1
                else:
                    changed.append((heading, label(columns, row, axes), column, old, new, f"{percent:+.1f}"))
    print(f"{same} figures are the same, {little} differ by at most {least:g} %, {len(changed)} by more:\n")
    print("| | row | figure | before | after | change, % |\n|---|---|---|---|---|---|")
    for entry in changed:
        print("| " + " | ".join(entry) + " |")
    return 0


sys.exit(main())
