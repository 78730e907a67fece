"""Commented files of prices and utilities to start from, made from the tables of what there is and the packaged numbers."""

from __future__ import annotations

from radsim.economics.files import COSTS, UTILITIES, PriceSet
from radsim.economics.items import AGE_TERMS, EVENT_STATES, LOSSES, NEAR_DEATH, PAIN_LEVELS, PRICED
from radsim.economics.quantities import STATUSES
from radsim.economics.sets import load_packaged_set

COLUMN = 44

HEAD = """\
# {title}: give every item; one without a price or loss is 0.
#
#   radsim run study.yaml        with `economics: {{{kind}: FILE.yaml}}` in study.yaml
#
# An item is a number, or a mapping with its uncertainty and source, as the first one shows. Families of uncertainty:
#   gamma: {{shape}}  lognormal: {{sigma}}  normal: {{sd}}  beta: {{n}}  uniform: {{low, high}}  fixed: {{}}
# gamma, normal and beta have the value as their mean, lognormal as its median. status: {statuses}.
# The numbers are those of the packaged set {name}; replace them by yours.

"""


def template(kind: str) -> str:
    """A commented file of prices (`COSTS`) or utilities (`UTILITIES`), valid as it stands."""
    return (
        _costs(load_packaged_set(COSTS, "uk"))
        if kind == COSTS
        else _utilities(load_packaged_set(UTILITIES, "dutch_patients"))
    )


def _head(kind, name, title):
    return HEAD.format(kind=kind, name=name, title=title, statuses=", ".join(STATUSES))


def _costs(prices: PriceSet) -> str:
    discount, thresholds = prices.discount, ", ".join(f"{value:g}" for value in prices.thresholds.values)
    lines = [
        _head(COSTS, prices.name, "Prices"),
        "radsim_costs: 1                 # version of this format\n",
        "name: my prices\n",
        f"currency: {prices.currency}                   # ISO 4217\n",
        f"price_year: {prices.price_year}                # an item of another year says so with price_year of its own\n",
        f"perspectives: [{', '.join(prices.perspectives)}]   # which the prices serve; the first is the default\n",
        f"utilities: {prices.utilities}       # what goes with them unless a study names another\n",
        f"discount: {{costs: {discount.costs:g}, effects: {discount.effects:g}, convention: {discount.convention}}}   # or annual\n",
        f"thresholds: {{values: [{thresholds}]}}   # willingness to pay for a quality-adjusted life year\n",
        "\nitems:\n",
    ]
    for name, priced in PRICED.items():
        item, comment = getattr(prices.items, name), f"{prices.currency} per {priced.per}: {priced.meaning}"
        if item is None:
            lines.append("  # " + _line(name, 0.0, comment).lstrip())  # given, it would look like a price of nothing
        else:
            lines.append(_item(name, item, comment, long=name == "course"))
    return "".join(lines)


def _utilities(utilities) -> str:
    anchor = utilities.anchor
    at = ", ".join(f"{level}: {share:g}" for level, share in anchor.at.items())
    lines = [
        _head(UTILITIES, utilities.name, "Utilities"),
        "radsim_utilities: 1             # version of this format\n",
        "name: my utilities\n",
        f"combination: {utilities.combination}           # or multiplicative: how `event` and `death` act\n",
        f"decrement_base: {utilities.decrement_base:g}            # utility that they were measured against, for multiplicative\n",
        "\n# Without `anchor`, `pain` holds utilities; with it, decrements against no pain, of which the shape is used.\n",
        f"anchor:\n  at: {{{at}}}   # pain it was measured in: a level, or shares of time\n",
        _item("anchor", anchor, "utility there", long=True, within="anchor"),
        _line("lowest", utilities.lowest.value, "no state is worse", indent=""),
    ]
    tables = {
        "pain": {"none": "what the others are measured against"}
        | {level: f"lost in {level} pain" for level in PAIN_LEVELS[1:]},
        "event": EVENT_STATES,
        "death": NEAR_DEATH,
        "loss": {name: meaning for name, (_, meaning) in LOSSES.items()},
        "age": {name: f"[{unit}] population norm: {meaning}" for name, (unit, meaning) in AGE_TERMS.items()},
    }
    for table, names in tables.items():
        lines.append(f"\n{table}:\n")
        known = {name: getattr(getattr(utilities, table), name) for name in names}
        lines += [_line(name, item.value, names[name]) for name, item in known.items() if item is not None]
    return "".join(lines)


def _item(name, item, comment, *, long, within=None):
    """One item: a number with a comment, or everything that can be said of it."""
    if not long:
        return _line(name, item.value, comment)
    family, numbers = item.uncertainty.family
    inside = ", ".join(f"{key}: {value:g}" for key, value in numbers.items())
    head = f"  {name}:   # {comment}\n    value: {item.value:g}\n" if within is None else f"  value: {item.value:g}\n"
    indent = "    " if within is None else "  "
    rest = (
        f"uncertainty: {{{family}: {{{inside}}}}}",
        f"source: {_quoted(item.source)}",
        f"population: {_quoted(item.population)}",
        f"status: {item.status}",
    )
    return head + "".join(f"{indent}{line}\n" for line in rest)


def _line(name, value, comment, *, indent="  "):
    return f"{f'{indent}{name}: {value:.10g}':<{COLUMN}}# {comment}\n"


def _quoted(text):
    import json

    return json.dumps(text, ensure_ascii=False)
