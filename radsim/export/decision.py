"""The incremental table, net benefits and value of information of an analysis, as tables."""

from __future__ import annotations

from radsim.export.lead import SCENARIO
from radsim.export.table import NUMBER, WHOLE, Column, from_rows, kind_of
from radsim.presentation.reading import POINTS

OWN = (
    "schedule", "cost", "cost_low95", "cost_high95", "qalys", "qalys_low95", "qalys_high95", "cost_deterministic",
    "qalys_deterministic", "comparator", "incremental_cost", "incremental_qalys", "icer", "quadrant", "meaning", "status",
)  # fmt: skip
VERSUS = ("incremental_cost", "incremental_qalys", "icer", "quadrant")
"""Fields of a schedule, and of its comparison with the reference, in the order of the columns of the incremental table."""


def documents(analysis):
    """Documents of an analysis, one a scenario; none for None.

    Parameters
    ----------
    analysis : radsim.decision.Analysis, dict or None
        What `radsim.cost_effectiveness` gives, or its document.
    """
    if analysis is None:
        return []
    document = analysis if isinstance(analysis, dict) else analysis.to_dict()
    return (
        document["scenarios"]
        if isinstance(document.get("scenarios"), list) and "schedules" not in document
        else [document]
    )


def decision_tables(analysis):
    """Tables of an analysis.

    Parameters
    ----------
    analysis : Analysis, dict or None

    Returns
    -------
    list of Table
        ``incremental``: a row a schedule; ``net_benefit``: a row a schedule and threshold; where the analysis has them ``information``,
        ``subgroups``, ``individualised`` and ``burden``. Empty for None.
    """
    found = documents(analysis)
    if not found:
        return []
    lead = _lead(found[0])
    currency, year = found[0]["currency"], found[0]["price_year"]
    money = currency if year is None else f"{currency} {year}"
    tables = [_incremental(found, lead, money), _net_benefit(found, lead, money)]
    more = ((_information, "evpi"), (_subgroups, "subgroups"), (_individualised, "individualised"), (_burden, "burden"))
    return tables + [make(found, lead, money) for make, part in more if any(one.get(part) for one in found)]


def _lead(document):
    """Columns that name the scenario, its number first; none for one study."""
    values = document.get("scenario", {})
    swept = [
        Column(name, POINTS.get(name, "swept value"), "", kind_of(value))
        for name, value in values.items()
        if name != SCENARIO
    ]
    return [Column(SCENARIO, "number of the scenario", "", WHOLE), *swept] if values else []


def _own(document, lead):
    return [document.get("scenario", {}).get(column.name) for column in lead]


def _number(name, description, units):
    return Column(name, description, units, NUMBER)


def _incremental(found, lead, money):
    basis = "mean of draws 1, 2, ..., or base case without draws"
    columns = [
        *lead, Column("schedule", "by rising cost"),
        _number("cost", basis, money), _number("cost_low95", "2.5th percentile of the draws", money),
        _number("cost_high95", "97.5th percentile of the draws", money),
        _number("qalys", basis, "year"), _number("qalys_low95", "2.5th percentile of the draws", "year"),
        _number("qalys_high95", "97.5th percentile of the draws", "year"),
        _number("cost_deterministic", "draw 0", money), _number("qalys_deterministic", "draw 0", "year"),
        Column("comparator", "undominated schedule before it by cost, which the increments are against"),
        _number("incremental_cost", "against the comparator", money), _number("incremental_qalys", "against the comparator", "year"),
        _number("icer", "empty where the schedule is dominated", f"{money} per QALY"),
        Column("quadrant", "of the increments against the comparator"), Column("meaning", "what the quadrant says"),
        Column("status", "undominated, dominated or extendedly dominated; equal: undominated, as are those it is equal to"),
        Column("dominated_by", "by which schedules"), Column("equal_to", "schedules of equal cost and QALYs"),
        Column("reference", "schedule of the columns that follow"),
        _number("incremental_cost_versus_reference", "", money), _number("incremental_qalys_versus_reference", "", "year"),
        _number("icer_versus_reference", "read it with its quadrant", f"{money} per QALY"), Column("quadrant_versus_reference", ""),
    ]  # fmt: skip
    rows = [
        [
            *_own(one, lead), *(row.get(name) for name in OWN), *(" + ".join(row.get(name, [])) for name in ("dominated_by", "equal_to")), one["reference"],
            *(row["versus_reference"][name] for name in VERSUS),
        ]
        for one in found for row in sorted(one["schedules"], key=lambda each: each["cost"])
    ]  # fmt: skip
    return from_rows("incremental", "costs, QALYs, increments, ICER and dominance", columns, rows)


