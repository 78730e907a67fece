"""Tables of who gains: cost per responder, the severity modifier, health and its distribution over subgroups."""

from __future__ import annotations

from radsim.decision.columns import number
from radsim.decision.equity_values import equity_values
from radsim.tables import Column, from_rows


def _rows(found, columns, parts_of):
    """A row for each part of each decision: what it is named by, and a value for each further column."""
    names = [column.name for column in columns[len(found.lead) :]]
    return [[*found.own(one), *(part[name] for name in names)] for one in found.documents for part in parts_of(one)]


def responders(found):
    """Cost per responder, and per additional one."""
    columns = [
        *found.lead, Column("schedule", label="Schedule"), found.amount("cost", "mean, discounted", "Cost"),
        number("response", "overall response, the headline endpoint", "1", label="Responders", form="per_cent"),
        found.amount("cost_per_responder", "cost over response", "Cost per responder"), found.amount("incremental_cost", "against the reference", "+ cost", signed=True),
        number("incremental_response", "against the reference", "1", label="+ response", decimals=4, signed=True, interval=("incremental_response_low95", "incremental_response_high95")),
        number("incremental_response_low95", "2.5th percentile of the draws", "1"), number("incremental_response_high95", "97.5th percentile of the draws", "1"),
        found.amount("cost_per_additional_responder", "read it with its quadrant; empty where no ratio makes sense", "Per additional responder"),
        Column("quadrant", "of the increments", label="Quadrant"),
    ]  # fmt: skip
    rows = _rows(found, columns, lambda one: one.get("responders", []))
    return from_rows(
        "responders", "cost per responder", columns, rows, title=f"Cost per responder against {found.first['reference']}",
        notes=("All costs count, and no response for longer than another: choose by net benefit, not by this.",),
    )  # fmt: skip


def severity(found):
    """Net benefit with QALYs weighted by severity."""
    columns = [
        *found.lead, found.threshold(), Column("schedule", label="Schedule"),
        found.amount("incremental_net_benefit", "with weighted QALYs, against the reference", "INMB, weighted", signed=True),
        number("p_cost_effective", "with weighted QALYs", "1", label="P best", form="probability"), Column("best", "yes where the mean net benefit is the greatest", label="Best"),
        number("weight", "of a QALY gained", "1"), number("absolute_shortfall", "QALYs lost to the disease under the reference", "year"),
        number("proportional_shortfall", "the same as a share", "1"), number("qalys_without_disease", "of the general population", "year"),
        number("qalys_with_disease", "under the reference", "year"), number("age", "mean", "year"), number("male", "share", "1"),
    ]  # fmt: skip
    common = ("weight", "absolute_shortfall", "proportional_shortfall", "qalys_without_disease", "qalys_with_disease", "age", "male")  # fmt: skip
    rows = [
        [
            *found.own(one), float(t), row["schedule"], row["incremental_net_benefit"][t], row["p_cost_effective"][t],
            "yes" if row["schedule"] in one["severity"]["best"][t] else "no", *(one["severity"][name] for name in common),
        ]
        for one in found.documents if one.get("severity") for t in one["severity"]["best"] for row in one["severity"]["schedules"]
    ]  # fmt: skip
    s = found.first.get("severity") or next(one["severity"] for one in found.documents if one.get("severity"))
    text = (
        f"People of the general population of this age ({s['age']:.1f}, {100 * s['male']:.0f} % men) may expect {s['qalys_without_disease']:.2f} QALYs; "
        f"the patients have {s['qalys_with_disease']:.2f}: an absolute shortfall of {s['absolute_shortfall']:.2f} and a proportional one of "
        f"{100 * s['proportional_shortfall']:.1f} %, so that a QALY gained weighs {s['weight']:g}. Weights: {equity_values().severity.proportional.source}, "
        f"{equity_values().severity.proportional.status}."
    )
    return from_rows(
        "severity",
        "net benefit with the severity modifier",
        columns,
        rows,
        title="A scenario: QALYs weighted by severity (NICE)",
        notes=(text,),
    )


def equity(found):
    """Health of each schedule, its equally distributed equivalent and its gain."""
    year = {"units": "year", "decimals": 4}
    columns = [
        *found.lead, found.threshold(), Column("schedule", label="Schedule"),
        number("health", "of a lifetime, mean, less what the extra cost displaces", label="Health", **year),
        number("equivalent", "equally distributed", label="Equally distributed", **year), number("inequality", "health less its equivalent", label="Lost to inequality", **year),
        number("gain", "of the equivalent, against the reference", label="Gain", signed=True, interval=("gain_low95", "gain_high95"), **year),
        number("gain_low95", "2.5th percentile of the draws", **year), number("gain_high95", "97.5th percentile of the draws", **year),
        number("weighted_gain", "of health, each group by its equity weight", label="Weighted gain", signed=True, **year),
        number("p_best", "share of draws with the greatest equivalent", "1", label="P best", form="probability"),
    ]  # fmt: skip
    rows = _rows(found, columns, lambda one: (one.get("equity") or {}).get("schedules", []))
    aversion = next(one["equity"]["aversion"] for one in found.documents if one.get("equity"))
    source = equity_values().atkinson.source
    note = (
        f"Aversion to inequality {aversion:g} (Atkinson). Quality-adjusted years of a lifetime: those lived, at the norm of the general population, and "
        f"those to come. Extra costs displace health evenly over the groups, at the threshold. Source of the aversion: {source}."
    )
    return from_rows(
        "equity",
        "health and its distribution over the subgroups",
        columns,
        rows,
        title="A scenario: health and its distribution (DCEA)",
        notes=(note,),
    )


def equity_groups(found):
    """Who the subgroups are, and what a year gained weighs in each."""
    columns = [
        *found.lead, Column("subgroup", label="Subgroup"), number("share", "of the patients", "1", label="Share", form="per_cent"),
        number("age", "mean", "year", label="Age", decimals=1), number("lived", "quality-adjusted years had", "year", label="Lived", decimals=2),
        number("health", "of a lifetime, under the reference", "year", label="Health", decimals=2), number("weight", "of a year gained; mean one", "1", label="Weight", decimals=3),
    ]  # fmt: skip
    rows = _rows(found, columns, lambda one: (one.get("equity") or {}).get("groups", []))
    return from_rows(
        "equity_groups", "subgroups and their equity weights", columns, rows, title="Equity weights by subgroup"
    )
