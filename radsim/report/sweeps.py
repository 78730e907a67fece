"""A sweep: how much the answer differs between its scenarios, and a table of all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.costs import with_total_cost
from radsim.outcomes import format
from radsim.outcomes.catalogue import OF_100, RELIEF, VALUE, in_groups, label
from radsim.outcomes.estimates import difference, estimate
from radsim.presentation.headline import KEYS
from radsim.presentation.reading import has_value, swept_paths
from radsim.presentation.words import listed
from radsim.report.answer import COMPARED, least_of
from radsim.report.phrases import decimals_of

MOST_ROWS = 2000
"""Beyond, a page is no longer something to read; `radsim export` has them all."""


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
        ``n`` scenarios, ``paths`` swept with their values in words, ``ranges`` of differences, ``columns`` and ``rows`` of the
        table, and ``left_out``, the scenarios that the table does not show.
    """
    paths = swept_paths(dataset)
    numbers, columns = _numbers(dataset, schedules)
    n = dataset.sizes["scenario"]
    shown = min(n, MOST_ROWS)
    labels = [Column("scenario", "place in the sweep, from 0", True)]
    labels += [Column(name, "swept", values.dtype.kind in "fiu") for name, values in paths.items()]
    rows = [
        [
            _place(i),
            *(_swept_cell(values[i]) for values in paths.values()),
            *(_cell(value[i], scale) for value, scale in numbers),
        ]
        for i in range(shown)
    ]
    return {
        "n": n,
        "n_known": int(_known(numbers, n).sum()),
        "paths": [(name, _in_words(values)) for name, values in paths.items()],
        "ranges": (found := ranges(dataset, schedules)),
        "headline": {reader: headline(found, schedules, n, reader) for reader in ("clinician", "patient")},
        "columns": labels + columns,
        "rows": rows,
        "left_out": n - shown,
    }


def ranges(dataset, schedules):
    """How a schedule compares with the first, over all scenarios; of a single schedule how far its figures go.

    Returns
    -------
    list of dict
        By outcome and other schedule: ``outcome``, ``what`` is compared, the lowest, middle and highest figure, ``widest`` without its
        sign, and the number of scenarios in which it is worth a word .
    """
    irradiated = [one for one in schedules if one.irradiated] or schedules
    first, found = irradiated[0], []
    for outcome in COMPARED:
        values = estimate(dataset, outcome.variable, day=outcome.day)
        if values is None:
            continue
        if len(irradiated) == 1:
            found.append(_range(values.value[first.position], outcome, first.name, signed=False))
        for other in irradiated[1:]:
            gap = difference(dataset, outcome.variable, first=first.position, second=other.position, day=outcome.day)
            found.append(_range(gap.value, outcome, f"{first.name} − {other.name}", signed=True))
    return [one for one in found if one is not None]


def headline(found, schedules, n, reader):
    """What holds in all scenarios, and what in some."""
    irradiated = [one for one in schedules if one.irradiated]
    if len(irradiated) < 2 or not found:
        return (
            f"How the figures change over {n} scenarios."
            if reader == "clinician"
            else f"The same question under {n} assumptions."
        )
    relief = [row for row in found if row["outcome"].group == RELIEF]
    other = [row for row in found if row["outcome"].group != RELIEF]
    always = _names([row for row in other if row["matters"] == row["n"]], reader)
    sometimes = _names([row for row in other if 0 < row["matters"] < row["n"]], reader, without=always)
    sentences = [_relief(relief, irradiated, n, reader)] if relief else []
    if always:
        sentences.append(f"What differs in all of them is {listed(always)}.")
    if sometimes:
        sentences.append(f"What differs in some is {listed(sometimes)}.")
    return " ".join(sentences)


