"""Parameters, prices and utilities as a table for a file: a row each, with everything that is known of it."""

from __future__ import annotations

import numpy as np

from radsim.outcomes.intervals import LEVELS_95
from radsim.presentation.inputs import SET_HERE, STUDY
from radsim.tables import NUMBER, Column, from_rows

COLUMNS = (
    Column("name", "of the parameter, price or utility"),
    Column("value", "of the base case", "see units", NUMBER),
    Column("low95", "2.5th percentile of its uncertainty", "see units", NUMBER),
    Column("high95", "97.5th percentile of its uncertainty", "see units", NUMBER),
    Column("family", "of its uncertainty"),
    Column("numbers", "of the family, as in the files"),
    Column("units"),
    Column("set", "set of prices or utilities, or of evidence"),
    Column("price_year", "of a price"),
    Column("status", "checked, provisional, scenario or missing"),
    Column("population", "whom it describes"),
    Column("source"),
    Column("licence", "of the source, where it is known"),
    Column("meaning", "and what else must be known"),
)  # fmt: skip


def listing(entries, *, of, years=None, licences=None):
    """Entries of the registry, or of sets of prices and utilities in its form.

    Parameters
    ----------
    entries : iterable of radsim.evidence.Entry
    of : dict of str to str or str
        Set that each is of, by name, or one for all.
    years, licences : dict of str to object, optional
        By name, where there are.

    Returns
    -------
    radsim.tables.Table
    """
    years, licences = years or {}, licences or {}
    rows = []
    for one in entries:
        ((family, numbers),) = one.uncertainty.items()
        inside = "; ".join(f"{name} {value:.10g}" for name, value in (numbers or {}).items())
        where = of if isinstance(of, str) else of[one.name]
        year = years.get(one.name)
        rows.append([
            one.name, one.value, *_ends(one, family), family, inside, one.unit, where, "" if year is None else str(year), one.status,
            one.population, one.source, licences.get(one.name) or "", one.note,
        ])  # fmt: skip
    return from_rows("evidence", "parameters, prices and utilities with their sources", COLUMNS, rows)


def of_section(parameters, sets, *, names=None):
    """Prices and utilities as `listing`.

    Parameters
    ----------
    parameters : iterable of radsim.economics.sets.EconomicParameter
    sets : dict of str to radsim.economics.files.PriceSet or UtilitySet
        ``costs``, ``utilities`` or both: where they are of.
    names : collection of str, optional
        Those wanted; all by default.
    """
    from radsim.economics.parameters import as_entry

    chosen = [one for one in parameters if names is None or one.name in names]
    kinds = {one.name: "costs" if one.name.startswith("cost.") else "utilities" for one in chosen}
    years = {one.name: one.item.price_year or getattr(sets[kinds[one.name]], "price_year", None) for one in chosen}
    return listing(
        [_as_used(one, as_entry(one)) for one in chosen],
        of={one.name: SET_HERE if one.is_set else sets[kinds[one.name]].name for one in chosen},
        years=years,
        licences={one.name: one.item.licence for one in chosen},
    )


def _as_used(one, entry):
    """An entry as the study has it: what it sets itself has no uncertainty, and its source is the study."""
    if not one.is_set:
        return entry
    return entry._replace(value=one.value, uncertainty={"fixed": {}}, status=SET_HERE, source=STUDY, population="")


def _ends(entry, family):
    if family == "fixed":
        return None, None
    from radsim.evidence import quantile

    return tuple(float(end) for end in quantile(entry, np.array(LEVELS_95)))
