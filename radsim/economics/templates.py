"""Files of prices and utilities to start from: the packaged set, whole, with what each item is."""

from __future__ import annotations

import re
from importlib.resources import files

from radsim.economics.files import COSTS
from radsim.economics.items import AGE_TERMS, EVENT_STATES, LOSSES, NEAR_DEATH, PAIN_LEVELS, PRICED
from radsim.economics.quantities import STATUSES
from radsim.economics.sets import load_packaged_set

STARTS_FROM = {"costs": "uk", "utilities": "dutch_patients"}
"""Kind of set to the packaged set that its template is."""

NAMES = {"costs": "my prices", "utilities": "my utilities"}

HEAD = """\
# {title}: the packaged set {name}, whole; as it stands it gives the same results. Replace what is yours.
#
#   radsim run study.yaml        with `economics: {{{kind}: FILE.yaml}}` in study.yaml
#
# An item is a number, or a mapping with its uncertainty and source, as those below. Families of uncertainty:
#   gamma: {{shape}}  lognormal: {{sigma}}  normal: {{sd}}  beta: {{n}}  uniform: {{low, high}}  fixed: {{}}
# gamma, normal and beta have the value as their mean, lognormal as its median. status: {statuses}.
# An item of another year than the set says so with `price_year`{of_prices}. What the packaged set says of itself:
#
"""

TABLES = {
    "items": {name: f"per {priced.per}: {priced.meaning}" for name, priced in PRICED.items()},
    "pain": {level: f"in {level} pain" for level in PAIN_LEVELS},
    "event": EVENT_STATES,
    "death": NEAR_DEATH,
    "loss": {name: meaning for name, (_, meaning) in LOSSES.items()},
    "age": {name: f"population norm: {meaning}" for name, (_, meaning) in AGE_TERMS.items()},
}
"""Table of a file to what each of its items is."""


def template(kind: str) -> str:
    """A commented file of prices (`COSTS`) or utilities (`UTILITIES`), valid as it stands: the packaged set, complete."""
    name = STARTS_FROM[kind]
    text = (files("radsim") / "data" / kind / f"{name}.yaml").read_text(encoding="utf-8")
    text = text.replace(f"\nname: {name}\n", f"\nname: {NAMES[kind]}\n", 1)
    title = "Prices" if kind == COSTS else "Utilities"
    of_prices = ", a list price before a confidential discount with `before_discount: true`" if kind == COSTS else ""
    head = HEAD.format(kind=kind, name=name, title=title, statuses=", ".join(STATUSES), of_prices=of_prices)
    return head + _explained(text) + _left_out(kind, load_packaged_set(kind, name))


def _explained(text):
    """The text with what each item is, in a line above it."""
    lines, table = [], {}
    for line in text.splitlines():
        if match := re.match(r"(\w+):", line):
            table = TABLES.get(match[1], {})
        elif (match := re.match(r"  (\w+):", line)) and match[1] in table:
            lines.append(f"  # {table[match[1]]}")
        lines.append(line)
    return "\n".join(lines) + "\n"


def _left_out(kind, content):
    """Items of care that the set has no figure for, as comments: given, they would look like a price or a loss of nothing."""
    table, of = ("items", content.items) if kind == COSTS else ("loss", content.loss)
    missing = [f"#   {name}: {TABLES[table][name]}\n" for name in TABLES[table] if getattr(of, name) is None]
    return f"\n# Not in this set, and nothing by that; they would stand under `{table}`:\n" + "".join(missing)
