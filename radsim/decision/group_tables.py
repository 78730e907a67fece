"""Tables of subgroups, of choosing by subgroup, and of the burden on a department."""

from __future__ import annotations

from radsim.decision.columns import is_probabilistic, number
from radsim.tables import Column, from_rows

BURDEN = {
    "linac_slots": "Linac slots",
    "courses": "Courses",
    "follow_up_visits": "Visits",
    "travel_days": "Travel days",
}


def subgroups(found):
    """Costs, QALYs and net benefit of each subgroup."""
    columns = [
        *found.lead, Column("subgroup", label="Subgroup"), number("share", "of the patients", "1", label="Share", form="per_cent"),
        number("life_years", "under the reference", "year", label="Life years", decimals=2), found.threshold(), Column("schedule"),
        found.amount("cost", "mean"), number("qalys", "mean", "year"), found.amount("net_monetary_benefit", "mean"),
        number("p_cost_effective", "share of draws in which it is the best", "1", label="P best {}" * is_probabilistic(found), spread=True, form="probability"),
        Column("best", "yes where the mean net benefit is the greatest"),
        found.amount("evpi", "expected value of perfect information, per patient", "EVPI"),
        Column("best_on_average", label="Best on average", in_files=False),
    ]  # fmt: skip
    rows = [
        [
            *found.own(one), group["subgroup"], group["share"], group["life_years"], float(t), row["schedule"], row["cost"], row["qalys"],
            row["net_benefit"][t], row["p_cost_effective"][t], "yes" if row["schedule"] in _all_best(group, t) else "no", group["evpi"].get(t),
            " = ".join(_all_best(group, t)),
        ]
        for one in found.documents for group in one.get("subgroups", []) for row in group["schedules"] for t in row["net_benefit"]
    ]  # fmt: skip
    return from_rows(
        "subgroups", "costs, QALYs and net benefit of each subgroup", columns, rows, title="Subgroups, with the probability of being the best choice",
        across="schedule",
    )  # fmt: skip


def _all_best(group, threshold):
    """Schedules that are best in a subgroup, equal ones too; a document of an earlier version names one."""
    return group["all_best"][threshold] if "all_best" in group else [group["best"][threshold]]


def individualised(found):
    """Value of choosing the schedule by subgroup."""
    columns = [
        *found.lead, Column("by", "covariates that the schedule is chosen by", label="Chosen by"), found.threshold(),
        Column("one_for_all", "best schedule if all get the same", label="One for all"),
        Column("otherwise", "subgroups with another best schedule", label="Otherwise for"),
        found.amount("value", "gain per patient from choosing by subgroup", "Value", error="se"), found.amount("se", "standard error"),
    ]  # fmt: skip
    rows = [
        [
            *found.own(one), row["by"], row["threshold"], row["one_for_all"],
            "; ".join(f"{group}: {best}" for group, best in row["best"].items() if best != row["one_for_all"]), row["value"], row["se"],
        ]
        for one in found.documents for row in one.get("individualised", [])
    ]  # fmt: skip
    return from_rows(
        "individualised", "value of choosing the schedule by subgroup", columns, rows,
        title="Value of individualised fractionation per patient, against one schedule for all",
    )  # fmt: skip


def burden(found):
    """Linac slots, courses, visits and days of travel."""
    first = next(one for one in found.documents if one.get("burden"))["burden"][0]
    per_year = first["linac_slots"]["per_year"] is not None
    texts = {"per_100_patients": "mean, repeats included", "mcse": "standard error", "low95": "2.5th percentile of the draws", "high95": "97.5th percentile of the draws", "in_first_year": "of per_100_patients"}  # fmt: skip
    columns = [
        *found.lead, Column("schedule", label="Schedule"), Column("item", "what a department or a patient bears"),
        *(number(name, text, "1", label="{}" * (name == "per_100_patients"), spread=True) for name, text in texts.items()),
        number("per_year", "patients of a year", "1", label="{} a year" * per_year, spread=True, in_files=False), Column("item_in_words", in_files=False),
    ]  # fmt: skip
    rows = [
        [*found.own(one), row["schedule"], item, *(values[name] for name in texts), values["per_year"], BURDEN[item]]
        for one in found.documents for row in one.get("burden", []) for item, values in row.items() if item != "schedule"
    ]  # fmt: skip
    return from_rows(
        "burden", "slots, courses, visits and days of travel per 100 patients", columns, rows, across="item_in_words",
        title="Burden per 100 patients, repeats included",
    )  # fmt: skip
