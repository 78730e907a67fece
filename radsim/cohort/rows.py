"""Real patients from a CSV or Parquet file, one a row, every fault of every row found."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from radsim.config import CATEGORIES, COVARIATES, LEAST_PAIN, SCALES, ConfigError, Fault, Schedule
from radsim.config import clinic_words as words
from radsim.config import ecog as performance
from radsim.config.contradictions import ACTS_ONLY_WHERE, contradictions
from radsim.config.covariates import CONDITIONS, check_value, read_category, value_text
from radsim.config.schedule import NONE, earlier_course
from radsim.config.table_file import read_table, to_number
from radsim.yaml.faults import Expected, a_known, describe

PAIN = COVARIATES.index("pain")
ECOG = "ecog"
COLUMNS = (*COVARIATES, ECOG)
MOST_NAMED = 10
NOT_KNOWN = ("none", "-", "--", "?", "unknown", "missing")
"""Words that may stand for a missing cell, or for no or 0: refused with what to do."""
ANYTHING = MappingProxyType({})


class CohortError(ConfigError):
    """A cohort file that cannot be used; its text has one line per fault."""


class Rows(NamedTuple):
    """The patients of a file.

    Parameters
    ----------
    values : array, shape (row, covariate)
        Numbers, codes of categories, positions in `prior_schedules`; NaN: not in the file, to be drawn.
    prior_schedules : tuple of Schedule
        The first is `none`.
    warnings : tuple of str
        Rows left out, cells to be drawn.
    """

    values: np.ndarray
    prior_schedules: tuple
    warnings: tuple


def read_rows(path, *, prior_schedules=(NONE,), drawn=ANYTHING):
    """Read real patients.

    Parameters
    ----------
    path : str
        CSV with a header line or, by its name, ``.parquet``; see `radsim.config.table_file`. Columns: any of `COLUMNS`.
    prior_schedules : tuple of Schedule, optional
        Schedules that already have a position; those of the file are appended.
    drawn : mapping of str to set of str, optional
        What an empty cell can turn out to be, as of `contradictions.drawn_from`; by default anything.

    Returns
    -------
    Rows
        Without the rows whose worst pain is below 2: they cannot respond; and without empty rows.

    Raises
    ------
    CohortError
        With every fault: an unreadable or empty file, unknown or repeated columns, every value that is not
        possible.

    Notes
    -----
    An empty cell is drawn from the population, conditional on nothing but the patient's primary and site
    where the population distinguishes them. What follows from the rest of the row is filled in.
    """
    try:
        table = read_table(str(path), known=COLUMNS, numeric={*SCALES, ECOG})
    except ConfigError as error:
        raise CohortError(error.faults) from None
    faults = _column_faults(table)
    if faults:
        raise CohortError(faults)
    schedules = {schedule.name: i for i, schedule in enumerate(prior_schedules)}
    values = np.full((len(table.rows), len(COVARIATES)), np.nan)
    used = {name: set() for name in ("site", "primary", ECOG)}
    for target, row in zip(values, table.rows, strict=True):
        given = _read_row(target, table, row, schedules, drawn, faults)
        for name in used.keys() & given.keys():
            if name != ECOG or "karnofsky" not in given:
                used[name].add(given[name])
    if faults:
        raise CohortError(faults)
    numbers = np.array([row.number for row in table.rows])
    kept = ~(values[:, PAIN] < LEAST_PAIN)
    if not kept.any():
        raise CohortError([Fault(table.file, None, "pain", f"a row with worst pain of at least {LEAST_PAIN}", "none")])
    said = (
        *table.warnings,
        *_taken_as(table.file, used),
        *_left_out(table.file, numbers, kept),
        *_without_effect(table.file, numbers[kept], values[kept]),
        *_to_draw(table.file, values[kept]),
    )
    return Rows(values[kept], tuple(Schedule.parse(name) for name in schedules), said)


def _column_faults(table):
    """A fault for each column that is no covariate."""
    return [
        Fault(
            table.file,
            table.line,
            f"column {i + 1}",
            a_known("one of the covariates", name, COLUMNS),
            describe(name),
        )
        for i, name in enumerate(table.columns)
        if name not in COLUMNS
    ]


def _read_row(target, table, row, schedules, drawn, faults):
    """What one row says, in its own words; fills its values, (covariate,), or adds its faults."""

    def fault(name, expected, found):
        where = f"row {row.number}" + (f": {name}" if name else "")
        faults.append(Fault(table.file, row.line, where, expected, found))

    if len(row.cells) != len(table.columns):
        fault("", f"{len(table.columns)} cells", str(len(row.cells)))
        return {}
    cells = {name: cell for name, cell in zip(table.columns, row.cells, strict=True) if cell is not None}
    said, before = {}, len(faults)
    for name, cell in cells.items():
        try:
            said[name] = read_cell(name, cell)
        except ValueError as error:
            expected = str(error) if isinstance(error, Expected) else _text(name)
            hint = "; an empty cell if it is not known" if str(cell).lower() in NOT_KNOWN else ""
            fault(name, expected + hint, describe(cell))
    if len(faults) > before:
        return {}
    given = _as_simulated(said)
    for name, expected in (*contradictions(given, drawn, one_patient=True), *_impossible(given), *_unlike(said)):
        fault(name, expected, describe(cells[name]))
    for name, value in given.items():
        target[COVARIATES.index(name)] = _code(name, value, schedules)
    for name, value in _implied(given):
        target[COVARIATES.index(name)] = value
    return said


def _text(name):
    return performance.TEXT if name == ECOG else value_text(name)


def _as_simulated(said):
    """Covariates of a row by the words of the model; an ECOG grade counts where no Karnofsky stands."""
    given = {name: words.simulated(name, value) for name, value in said.items() if name != ECOG}
    if ECOG in said:
        given.setdefault("karnofsky", performance.karnofsky({said[ECOG]: 1.0}).values[0])
    return given


def read_cell(covariate, cell):
    """Turn one cell into what it says.

    Parameters
    ----------
    covariate : str
        One of `COLUMNS`.
    cell : str, bool, int or float
        Not missing.

    Returns
    -------
    str or float
        A category or a word of clinics, an ECOG grade as text, the name of a schedule, or a number.

    Raises
    ------
    ValueError
        If the covariate cannot have this value.
    """
    if covariate == ECOG:
        return performance.read_grade(to_number(cell))
    if covariate in SCALES:
        return check_value(covariate, to_number(cell))
    if covariate in CATEGORIES:
        return read_category(covariate, cell)
    text = str(cell)
    return earlier_course(NONE.name if text.lower() == NONE.name else text).name


def _code(covariate, value, schedules):
    """The number that stands for a value; a new schedule gets the next one."""
    if covariate in SCALES:
        return value
    if covariate in CATEGORIES:
        return CATEGORIES[covariate].index(value)
    return schedules.setdefault(value, len(schedules))


def _impossible(given):
    """Yield what is impossible within one row beside its contradictions: covariate and what was expected."""
    if str(given.get("prior_schedule", "")).endswith("@sbrt") and given.get("site", "spine") == "spine":
        yield "prior_schedule", "no SBRT at the spine: its dose to the cord is not known"


def _unlike(said):
    """Yield an ECOG grade that contradicts the Karnofsky index of its row."""
    if ECOG in said and "karnofsky" in said:
        low, high = performance.accepted(said[ECOG])
        if not low <= said["karnofsky"] <= high:
            yield ECOG, f"a grade for Karnofsky {said['karnofsky']:g} (ECOG {said[ECOG]} goes with {low:g} to {high:g})"


def _implied(given):
    """Yield what an empty cell of a row must be: covariate and value."""
    if given.get("primary", "breast") != "breast":
        yield "subtype", CATEGORIES["subtype"].index("unknown")
    if given.get("site", "hip") != "hip" and "cortical_involvement_mm" not in given:
        yield "cortical_involvement_mm", 0.0
    if given.get("prior_schedule") == NONE.name:
        yield "prior_weeks_ago", 0.0


def _taken_as(file, used):
    """What words of clinics and ECOG grades of the file are simulated as."""
    for name in ("primary", "site"):
        yield from (f"{file}: {name}: {sentence}" for sentence in words.what_is_said(name, sorted(used[name])))
    if used[ECOG]:
        yield f"{file}: {performance.what_is_said(used[ECOG])}, where the row has no Karnofsky"


def _left_out(file, numbers, kept):
    if not kept.all():
        yield (
            f"{file}: {int((~kept).sum())} of {len(kept)} rows left out, as a worst pain below {LEAST_PAIN} cannot "
            f"respond (row {_named(numbers[~kept])})"
        )


def _without_effect(file, numbers, values):
    """What acts at some sites only, or with some primaries, in rows of others."""
    for name, only in ACTS_ONLY_WHERE.items():
        is_given, by = values[:, COVARIATES.index(name)] > 0, values[:, COVARIATES.index(only.by)]
        codes = [CATEGORIES[only.by].index(category) for category in only.where]
        elsewhere = is_given & ~np.isnan(by) & ~np.isin(by, codes)
        if elsewhere.any():
            yield f"{file}: {name} {only.of_rows} (row {_named(numbers[elsewhere])})"


def _named(numbers):
    """The first few of some numbers of rows."""
    return ", ".join(map(str, numbers[:MOST_NAMED])) + (", …" if len(numbers) > MOST_NAMED else "")


def _to_draw(file, values):
    counts = np.isnan(values).sum(axis=0)
    drawn = [
        f"{name} {n}"
        for name, n in zip(COVARIATES, counts, strict=True)
        if n and not (name in CONDITIONS and n == len(values))
    ]
    if drawn:
        yield (
            f"{file}: empty cells are drawn from the population, whatever else the row says "
            f"(of {len(values)} rows: {', '.join(drawn)})"
        )
