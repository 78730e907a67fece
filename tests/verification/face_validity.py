"""Published figures, most of which nobody fitted, beside the model of this checkout.

``python tests/verification/face_validity.py`` simulates every row and prints the table; ``--write`` also puts the figures into the column
`second_edition` of ``docs/data/face_validity.csv`` and the table into ``docs/face-validity.md``. Nothing here is a test: the figures come from
cohorts that differ from each other and from the default population, and the distances are for reading.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

ROOT = Path(__file__).parents[2]
CSV, PAGE = ROOT / "docs" / "data" / "face_validity.csv", ROOT / "docs" / "face-validity.md"
COLUMNS = ("id", "figure", "unit", "published", "source", "first_edition", "second_edition", "bears_on", "note")
SHOWN = {
    "id": "", "figure": "figure", "unit": "unit", "published": "published", "first_edition": "first edition", "second_edition": "second edition",
    "source": "source", "note": "note",
}  # fmt: skip
"""Columns of the page, with their headings."""
BEGIN, END = "<!-- begin: python tests/verification/face_validity.py --write -->", "<!-- end -->"


def read_table(path=CSV):
    """Rows of the table, a dict each."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_table(rows, path=CSV):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def simulated(rows):
    """The same rows with what this checkout gives; a row that nothing simulates keeps its text, and its note says why."""
    from face_validity_rows import ROWS

    return [
        {**row, "second_edition": ROWS[row["id"]]() if row["id"] in ROWS else row["second_edition"]} for row in rows
    ]


def as_markdown(rows):
    """The table of the page."""
    lines = [list(SHOWN.values()), ["---"] * len(SHOWN)]
    lines += [[row[name].replace("|", "\\|") for name in SHOWN] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def put_into(page, table):
    """A page with the table between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the figures into docs/data/face_validity.csv and docs/face-validity.md",
    )
    arguments = parser.parse_args()
    rows = simulated(read_table())
    table = as_markdown(rows)
    print(table)
    if arguments.write:
        write_table(rows)
        PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
