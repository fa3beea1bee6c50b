#!/usr/bin/python3
"""What changed in the tables of a page of results, figure by figure, as Markdown.

usage: page_changes.py BEFORE AFTER [--percent P] [--reasons FILE]

BEFORE and AFTER are the same page of two versions, RESULTS.md of scenarios/published or README.md of scenarios/what-if.
Prints how many figures are the same, and a table of those that differ by more than P (default 1) in a hundred of their
former value. FILE has a reason a line, `WORD REGEX`: WORD stands beside each figure whose "heading | row | figure"
REGEX is found in, the first one that fits. Exit code 1: a figure has no reason; 2: the pages have not the same tables.
"""
import argparse
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


def reasons(name):
    with open(name, encoding="utf-8") as file:
        return [line.rstrip("\n").split(" ", 1) for line in file if line.strip() and not line.startswith("#")]


def common(before, after):
    """The same tables without rows whose first cell the other version does not have."""
    for (heading, columns, rows), (_, _, new_rows) in zip(before, after):
        first, new_first = ({row[0] for row in each} for each in (rows, new_rows))
        yield ((heading, columns, [row for row in rows if row[0] in new_first]),
               (heading, columns, [row for row in new_rows if row[0] in first]))


def changes(before, after):
    """Figures of tables with the same rows and columns: heading, row, figure, former and new cell, change in percent."""
    for (heading, columns, rows), (_, _, new_rows) in zip(before, after):
        axes = axes_of(columns, rows)
        for row, new_row in zip(rows, new_rows):
            for column, old, new in list(zip(columns, row, new_row))[axes:]:
                was, is_now = number(old), number(new)
                if was is None or is_now is None:
                    continue
                percent = 100 * (is_now - was) / abs(was) if was else float("inf") if is_now else 0.0
                yield heading, label(columns, row, axes), column, old, new, percent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--percent", type=float, default=1.0)
    parser.add_argument("--reasons")
    given = parser.parse_args()
    before, after = tables(given.before), tables(given.after)
    headings = {table[0] for table in before}
    after = [table for table in after if table[0] in headings]  # further sections were not there to change
    if [table[:2] for table in before] == [table[:2] for table in after]:
        before, after = zip(*common(before, after))
    shape = [[(heading, columns, len(rows)) for heading, columns, rows in page] for page in (before, after)]
    if shape[0] != shape[1]:
        print("the pages have not the same tables", file=sys.stderr)
        return 2
    known = reasons(given.reasons) if given.reasons else []
    all_figures = list(changes(before, after))
    same = sum(entry[3] == entry[4] for entry in all_figures)
    shown = [entry for entry in all_figures if abs(entry[5]) > given.percent]
    print(f"{same} figures are the same, {len(all_figures) - same - len(shown)} differ by at most {given.percent:g} %, "
          f"{len(shown)} by more:\n")
    print("| | row | figure | before | after | change, % | why |\n|---|---|---|---|---|---|---|")
    unknown = 0
    for *words, percent in shown:
        why = next((word for word, pattern in known if re.search(pattern, " | ".join(words[:3]))), "")
        unknown += not why
        print("| " + " | ".join(words) + f" | {percent:+.1f} | {why} |")
    if known and unknown:
        print(f"{unknown} figures without a reason", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
