"""A sweep: how much the answer differs between its scenarios, and a table of all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.costs import with_total_cost
from radsim.outcomes import format
from radsim.outcomes.catalogue import RELIEF, VALUE, in_groups, label
from radsim.outcomes.estimates import difference, estimate
from radsim.presentation.headline import KEYS
from radsim.presentation.reading import has_value, swept_paths
from radsim.presentation.verdict import margin, margins
from radsim.presentation.words import listed
from radsim.report.answer import COMPARED, irradiated_of
from radsim.report.phrases import decimals_of

MOST_ROWS = 2000
"""Beyond, a page is no longer something to read; `radsim export` has them all."""
MOST_VALUES, MOST_WORDS = 6, 8
"""Values, and words, of a swept path that are listed one by one."""


class Column(NamedTuple):
    """A column of the table: its heading, what it is for those who ask, and whether it holds numbers."""

    heading: str
    title: str
    numeric: bool


class Cell(NamedTuple):
    """What is shown, and what it is sorted by."""

    text: str
    sort: str


def sweep(dataset, schedules):
    """Everything the page says of a sweep.

    Parameters
    ----------
    dataset : xarray.Dataset
        Of all patients, with a leading `scenario`.
    schedules : list of ScheduleWords

    Returns
    -------
    dict
        ``n`` scenarios, ``n_known`` that were simulated, ``paths`` swept with their values in words, ``ranges`` of differences,
        ``headline`` for each reader, ``columns`` and ``rows`` of the table, and ``left_out``, the scenarios that it does not show.
    """
    paths, (numbers, columns) = swept_paths(dataset), _numbers(dataset, schedules)
    n, found = dataset.sizes["scenario"], ranges(dataset, schedules)
    labels = [Column("scenario", "number in the sweep, from 0", True)]
    labels += [Column(name, "swept", values.dtype.kind in "fiu") for name, values in paths.items()]
    rows = [
        [Cell(str(i), str(i)), *(_swept_cell(values[i]) for values in paths.values()), *(_cell(value[i], scale) for value, scale in numbers)]
        for i in range(min(n, MOST_ROWS))
    ]  # fmt: skip
    return {
        "n": n,
        "n_known": int(np.any([~np.isnan(values) for values, _ in numbers], axis=0).sum()) if numbers else 0,
        "paths": [(name, _in_words(values)) for name, values in paths.items()],
        "ranges": found,
        "margins": listed([f"{each['difference']:g} {each['unit']}" for each in margins().values()], last="or"),
        "headline": {reader: headline(found, schedules, n, reader) for reader in ("clinician", "patient")},
        "columns": labels + columns,
        "rows": rows,
        "left_out": n - len(rows),
    }


def ranges(dataset, schedules):
    """How a schedule compares with the first, over all scenarios; of a single schedule how far its numbers go.

    Returns
    -------
    list of dict
        By outcome and other schedule: ``outcome``, ``what`` is compared, the ``low``, ``middle`` and ``high`` number, ``widest`` without
        its sign, and the number of scenarios in which it is worth a word.
    """
    first, *others = irradiated_of(schedules) or schedules
    found = []
    for outcome in COMPARED:
        values = estimate(dataset, outcome.variable, day=outcome.day)
        if values is None:
            continue
        if not others:
            found.append(_range(values.value[first.position], outcome, first.name, signed=False))
        for other in others:
            gap = difference(dataset, outcome.variable, first=first.position, second=other.position, day=outcome.day)
            found.append(_range(gap.value, outcome, f"{first.name} − {other.name}", signed=True))
    return [one for one in found if one is not None]


def _range(values, outcome, what, *, signed):
    scaled = values[~np.isnan(values)] * outcome.scale.factor
    if not scaled.size:
        return None
    ends = np.percentile(scaled, [0, 50, 100])
    low, middle, high = (format.number(value, decimals_of(outcome.scale), signed=signed) for value in ends)
    return {
        "outcome": outcome, "what": what, "low": low, "middle": middle, "high": high, "unit": outcome.scale.unit,
        "widest": float(np.abs(scaled).max()), "matters": int((np.abs(scaled) > margin(outcome)["difference"]).sum()), "n": int(scaled.size),
    }  # fmt: skip


def headline(found, schedules, n, reader):
    """What holds in all scenarios, and what in some."""
    irradiated, is_clinician = irradiated_of(schedules), reader == "clinician"
    if len(irradiated) < 2 or not found:
        return (
            f"How the numbers change over {n} scenarios."
            if is_clinician
            else f"The same question under {n} assumptions."
        )
    relief = [row for row in found if row["outcome"].group == RELIEF]
    other = [row for row in found if row["outcome"].group != RELIEF]
    always = _names([row for row in other if row["matters"] == row["n"]], reader)
    sometimes = _names([row for row in other if 0 < row["matters"] < row["n"]], reader, without=always)
    sentences = [_relief(relief, irradiated, n, is_clinician)] if relief else []
    if always:
        sentences.append(f"What differs in all of them is {listed(always)}.")
    if sometimes:
        sentences.append(f"What differs in some is {listed(sometimes)}.")
    return " ".join(sentences)


def _relief(relief, irradiated, n, is_clinician):
    most = format.number(max([1.0, *(row["widest"] for row in relief)]))
    if is_clinician:
        names = listed([one.name for one in irradiated])
        return f"In {n} scenarios the mean difference in pain relief between {names} is up to {most} of 100 patients."
    names = listed([one.patient for one in irradiated], last="or")
    return f"Under {n} different assumptions, how often pain gets better differs by up to {most} of 100 people, whether with {names}."


def _names(rows, reader, without=()):
    words = "short" if reader == "clinician" else "short_patient"
    return [name for name in dict.fromkeys(getattr(row["outcome"], words) for row in rows) if name not in without]


def strongest_paths(dataset, name, day):
    """Up to two swept paths of numbers that an outcome follows most, by rank correlation; others after them.

    Parameters
    ----------
    dataset : xarray.Dataset
    name : str
        Variable of the outcome.
    day : float or None
        As in `radsim.outcomes.estimates.estimate`. [d]

    Returns
    -------
    list of str
    """
    found, paths = estimate(dataset, name, day=day), swept_paths(dataset)
    if found is None:
        return list(paths)[:2]
    return sorted(paths, key=lambda path: -_following(paths[path], found.value))[:2]


def _following(values, outcomes):
    """Largest rank correlation, without its sign, of a path with the outcome under any schedule; text counts as none."""
    from scipy.stats import spearmanr

    known = ~np.isnan(outcomes).any(axis=0)
    if values.dtype.kind not in "fiu" or known.sum() < 3 or np.ptp(values[known]) == 0.0:
        return 0.0
    varying = [column for column in outcomes[:, known] if np.ptp(column) > 0.0]
    return max((abs(float(spearmanr(values[known], column).statistic)) for column in varying), default=0.0)


def _numbers(dataset, schedules):
    """Estimates shown, shape (scenario,), with their scale; and their columns."""
    found, columns = [], []
    for outcome in (one for one in COMPARED if one.key in KEYS):
        values = estimate(dataset, outcome.variable, day=outcome.day)
        for one in schedules if values is not None else ():
            found.append((values.value[one.position], outcome.scale))
            columns.append(Column(f"{outcome.short}, {outcome.scale.unit}: {one.name}", outcome.label, True))
    for outcome in in_groups(VALUE) if has_value(dataset) else ():
        whole = with_total_cost(dataset)
        values, name = estimate(whole, outcome.variable), label(outcome, whole)
        for one in schedules:
            found.append((values.value[one.position], outcome.scale))
            columns.append(Column(f"{name}: {one.name}", f"mean {name}, discounted", True))
    return found, columns


def _swept_cell(value):
    if isinstance(value, np.number):
        return Cell(format.significant(value), repr(float(value)))
    return Cell(str(value), str(value))


def _cell(value, scale):
    shown = scale.factor * float(value)
    return Cell(format.number(shown, scale.decimals), "" if np.isnan(shown) else repr(shown))


def _in_words(values):
    """`0.1 to 0.9`, or the categories."""
    if values.dtype.kind in "fiu":
        distinct = [format.significant(value) for value in np.unique(values)]
        return ", ".join(distinct) if len(distinct) <= MOST_VALUES else f"{distinct[0]} to {distinct[-1]}"
    distinct = list(dict.fromkeys(str(value) for value in values))
    more = f" … ({len(distinct)} in all)" if len(distinct) > MOST_WORDS else ""
    return ", ".join(distinct[:MOST_WORDS]) + more
