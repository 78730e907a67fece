"""Tables of `radsim cea` that are shown where they were asked for, or where the result has them."""

from __future__ import annotations

import click

from radsim.cli.cea_cells import money, number, percent, with_error
from radsim.cli.tables import paragraph, show_table

MOST_BARS = 12


def say(text):
    """A paragraph, and an empty line."""
    click.echo(paragraph(text))
    click.echo()


def titled_table(title, columns, rows):
    """A table under a title of any length, and an empty line."""
    show_table(paragraph(title), columns, rows)
    click.echo()


def show_subgroups(document):
    thresholds = list(document["schedules"][0]["net_benefit"])
    t = thresholds[0]
    columns = ["Subgroup", "Share", "Life years", "Best", "P of best", "EVPI"]
    rows = []
    for group in document["subgroups"]:
        share = next(row["p_cost_effective"][t] for row in group["schedules"] if row["schedule"] == group["best"][t])
        best = " = ".join(group["all_best"][t])
        rows.append(
            [
                group["subgroup"],
                percent(group["share"]),
                number(group["life_years"], 2),
                best,
                number(share, 3),
                money(group["evpi"].get(t), 1),
            ]
        )
    titled_table(f"Subgroups, at {money(t)}", columns, rows)
    rows = [
        [row["by"], money(row["threshold"]), row["one_for_all"], "; ".join(f"{k}: {v}" for k, v in row["best"].items() if v != row["one_for_all"]) or "the same for all", f"{money(row['value'], 1)} ± {money(row['se'], 1)}"]
        for row in document["individualised"]
    ]  # fmt: skip
    titled_table(
        "Value of individualised fractionation per patient, against one schedule for all",
        ["By", "Worth of a QALY", "One for all", "Otherwise for", "Value"],
        rows,
    )


def show_burden(document):
    parts = {
        "linac_slots": "Linac slots",
        "courses": "Courses",
        "follow_up_visits": "Visits",
        "travel_days": "Travel days",
    }
    per_year = document["burden"][0]["linac_slots"]["per_year"] is not None
    rows = [
        [row["schedule"], *(number(row[name]["per_100_patients"], 0) for name in parts)] for row in document["burden"]
    ]
    titled_table("Burden per 100 patients, repeats included", ["Schedule", *parts.values()], rows)
    if per_year:
        rows = [[row["schedule"], *(money(row[name]["per_year"]) for name in parts)] for row in document["burden"]]
        titled_table("Burden per year", ["Schedule", *parts.values()], rows)


def show_one_way(document):
    t = next(iter(document["schedules"][0]["net_benefit"]))
    rows = [
        [row["parameter"], row["schedule"], f"{row['low']:.4g}", f"{row['high']:.4g}", money(row["at_low"][t]), money(row["at_high"][t]), row["best_at_low"] or "–", row["best_at_high"] or "–"]
        for row in document["one_way"][:MOST_BARS]
    ]  # fmt: skip
    columns = ["Parameter", "Schedule", "2.5 %", "97.5 %", "INMB low", "INMB high", "best low", "best high"]
    titled_table(
        f"One-way, the {len(rows)} widest of {len(document['one_way'])}: INMB against {document['reference']} at {money(t)}, sharing the luck of the base case",
        columns,
        rows,
    )


def show_two_way(document):
    found = document["two_way"]
    first, second = found["parameters"]
    rows = [[f"{value:.4g}", *best] for value, best in zip(found["values"][0], found["best"], strict=True)]
    titled_table(
        f"Best schedule at {money(found['threshold'])}: {first} (down) by {second} (across)",
        [first, *(f"{v:.4g}" for v in found["values"][1])],
        rows,
    )


def show_break_even(document):
    rows = []
    for row in document["break_even"]:
        flips = "; ".join(f"{flip['below']} below {flip['at']:.4g}, {flip['above']} above" for flip in row["flips"])
        searched = "–" if row["searched"] is None else f"{row['searched'][0]:.4g} to {row['searched'][1]:.4g}"
        rows.append(
            [
                row["parameter"],
                money(row["threshold"]),
                "unset" if row["value"] is None else f"{row['value']:.4g}",
                searched,
                flips or "never",
            ]
        )
    titled_table(
        "Where the decision flips, sharing the luck of the base case",
        ["Parameter", "Worth of a QALY", "Base case", "Searched", "Flips"],
        rows,
    )


def show_scenarios(document):
    t, reference = next(iter(document["schedules"][0]["net_benefit"])), document["reference"]
    others = [row["schedule"] for row in document["schedules"] if row["schedule"] != reference]
    rows = []
    for row in document["scenarios"]:
        if "impossible" in row:
            rows.append([row["scenario"], "not possible", *("–" for _ in others)])
            continue
        benefits = {
            each["schedule"]: with_error(each["incremental_net_benefit"][t], each["mcse"][t])
            for each in row["schedules"]
        }
        rows.append([row["scenario"], " = ".join(row["all_best"][t]), *(benefits[name] for name in others)])
    titled_table(
        f"Scenarios, deterministic: best schedule and INMB against {reference} at {money(t)}, ± Monte Carlo error",
        ["Scenario", "Best", *others],
        rows,
    )


def show_budget(document):
    found = document["budget_impact"]
    rows = [
        [str(year), *(money(found[name]["by_year"][i]) for name in ("current", "future", "impact"))]
        for i, year in enumerate(found["years"])
    ]
    rows.append(["all", *(money(found[name]["total"]) for name in ("current", "future", "impact"))])
    titled_table(
        f"Budget impact, {found['patients_per_year']:g} patients a year, undiscounted ({document['currency']})",
        ["Year", "Current", "Future", "Impact"],
        rows,
    )