def _net_benefit(found, lead, money):
    columns = [
        *lead, _number("threshold", "worth of a QALY", f"{money} per QALY"), Column("schedule", ""),
        _number("net_monetary_benefit", "mean", money), _number("net_health_benefit", "mean", "year"),
        _number("p_cost_effective", "share of draws in which it is the best; ties are shared", "1"),
        _number("incremental_net_benefit", "against the reference", money),
        _number("incremental_net_benefit_low95", "2.5th percentile of the draws", money),
        _number("incremental_net_benefit_high95", "97.5th percentile of the draws", money),
        Column("reference", ""), Column("best", "yes where the mean net benefit is the greatest"),
    ]  # fmt: skip
    rows = []
    for one in found:
        for row in one["schedules"]:
            against = row["versus_reference"]
            for t in row["net_benefit"]:
                parts = [against[f"incremental_net_benefit{end}"][t] for end in ("", "_low95", "_high95")]
                rows.append([
                    *_own(one, lead), float(t), row["schedule"], row["net_benefit"][t], row["net_health_benefit"][t],
                    row["p_cost_effective"][t], *parts, one["reference"], "yes" if row["schedule"] in one["best"][t] else "no",
                ])  # fmt: skip
    return from_rows("net_benefit", "net benefit and probability of being cost-effective", columns, rows)


def _information(found, lead, money):
    columns = [
        *lead, _number("threshold", "worth of a QALY", f"{money} per QALY"),
        Column("of", "everything (EVPI), or the parameters that would be known (EVPPI)"),
        _number("value", "expected value per patient", money), _number("se", "standard error", money),
        _number("adjusted", "less the Monte Carlo noise within draws", money),
    ]  # fmt: skip
    rows = []
    for one in found:
        for t, value in one["evpi"].items():
            rows.append(
                [*_own(one, lead), float(t), "everything", value, one["evpi_se"].get(t), one["evpi_adjusted"].get(t)]
            )
        for row in one["evppi"]:
            name = row["parameters"] if isinstance(row["parameters"], str) else " + ".join(row["parameters"])
            rows.append([*_own(one, lead), float(row["threshold"]), name, row["value"], row["se"], None])
    return from_rows("information", "expected value of information", columns, rows)


def _subgroups(found, lead, money):
    columns = [
        *lead, Column("subgroup", ""), _number("share", "of the patients", "1"), _number("life_years", "under the reference", "year"),
        _number("threshold", "worth of a QALY", f"{money} per QALY"), Column("schedule", ""), _number("cost", "mean", money),
        _number("qalys", "mean", "year"), _number("net_monetary_benefit", "mean", money),
        _number("p_cost_effective", "share of draws in which it is the best", "1"), Column("best", "yes where the mean net benefit is the greatest"),
        _number("evpi", "expected value of perfect information, per patient", money),
    ]  # fmt: skip
    rows = [
        [
            *_own(one, lead), group["subgroup"], group["share"], group["life_years"], float(t), row["schedule"], row["cost"], row["qalys"],
            row["net_benefit"][t], row["p_cost_effective"][t], "yes" if row["schedule"] in _all_best(group, t) else "no", group["evpi"].get(t),
        ]
        for one in found for group in one.get("subgroups", []) for row in group["schedules"] for t in row["net_benefit"]
    ]  # fmt: skip
    return from_rows("subgroups", "costs, QALYs and net benefit of each subgroup", columns, rows)


def _all_best(group, threshold):
    """Schedules that are best in a subgroup, equal ones too; a document of an earlier version names one."""
    return group["all_best"][threshold] if "all_best" in group else [group["best"][threshold]]


def _individualised(found, lead, money):
    columns = [
        *lead, Column("by", "covariates that the schedule is chosen by"), _number("threshold", "worth of a QALY", f"{money} per QALY"),
        Column("one_for_all", "best schedule if all get the same"), Column("otherwise", "subgroups with another best schedule"),
        _number("value", "gain per patient from choosing by subgroup", money), _number("se", "standard error", money),
    ]  # fmt: skip
    rows = [
        [
            *_own(one, lead), row["by"], row["threshold"], row["one_for_all"],
            "; ".join(f"{group}: {best}" for group, best in row["best"].items() if best != row["one_for_all"]), row["value"], row["se"],
        ]
        for one in found for row in one.get("individualised", [])
    ]  # fmt: skip
    return from_rows("individualised", "value of choosing the schedule by subgroup", columns, rows)


def _burden(found, lead, money):
    numbers = {"per_100_patients": "mean, repeats included", "mcse": "standard error", "low95": "2.5th percentile of the draws", "high95": "97.5th percentile of the draws", "in_first_year": "of per_100_patients"}  # fmt: skip
    columns = [
        *lead,
        Column("schedule", ""),
        Column("item", "what a department or a patient bears"),
        *(_number(name, text, "1") for name, text in numbers.items()),
    ]
    rows = [
        [*_own(one, lead), row["schedule"], item, *(values[name] for name in numbers)]
        for one in found for row in one.get("burden", []) for item, values in row.items() if item != "schedule"
    ]  # fmt: skip
    return from_rows("burden", "slots, courses, visits and days of travel per 100 patients", columns, rows)
