"""Price and utility sets: those that come with radsim, files of the same form, and every number that a valuation takes from them."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from importlib.resources import files
from typing import NamedTuple

from pydantic import ValidationError

from radsim.economics.files import COMBINATIONS, COSTS, UTILITIES, PriceSet, UtilitySet, pain_faults
from radsim.economics.items import AGE_TERMS, EVENT_STATES, LOSSES, NEAR_DEATH, PAIN_LEVELS, PRICED
from radsim.economics.quantities import HIGHEST_PRICE
from radsim.printable import did_you_mean
from radsim.yaml.content import content_faults, fault_at, unrelated
from radsim.yaml.faults import ConfigError, Expected, describe
from radsim.yaml.nodes import FAULTY, Document, read_source
from radsim.yaml.packaged import read_packaged

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


def _tuples(value):
    """Plain data with tuples for lists, as strict models want them."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def load_set(kind, given):
    """The set that a name, or the content of a file, stands for."""
    return load_packaged_set(kind, given) if isinstance(given, str) else given


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
    found, faults = (None, document.faults) if document.data is FAULTY else _validated(kind, document)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
    return found


def _validated(kind, document):
    """The set, or None, and the faults of form and content; nothing is reported twice."""
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


def defaults(data: dict) -> dict:
    """What the sets that data name propose for the other keys; for faulty prices, what any proposes."""
    prices = _loaded(COSTS, data.get("costs")) or load_packaged_set(COSTS, set_names(COSTS)[0])
    proposed = {
        "perspective": prices.perspectives[0],
        "discount": prices.discount.rates(),
        "thresholds": prices.thresholds.values,
    }
    utilities = _loaded(UTILITIES, data.get("utilities", prices.utilities))
    combination = COMBINATIONS[0] if utilities is None else utilities.combination
    return proposed | {"combination": combination, "utilities": prices.utilities}


def _loaded(kind, given):
    """A set from its name, mapping or model; None if it is faulty."""
    if isinstance(given, str):
        return load_packaged_set(kind, given) if given in set_names(kind) else None
    try:
        return MODELS[kind].model_validate(given)
    except ValidationError:
        return None


# --- all numbers of a section -------------------------------------------------------------------------------


class EconomicParameter(NamedTuple):
    """A price or utility as it is used.

    Attributes
    ----------
    name : str
        Such as ``cost.fraction`` or ``utility.pain.severe``.
    item : object
        Value, uncertainty, source and status in its set.
    unit, meaning : str
    value : float
        That of the set, or the study's own.
    is_set : bool
        Whether the study set it: it does not vary then.
    """

    name: str
    item: object
    unit: str
    meaning: str
    value: float
    is_set: bool


def parameters(economics) -> tuple[EconomicParameter, ...]:
    """Every price and utility that a section uses, by its perspective; prices first."""
    used = [
        name
        for name, priced in PRICED.items()
        if economics.perspective == "societal" or priced.perspective == "healthcare"
    ]
    found = [
        *_prices(economics.price_set, used),
        *_utilities(economics.utility_set, age_norm=economics.age_norm),
    ]
    return tuple(
        one._replace(value=economics.values[one.name], is_set=True) if one.name in economics.values else one
        for one in found
    )


def set_parameters(kind, content) -> tuple[EconomicParameter, ...]:
    """Every number of one set."""
    return tuple(_prices(content, PRICED) if kind == COSTS else _utilities(content, age_norm=True))


def _prices(prices, names) -> Iterator[EconomicParameter]:
    for name in names:
        item, priced = getattr(prices.items, name), PRICED[name]
        if item is not None:
            unit = item.unit or f"{prices.currency} per {priced.per}"
            yield EconomicParameter(f"cost.{name}", item, unit, priced.meaning, item.value, False)


def _utilities(utilities, *, age_norm) -> Iterator[EconomicParameter]:
    anchor, pain = utilities.anchor, "utility in pain level {}"
    if anchor is not None:
        where = ", ".join(f"{level} {share:g}" for level, share in anchor.at.items())
        meaning = f"utility over time spent in pain levels ({where}), which sets the level of all"
        yield EconomicParameter("utility.anchor", anchor, "1", meaning, anchor.value, False)
        pain = "utility lost in pain level {}, against none, before it is fitted to the anchor"
    lowest = utilities.lowest
    yield EconomicParameter("utility.lowest", lowest, "1", "utility that no state falls below", lowest.value, False)
    tables = {
        "pain": {level: ("1", pain.format(level)) for level in PAIN_LEVELS},
        "event": {name: ("1", meaning) for name, meaning in EVENT_STATES.items()},
        "death": {name: ("1", meaning) for name, meaning in NEAR_DEATH.items()},
        "loss": {name: ("d", meaning) for name, (_, meaning) in LOSSES.items()},
        "age": {name: (unit, f"population norm of utility: {meaning}") for name, (unit, meaning) in AGE_TERMS.items()},
    }
    if utilities.age is None or not age_norm:
        del tables["age"]
    for table, names in tables.items():
        for name, (unit, meaning) in names.items():
            item = getattr(getattr(utilities, table), name)
            if item is None:
                continue
            yield EconomicParameter(f"utility.{table}.{name}", item, unit, meaning, item.value, False)


def proposals_in_use(economics) -> dict[str, object]:
    """Discounting and thresholds of the price set, where the section has not replaced them: name to what says their source."""
    prices, found = economics.price_set, {}
    if economics.discount.model_dump() == prices.discount.rates():
        found["economics.discount"] = prices.discount
    if economics.thresholds == prices.thresholds.values:
        found["economics.thresholds"] = prices.thresholds
    return found


def section_faults(economics) -> list[Expected]:
    """What is wrong with `values`: unknown names, numbers that the quantity cannot be, else an order of pain levels that cannot be."""
    return _value_faults(economics) or _order_faults(economics)


def _value_faults(economics):
    known = {parameter.name: parameter.item for parameter in parameters(economics)}
    faults = []
    for name, value in economics.values.items():
        path = ("values", name)
        if name not in known:
            expected = f"the name of a price or utility in use{did_you_mean(name, known)}"
            faults.append(Expected(expected, found="an unknown one", path=path))
            continue
        low, high = known[name].limits
        high = min(high, HIGHEST_PRICE)
        if not low <= value <= high:
            faults.append(Expected(f"a number from {low:.10g} to {high:.10g}", found=f"{value:g}", path=path))
    return faults


def _order_faults(economics):
    utilities = economics.utility_set
    names = [f"utility.pain.{level}" for level in PAIN_LEVELS]
    levels = [
        economics.values.get(name, getattr(utilities.pain, level).value)
        for name, level in zip(names, PAIN_LEVELS, strict=True)
    ]
    faults = []
    for level, text, found in pain_faults(levels, anchored=utilities.anchor is not None):
        at = PAIN_LEVELS.index(level)
        given = [name for name in (names[at], names[at - 1]) if name in economics.values] or ["utilities"]
        path = ("values", given[0]) if given[0] in economics.values else ("utilities",)
        said = text if given[0] in (names[at], "utilities") else f"a value that leaves {names[at]} {text}"
        faults.append(Expected(said, found=found, path=path))
    return faults
