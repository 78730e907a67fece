"""Price and utility sets: those that come with radsim, and files of the same form."""

from __future__ import annotations

import difflib
import functools
import os
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from pydantic import ValidationError

from radsim.config.content import content_faults, fault_at, unrelated
from radsim.config.economic_files import COMBINATIONS, COSTS, UTILITIES, PriceSet, UtilitySet
from radsim.config.economic_items import AGE_TERMS, EVENT_STATES, LOSSES, NEAR_DEATH, PAIN_LEVELS, PRICED
from radsim.config.economic_quantities import HIGHEST_PRICE
from radsim.config.faults import ConfigError, Expected, describe
from radsim.config.packaged import read_packaged
from radsim.config.yaml_nodes import FAULTY, Document, read_source

MODELS = {COSTS: PriceSet, UTILITIES: UtilitySet}
UNREADABLE = "a readable file"  # what `read_source` expected of a file that it cannot read


@functools.cache
def set_names(kind: str) -> tuple[str, ...]:
    """Names of the packaged sets of a kind, `COSTS` or `UTILITIES`."""
    entries = (files("radsim") / "data" / kind).iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


@functools.cache
def load_packaged_set(kind: str, name: str):
    """A packaged `PriceSet` or `UtilitySet`."""
    return MODELS[kind].model_validate(_tuples(_packaged(kind, name)))


def _packaged(kind, name):
    """A packaged set as plain data: what it leaves out comes from the set it is `based_on`."""
    data = read_packaged(kind, f"{name}.yaml")
    if "based_on" not in data:
        return data
    base = _packaged(kind, data.pop("based_on"))
    whole = {key for key, value in data.items() if not isinstance(value, dict) or "value" in value}
    return base | {key: value if key in whole else base[key] | value for key, value in data.items()}


def load_set_file(kind: str, source):
    """A price or utility set from a file or mapping.

    Parameters
    ----------
    kind : {'costs', 'utilities'}
    source : str, os.PathLike, file object or Mapping
        As for `radsim.config.load_config`.

    Returns
    -------
    PriceSet or UtilitySet

    Raises
    ------
    ConfigError
        With every fault of the source, each with file and line.
    """
    document = read_source(source)
    found, faults = (None, document.faults) if document.data is FAULTY else validate_set(kind, document)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return found


