"""Tables of the analyses that simulate the base case again, and of the budget impact."""

from __future__ import annotations

from radsim.decision.columns import number
from radsim.outcomes.format import money
from radsim.tables import Column, from_rows

MOST_BARS = 12


def one_way(found):
    """One parameter at a time at either end of its range, the widest first."""
    document = found.first
    thresholds = list(document["schedules"][0]["net_benefit"])
    columns = [
        Column("parameter", label="Parameter"), Column("unit"), number("value", "base case"),
        number("low", "2.5th percentile", label="2.5 %", form="significant"), number("high", "97.5th percentile", label="97.5 %", form="significant"),
        Column("schedule", label="Schedule"), found.threshold()._replace(label=""),
        found.amount("base", "incremental net benefit in the base case"), found.amount("mcse", "its Monte Carlo standard error"),
        found.amount("at_low", "incremental net benefit at the lower end", "INMB low", signed=True),
        found.amount("at_high", "incremental net benefit at the upper end", "INMB high", signed=True),
        Column("best_at_low", "at the first threshold", label="Best low"), Column("best_at_high", "at the first threshold", label="Best high"),
        Column("impossible", "why an end could not be simulated"),
    ]  # fmt: skip
    rows = [
        [
            row["parameter"], row["unit"], row["value"], row["low"], row["high"], row["schedule"], float(t),
            *(row[part][t] for part in ("base", "mcse", "at_low", "at_high")), row["best_at_low"], row["best_at_high"], "; ".join(row["impossible"]),
        ]
        for t in thresholds for row in document["one_way"]
    ]  # fmt: skip
    most = min(MOST_BARS, len(document["one_way"]))
    return from_rows(
        "one_way", "incremental net benefit with one parameter at the ends of its range", columns, rows, most_rows=most,
        title=f"One-way, the {most} widest of {len(document['one_way'])}: incremental net monetary benefit (INMB) against {document['reference']} at {money(float(thresholds[0]))}",
        notes=(SAME_NUMBERS,),
    )  # fmt: skip


SAME_NUMBERS = "The base case, simulated again with the same random numbers."


def two_way(found):
    """The best schedule over a grid of two parameters."""
    part = found.first["two_way"]
    first, second = part["parameters"]
    benefits = part["incremental_net_benefit"]
    columns = [
        number("first", first, label=first, form="significant"), number("second", second, form="significant"),
        Column("best", "of the greatest net benefit", label="{}", spread=True),
        *(found.amount(f"incremental_net_benefit_{name}", "against the reference") for name in benefits),
    ]  # fmt: skip
    rows = [
        [x, y, part["best"][i][j], *(values[i][j] for values in benefits.values())]
        for i, x in enumerate(part["values"][0])
        for j, y in enumerate(part["values"][1])
    ]
    return from_rows(
        "two_way", "best schedule over a grid of two parameters", columns, rows, across="second", notes=(SAME_NUMBERS,),
        title=f"Best schedule at {money(part['threshold'])}: {first} (down) by {second} (across)",
    )  # fmt: skip


def threshold_analysis(found):
    """Values of a parameter at which another schedule becomes the best."""
    columns = [
        Column("parameter", label="Parameter"), Column("meaning"), Column("unit"), found.threshold(),
        number("value", "base case", label="Base case", form="significant"),
        number("searched_low", label="Searched from", form="significant"), number("searched_high", label="to", form="significant"),
        number("at", "where the best schedule changes; empty where it is the same over the whole range", label="Changes at", form="significant"),
        Column("below", "best schedule below", label="Best below"), Column("above", "best schedule above", label="Best above"),
    ]  # fmt: skip
    never = [{"at": None, "below": None, "above": None}]
    rows = [
        [
            row["parameter"], row["meaning"], row["unit"], row["threshold"], row["value"], *(row["searched"] or (None, None)),
            *(flip[part] for part in ("at", "below", "above")),
        ]
        for row in found.first["break_even"] for flip in row["flips"] or never
    ]  # fmt: skip
    return from_rows(
        "threshold_analysis", "values of a parameter at which another schedule becomes the best", columns, rows,
        title="Threshold analysis (break-even values): where another schedule becomes the best",
        notes=(f"A dash: the best schedule is the same over the whole range searched. {SAME_NUMBERS}",),
    )  # fmt: skip


