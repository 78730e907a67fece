"""What counts as nothing in the prices of England, and what needs no price, as the page about costs has it.

python tests/verification/unpriced.py [--write]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from radsim.economics.files import COSTS
from radsim.economics.items import PRICED
from radsim.economics.sets import load_packaged_set
from radsim.economics.unpriced import without_figure, without_need

PAGE = Path(__file__).parents[2] / "docs" / "economics.md"
BEGIN, END = "<!-- begin: python tests/verification/unpriced.py --write -->", "<!-- end -->"


def as_markdown(prices):
    """Two tables: what should have a price and has none, and what rightly has none."""
    tables = {
        f"Without a figure in `{prices.name}`, so it counts as nothing": without_figure(prices),
        f"Counted, and without need of a price in `{prices.name}`": without_need(prices),
    }
    parts = [
        "\n".join([f"| {head} | which is | why |", "|---|---|---|", *_rows(found)]) for head, found in tables.items()
    ]
    return "\n\n".join(parts)


def _rows(found):
    return [f"| `{name}` | {PRICED[name].meaning} | {why} |" for name, why in found.items()]


def put_into(page, tables):
    """A page with the tables between its marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/economics.md")
    arguments = parser.parse_args()
    tables = as_markdown(load_packaged_set(COSTS, "uk"))
    print(tables)
    if arguments.write:
        PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