def _relief(relief, irradiated, n, reader):
    most = format.number(max([least_of(OF_100), *(row["widest"] for row in relief)]))
    if reader == "clinician":
        names = listed([one.name for one in irradiated])
        return (
            f"In {n} scenarios the mean difference in relief of pain between {names} is up to {most} of 100 patients."
        )
    names = listed([one.patient for one in irradiated], last="or")
    return f"Under {n} different assumptions, how often pain gets better differs by up to {most} of 100 people, be it with {names}."


def _names(rows, reader, without=()):
    names = dict.fromkeys(
        row["outcome"].short if reader == "clinician" else row["outcome"].short_patient for row in rows
    )
    return [name for name in names if name not in without]


def _range(values, outcome, what, *, signed):
    known = values[~np.isnan(values)]
    if not known.size:
        return None
    scaled = known * outcome.scale.factor
    low, middle, high = (
        format.number(value, decimals_of(outcome.scale), signed=signed) for value in np.percentile(scaled, [0, 50, 100])
    )
    return {
        "outcome": outcome, "what": what, "low": low, "middle": middle, "high": high, "unit": outcome.scale.unit,
        "widest": float(np.abs(scaled).max()), "matters": int((np.abs(scaled) >= least_of(outcome.scale)).sum()), "n": int(known.size),
    }  # fmt: skip


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
    found = estimate(dataset, name, day=day)
    paths = swept_paths(dataset)
    if found is None:
        return list(paths)[:2]
    return sorted(paths, key=lambda path: -_following(paths[path], found.value))[:2]


def _following(values, outcomes):
    """Largest rank correlation, without its sign, of a path with the outcome under any schedule; text counts as none."""
    if values.dtype.kind not in "fiu":
        return 0.0
    known = ~np.isnan(outcomes).any(axis=0)
    if known.sum() < 3:
        return 0.0
    ranks = _ranks(values[known])
    return max(abs(_correlation(ranks, _ranks(column))) for column in outcomes[:, known])


def _ranks(values):
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - counts / 2.0)[inverse]


def _correlation(x, y):
    spread = x.std() * y.std()
    return float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 0.0 else 0.0


def _numbers(dataset, schedules):
    """Estimates shown, shape (scenario,), with their scale; and their columns."""
    found, columns = [], []
    for outcome in (one for one in COMPARED if one.key in KEYS):
        values = estimate(dataset, outcome.variable, day=outcome.day)
        for one in schedules if values is not None else ():
            found.append((values.value[one.position], outcome.scale))
            columns.append(Column(f"{outcome.short}, {outcome.scale.unit}: {one.name}", outcome.label, True))
    if has_value(dataset):
        whole = with_total_cost(dataset)
        for outcome in in_groups(VALUE):
            values, name = estimate(whole, outcome.variable), label(outcome, whole)
            for one in schedules:
                found.append((values.value[one.position], outcome.scale))
                columns.append(Column(f"{name}: {one.name}", f"mean {name}, discounted", True))
    return found, columns


def _known(numbers, n):
    """Scenarios with any figure: those that were simulated."""
    known = np.zeros(n, bool)
    for values, _ in numbers:
        known |= ~np.isnan(values)
    return known


def _place(i):
    return Cell(str(i), str(i))


def _swept_cell(value):
    if isinstance(value, np.number):
        return Cell(format.significant(value), repr(float(value)))
    return Cell(str(value), str(value))


def _cell(value, scale):
    value = float(value)
    if np.isnan(value):
        return Cell("–", "")
    shown = scale.factor * value
    return Cell(format.number(shown, scale.decimals), repr(shown))


def _in_words(values):
    """`0.1 to 0.9`, or the categories."""
    if values.dtype.kind in "fiu":
        distinct = np.unique(values)
        if len(distinct) <= 6:
            return ", ".join(format.significant(value) for value in distinct)
        return f"{format.significant(distinct[0])} to {format.significant(distinct[-1])}"
    distinct = list(dict.fromkeys(str(value) for value in values))
    return ", ".join(distinct[:8]) + (f" … ({len(distinct)} in all)" if len(distinct) > 8 else "")