def scenarios(found):
    """One structural choice changed at a time."""
    document = found.first
    thresholds = list(document["schedules"][0]["net_benefit"])
    names = [row["schedule"] for row in document["schedules"]]
    columns = [
        Column("scenario", label="Scenario"), found.threshold()._replace(label=""), Column("schedule"), found.amount("cost"), number("qalys", "", "year"),
        found.amount("net_benefit"), found.amount("incremental_net_benefit", "against the reference", "{}", spread=True, signed=True, error="mcse"),
        found.amount("mcse", "Monte Carlo standard error"), Column("best", "of the greatest net benefit", label="Best"),
        Column("said", "why a scenario has no figures, or that it changes none"),
    ]  # fmt: skip
    rows = []
    for t in thresholds:
        for row in document["scenarios"]:
            if "schedules" not in row:
                word, why = (
                    ("not possible", row["impossible"]) if "impossible" in row else ("no change", row["unchanged"])
                )
                rows += [[row["scenario"], float(t), name, *[None] * 5, word, why] for name in names]
                continue
            said, best = row.get("said", ""), " = ".join(row["all_best"][t])
            for each in row["schedules"]:
                error = None if each["schedule"] == document["reference"] else each["mcse"][t]
                rows.append([
                    row["scenario"], float(t), each["schedule"], each["cost"], each["qalys"], each["net_benefit"][t],
                    each["incremental_net_benefit"][t], error, best, said,
                ])  # fmt: skip
    return from_rows(
        "scenarios", "structural scenarios, deterministic", columns, rows, across="schedule", most_rows=len(document["scenarios"]),
        title=f"Scenarios, deterministic: incremental net monetary benefit against {document['reference']} at {money(float(thresholds[0]))}, ± Monte Carlo error",
        notes=(SAME_NUMBERS, *_said_of_scenarios(document["scenarios"])),
    )  # fmt: skip


def _said_of_scenarios(rows):
    """Sentences on the scenarios that have no figures, and on those that change none."""
    impossible = [f"{row['scenario']} ({row['impossible']})" for row in rows if "impossible" in row]
    unchanged = [row["scenario"] for row in rows if "unchanged" in row]
    without = [row["scenario"] for row in rows if row.get("said")]
    if impossible:
        yield f"Not possible: {'; '.join(impossible)}."
    if unchanged:
        yield f"No change, as the base case has this already: {'; '.join(unchanged)}."
    if without:
        yield f"Simulated, but no figure changes: {'; '.join(without)}."


def budget(found):
    """Spending by year in the current and the future practice."""
    part = found.first["budget_impact"]
    columns = [
        Column("year", label="Year"), found.amount("current", "spending as now", "Current"), found.amount("future", "spending in the future", "Future"),
        found.amount("impact", "future less current", "Impact", signed=True, interval=("impact_low95", "impact_high95")),
        found.amount("impact_low95", "2.5th percentile of the draws"), found.amount("impact_high95", "97.5th percentile of the draws"),
    ]  # fmt: skip
    parts = [
        part[name] or {"by_year": [None] * len(part["years"]), "total": None}
        for name in ("current", "future", "impact", "low95", "high95")
    ]
    rows = [[str(year), *(one["by_year"][i] for one in parts)] for i, year in enumerate(part["years"])]
    rows.append(["all", *(one["total"] for one in parts)])
    return from_rows(
        "budget_impact", "spending by year, undiscounted", columns, rows,
        title=f"Budget impact, {part['patients_per_year']:g} patients a year, undiscounted ({found.money})",
    )  # fmt: skip


def budget_components(found):
    """Spending on each part of the cost by year, in the current and the future practice."""
    part = found.first["budget_impact"]
    columns = [
        Column("component", "part of the cost", label="Part of the cost"), Column("year"),
        found.amount("current", "spending as now"), found.amount("future", "spending in the future"),
        found.amount("impact", "future less current", "Year {}", spread=True, signed=True),
    ]  # fmt: skip
    rows = [
        [name.replace("_", " "), year, *(value)]
        for name, worlds in part.get("by_component", {}).items()
        for year, value in [
            *((str(year), [worlds[w]["by_year"][i] for w in WORLDS]) for i, year in enumerate(part["years"])),
            ("all", [worlds[w]["total"] for w in WORLDS]),
        ]
    ]
    return from_rows(
        "budget_components", "spending on each part of the cost by year, undiscounted", columns, rows, across="year",
        title=f"Budget impact by part of the cost, undiscounted ({found.money})",
    )  # fmt: skip


WORLDS = ("current", "future", "impact")

AGAIN = {
    "one_way": (one_way,),
    "two_way": (two_way,),
    "break_even": (threshold_analysis,),
    "scenarios": (scenarios,),
    "budget_impact": (budget, budget_components),
}
"""Part of the document to what makes its tables."""
