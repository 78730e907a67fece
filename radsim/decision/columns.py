"""Columns that several tables of a decision have, and the words of their cells."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from radsim.outcomes.format import count, money
from radsim.presentation.identity import identity_text
from radsim.presentation.reading import POINTS
from radsim.presentation.words import listed
from radsim.tables import NUMBER, WHOLE, Column
from radsim.tables.table import kind_of

SCENARIO = "scenario"
number = partial(Column, kind=NUMBER)


class Found(NamedTuple):
    """What a table is made from.

    Attributes
    ----------
    documents : list of dict
        Of `radsim cea --json`, one a scenario; a single one for one study.
    lead : list of Column
        Scenario and swept values; empty for one study.
    money : str
        `GBP 2024/25`.
    """

    documents: list
    lead: list
    money: str

    @property
    def first(self):
        """The document whose schedules, reference and thresholds speak for all."""
        return self.documents[0]

    def own(self, document):
        """Cells of `lead`."""
        return [document.get("scenario", {}).get(column.name) for column in self.lead]

    def amount(self, name, description="", label="", **how):
        """A column of money."""
        return number(name, description, self.money, label=label, form="money", **how)

    def threshold(self):
        """The column of the willingness-to-pay threshold."""
        return number(
            "threshold", "willingness-to-pay threshold", f"{self.money} per QALY", label="Threshold", form="money"
        )


def found_in(analysis):
    """A `Found` of an `Analysis` or its document; None for None."""
    documents = documents_of(analysis)
    if not documents:
        return None
    first = documents[0]
    year = first.get("price_year_text") or first["price_year"]
    return Found(documents, _lead(first), f"{first['currency']} {year}" if year else first["currency"])


def documents_of(analysis):
    """Documents of an analysis, one a scenario; none for None."""
    if analysis is None:
        return []
    document = analysis if isinstance(analysis, dict) else analysis.to_dict()
    return [document] if "schedules" in document else document["scenarios"]


def _lead(document):
    """Columns that name the scenario, its number first; none for one study."""
    values = document.get("scenario", {})
    swept = [
        Column(name, POINTS.get(name, "swept value"), "", kind_of(value), "" if name in POINTS else name, form="significant")
        for name, value in values.items() if name != SCENARIO
    ]  # fmt: skip
    return [Column(SCENARIO, "number of the scenario", "", WHOLE, "Scenario"), *swept] if values else []


def basis(found):
    """What was valued: `probabilistic, mean of 500 draws x 2,000 patients; GBP 2024/25, QALYs`."""
    document = found.first
    same = len({(one["draws"], one["patients"]) for one in found.documents}) == 1
    patients = f"{count(document['patients'])} patients" if same and document["patients"] is not None else ""
    if document["base_case"] == "deterministic":
        how = ", ".join(part for part in ("deterministic", patients) if part)
    else:
        draws = f", mean of {count(document['draws'])} draws" if same else ""
        how = f"probabilistic{draws}{' x ' * bool(patients)}{patients}"
    return f"{how}; {found.money}, QALYs"


def identified(table, found):
    """A table with what was valued and how: of a sweep, each scenario by its number."""
    texts = {
        one.get("scenario", {}).get(SCENARIO): identity_text(one["valuation"])
        for one in found.documents
        if one.get("valuation")
    }
    if len(set(texts.values())) < 2 or SCENARIO not in {column.name for column in table.columns}:
        return table._replace(basis=basis(found), identity=next(iter(texts.values()), ""))
    return table._replace(basis=basis(found), identity=texts)


def is_probabilistic(found):
    """Whether there are draws of the parameters."""
    return found.first["base_case"] == "probabilistic"


def equal_words(row):
    """`equal to twin`; nothing for a schedule that equals no other. A row of the incremental table."""
    names = row.get("equal_to") or []
    return f"equal to {listed(names)}" if names else ""


def standing(row):
    """The ICER in words, or why there is none: `12,300 per QALY`, `dominated by 8Gy/1`, `costs least`, `equal to twin`."""
    if row["dominated_by"]:
        text = f"{row['status'].replace('extendedly', 'ext.')} by {' + '.join(row['dominated_by'])}"
    elif row["incremental_cost"] is None:
        text = "costs least"
    else:
        text = "" if row["comparator"] in row["equal_to"] else versus(row)
    return ", ".join(part for part in (text, equal_words(row)) if part)


def versus(row):
    """What a difference says: `12,300 per QALY`, `saves 12,300 per QALY forgone`, `dominant`, `dominated`, `equal`."""
    if row["icer"] is not None:
        ratio = money(row["icer"])
        return f"{ratio} per QALY" if row["quadrant"] == "north-east" else f"saves {ratio} per QALY forgone"
    return "equal" if row["quadrant"] == "origin" else row["meaning"].rpartition(": ")[2]