def validate_set(kind, document: Document):
    """Check plain data against the format of a set; faults of form are passed on and not reported twice."""
    try:
        found = MODELS[kind].model_validate(document.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        fresh = [fault for each in errors for fault in content_faults(document, each, model=MODELS[kind])]
        return None, document.faults + unrelated(fresh, document.faults)
    return (None if document.faults else found), document.faults


def pin_sets(document: Document) -> Document:
    """Put the content of the files that `economics` names in the place of their names, and report their faults."""
    data = document.data.get("economics") if isinstance(document.data, dict) else None
    for kind in (COSTS, UTILITIES) if isinstance(data, dict) else ():
        name = data.get(kind)
        if isinstance(name, str) and name not in set_names(kind) and _may_be_file(name, document.folder):
            document = _with_file(document, kind, name)
    return document


def _may_be_file(name, folder):
    return name.strip() and (os.sep in name or "." in name or os.path.exists(os.path.join(folder, name)))


def _with_file(document, kind, name):
    """The document with one file read; with its faults, and a packaged set in its place, if it has any."""
    path = ("economics", kind)
    overridden = path in document.lines and document.lines[path] is None
    try:
        content, faults = load_set_file(kind, name if overridden else os.path.join(document.folder, name)), []
    except ConfigError as error:
        content, faults = set_names(kind)[0], error.faults
        if len(faults) == 1 and faults[0].expected == UNREADABLE:
            faults = [fault_at(document, path, UNREADABLE, f"{describe(os.path.basename(name))}: {faults[0].found}")]
    economics = {**document.data["economics"], kind: content}
    return document._replace(data={**document.data, "economics": economics}, faults=[*document.faults, *faults])


def price_set(economics) -> PriceSet:
    """The prices of a section `economics`."""
    given = economics.costs
    return load_packaged_set(COSTS, given) if isinstance(given, str) else given


def utility_set(economics) -> UtilitySet:
    """The utilities of a section `economics`."""
    given = economics.utilities
    return load_packaged_set(UTILITIES, given) if isinstance(given, str) else given


def defaults(data: dict) -> dict:
    """What the sets that data name propose for the other keys; for faulty prices, what any proposes."""
    prices = _loaded(COSTS, data.get("costs")) or load_packaged_set(COSTS, set_names(COSTS)[0])
    discount = prices.discount.model_dump(include={"costs", "effects", "convention"})
    proposed = {"perspective": prices.perspectives[0], "discount": discount, "thresholds": prices.thresholds.values}
    utilities = _loaded(UTILITIES, data.get("utilities", prices.utilities))
    combination = COMBINATIONS[0] if utilities is None else utilities.combination
    return proposed | {"combination": combination, "utilities": prices.utilities}


def _loaded(kind, given):
    """A set from its name, mapping or model; None if it is faulty."""
    if isinstance(given, MODELS[kind]):
        return given
    if isinstance(given, str):
        return load_packaged_set(kind, given) if given in set_names(kind) else None
    try:
        return MODELS[kind].model_validate(given)
    except ValidationError:
        return None


# --- all numbers of a section -------------------------------------------------------------------------------


class EconomicParameter(NamedTuple):
    """A price or utility with its dotted name.

    Attributes
    ----------
    name : str
        Such as ``cost.fraction`` or ``utility.pain.severe``.
    item : object
        Value, uncertainty, source, status.
    unit, meaning : str
    """

    name: str
    item: object
    unit: str
    meaning: str


def parameters(economics) -> tuple[EconomicParameter, ...]:
    """Every price and utility that a section uses, by its perspective; prices first."""
    prices, utilities = price_set(economics), utility_set(economics)
    used = [
        name
        for name, priced in PRICED.items()
        if economics.perspective == "societal" or priced.perspective == "healthcare"
    ]
    found = [*_price_parameters(prices, used), *_utility_parameters(utilities, age_norm=economics.age_norm)]
    return tuple(found)


def set_parameters(kind, content) -> tuple[EconomicParameter, ...]:
    """Every number of one set."""
    if kind == COSTS:
        return tuple(_price_parameters(content, PRICED))
    return tuple(_utility_parameters(content, age_norm=True))


def _price_parameters(prices, names) -> Iterator[EconomicParameter]:
    for name in names:
        item, priced = getattr(prices.items, name), PRICED[name]
        yield EconomicParameter(
            f"cost.{name}", item, item.unit or f"{prices.currency} per {priced.per}", priced.meaning
        )


def _utility_parameters(utilities, *, age_norm) -> Iterator[EconomicParameter]:
    anchored = utilities.anchor is not None
    if anchored:
        where = ", ".join(f"{level} {share:g}" for level, share in utilities.anchor.at.items())
        meaning = f"utility over time spent in pain levels ({where}), which sets the level of all"
        yield EconomicParameter("utility.anchor", utilities.anchor, "1", meaning)
    yield EconomicParameter("utility.lowest", utilities.lowest, "1", "utility that no state falls below")
    pain = (
        "utility lost in pain level {}, against none, before it is fitted to the anchor"
        if anchored
        else "utility in pain level {}"
    )
    tables = [
        ("pain", {level: ("1", pain.format(level)) for level in PAIN_LEVELS}),
        ("event", {name: ("1", meaning) for name, meaning in EVENT_STATES.items()}),
        ("death", {name: ("1", meaning) for name, meaning in NEAR_DEATH.items()}),
        ("loss", {name: ("d", meaning) for name, (_, meaning) in LOSSES.items()}),
    ]
    if utilities.age is not None and age_norm:
        tables.append(
            (
                "age",
                {name: (unit, f"population norm of utility: {meaning}") for name, (unit, meaning) in AGE_TERMS.items()},
            )
        )
    for table, names in tables:
        for name, (unit, meaning) in names.items():
            yield EconomicParameter(f"utility.{table}.{name}", getattr(getattr(utilities, table), name), unit, meaning)


def proposals_in_use(economics) -> dict[str, object]:
    """Discounting and thresholds of the price set, where the section has not replaced them: name to what says their source."""
    prices = price_set(economics)
    rates = prices.discount.model_dump(include={"costs", "effects", "convention"})
    found = {}
    if economics.discount.model_dump() == rates:
        found["economics.discount"] = prices.discount
    if economics.thresholds == prices.thresholds.values:
        found["economics.thresholds"] = prices.thresholds
    return found


def value_faults(economics) -> list[Expected]:
    """What is wrong with `values`: unknown names, and numbers that the quantity cannot be."""
    known = {parameter.name: parameter.item for parameter in parameters(economics)}
    faults = []
    for name, value in economics.values.items():
        path = ("values", name)
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            faults.append(Expected(f"the name of a price or utility in use{hint}", found="an unknown one", path=path))
            continue
        low, high = known[name].limits
        high = min(high, HIGHEST_PRICE)
        if not low <= value <= high:
            faults.append(Expected(f"a number from {low:.10g} to {high:.10g}", found=f"{value:g}", path=path))
    return faults


def _tuples(value):
    """Plain data with tuples for lists, as strict models want them."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
