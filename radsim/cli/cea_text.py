"""Tables and sentences of `radsim cea`."""

from __future__ import annotations

import click

from radsim import SCOPE
from radsim.cli.cea_cells import interval, key, money, percent, qalys, ratio, versus
from radsim.cli.cea_sections import (
    say,
    show_break_even,
    show_budget,
    show_burden,
    show_one_way,
    show_scenarios,
    show_subgroups,
    show_two_way,
    titled_table,
)
from radsim.cli.tables import paragraph
from radsim.presentation.reading import NOT_SWEPT

WITHOUT_DRAWS = (
    "No parameter draws in this result: the figures are of the deterministic base case. An acceptability curve and the value of "
    "information need radsim run --draws N."
)


def show(analysis, *, curve=False):
    """Print everything that was analysed; the scope, and what is provisional, last."""
    documents = [each.document for each in analysis.scenarios] or [analysis.document]
    for document in documents:
        show_document(document)
    if curve:
        show_curve(analysis)
    for sentence in provisional(documents[0]):
        click.echo(paragraph(sentence))
    click.echo(SCOPE)


def show_document(document):
    """One population: the incremental table first, then what stands in the document beyond it; of a scenario the decision alone."""
    _show_incremental(document)
    _show_reference(document)
    if document["base_case"] == "probabilistic":
        _show_information(document)
    else:
        say(WITHOUT_DRAWS)
    if "scenario" in document:  # a sweep has many; the rest stands in --json
        return
    if document["base_case"] == "probabilistic":
        _show_errors(document)
    for part, shown in SHOWN.items():
        if document.get(part):
            shown(document)


def title(document):
    """What the figures are: probabilistic or not, of how many draws and patients, in what money, for which scenario."""
    year = "" if document["price_year"] is None else f" {document['price_year']}"
    patients = "" if document["patients"] is None else f" x {document['patients']:,} patients"
    how = (
        f"probabilistic, mean of {document['draws']} draws{patients}"
        if document["draws"]
        else f"deterministic{patients.replace(' x', ',')}"
    )
    text = f"Cost-effectiveness ({how}; {document['currency']}{year}, QALYs)"
    return scenario_words(document) + text


def scenario_words(document):
    """`Scenario 3: cohort.karnofsky 40. `; nothing for a study of its own. Sampled values have sixteen digits, which nobody reads."""
    found = document.get("scenario", {})
    texts = {name: f"{value:.4g}" if isinstance(value, float) else str(value) for name, value in found.items()}
    swept = ", ".join(f"{name} {text}" for name, text in texts.items() if name not in NOT_SWEPT)
    return f"Scenario {found.get('scenario', '')}: {swept}. " if found else ""


def _show_incremental(document):
    columns = ["Schedule", "Cost", "QALYs", "+ cost", "+ QALYs", "ICER"]
    probabilistic = document["base_case"] == "probabilistic"
    if probabilistic:
        columns += ["cost, determ.", "QALYs, determ."]
    rows = []
    for row in sorted(document["schedules"], key=lambda each: each["cost"]):
        cells = [
            row["schedule"],
            money(row["cost"]),
            qalys(row["qalys"]),
            money(row["incremental_cost"]),
            qalys(row["incremental_qalys"]),
            ratio(row),
        ]
        rows.append(
            cells + ([money(row["cost_deterministic"]), qalys(row["qalys_deterministic"])] if probabilistic else [])
        )
    titled_table(title(document), columns, rows)
    say("By rising cost, each against the undominated schedule before it. A dominated schedule has no ICER.")


def _show_reference(document):
    reference, thresholds = document["reference"], list(document["schedules"][0]["net_benefit"])
    columns = ["Schedule", "+ cost", "+ QALYs", "Quadrant", "That is", *(f"INMB at {money(t)}" for t in thresholds)]
    of_draws = ", with the range of 95 % of the draws" if document["draws"] > 1 else ""
    rows = []
    for row in document["schedules"]:
        against = row["versus_reference"]
        if row["schedule"] != reference:
            benefits = [
                interval(*(against[f"incremental_net_benefit{part}"][t] for part in ("", "_low95", "_high95")))
                for t in thresholds
            ]
            rows.append(
                [
                    row["schedule"],
                    money(against["incremental_cost"]),
                    qalys(against["incremental_qalys"]),
                    against["quadrant"],
                    versus(against),
                    *benefits,
                ]
            )
    if rows:
        titled_table(f"Against {reference}: incremental net monetary benefit (INMB)" + of_draws, columns, rows)


def _show_information(document):
    thresholds, names = list(document["evpi"]), [row["schedule"] for row in document["schedules"]]
    columns = ["Worth of a QALY", "Best on average", *(f"P {name}" for name in names), "EVPI", "less noise"]
    rows = []
    for t in thresholds:
        shares = [f"{row['p_cost_effective'][t]:.3f}" for row in document["schedules"]]
        rows.append(
            [
                money(t),
                " = ".join(document["best"][t]),
                *shares,
                money(document["evpi"][t]),
                money(document["evpi_adjusted"][t]),
            ]
        )
    titled_table(
        f"Probability of being cost-effective, and expected value of perfect information per patient ({document['currency']})",
        columns,
        rows,
    )
    if "population" in document:
        p = document["population"]
        values = ", ".join(f"{money(p['evpi'][t])} at {money(t)}" for t in thresholds)
        say(
            f"For {p['per_year']:g} patients a year over {p['years']} years, discounted at {p['discount']:g}: EVPI {values}."
        )


def _show_errors(document):
    for t, found in document["monte_carlo"].items():
        columns = ["Schedule", "INMB", "Error", "of patients", "of draws", "Noise share"]
        rows = [
            [row["schedule"], money(row["incremental_net_benefit"]), *(money(row[name], 1) for name in ("mcse", "first_order", "second_order")), percent(row["noise_share"])]
            for row in found["incremental_net_benefit"]
        ]  # fmt: skip
        if rows and document["draws"] > 1:
            titled_table(f"Monte Carlo error of the INMB at {money(t)}, and its parts", columns, rows)
        if found["plan"] is not None:
            say(advice(found["plan"]))


def advice(plan):
    """What a wanted precision takes, in a sentence or two."""
    best, second = plan["schedules"]
    text = f"For an error of {money(plan['wanted'], 1)} in {best} minus {second}: {plan['draws_at_present_patients']:,} draws with as many patients as now"
    if plan["patients_at_present_draws"] is not None:
        text += f", or {plan['patients_at_present_draws']:,} patients with as many draws"
    text = f"Precise enough. {text}" if plan["reached"] else text
    return f"{text}. With {plan['patients_for_small_noise']:,} patients a draw their luck is a tenth of the variance between draws."


def _show_partial(document):
    thresholds = list(document["evpi"])
    by = {(row["parameters"], key(row["threshold"])): row for row in document["evppi"]}
    names = list(dict.fromkeys(name for name, _ in by))
    worth = sorted(
        (n for n in names if any(by[n, t]["value"] > 0.0 for t in thresholds)),
        key=lambda n: -by[n, thresholds[0]]["value"],
    )
    rows = [
        [n, str(by[n, thresholds[0]]["members"]), *(f"{money(by[n, t]['value'], 1)} ± {money(by[n, t]['se'], 1)}" for t in thresholds)]
        for n in worth
    ]  # fmt: skip
    if rows:
        columns = ["Parameters", "Number", *(f"at {money(t)}" for t in thresholds)]
        titled_table("Expected value of knowing some parameters (EVPPI) per patient, ± standard error", columns, rows)
    nothing = [n for n in names if n not in worth]
    if nothing:
        say(f"Knowing them would change no decision (EVPPI 0): {', '.join(nothing)}.")


SHOWN = {
    "evppi": _show_partial, "subgroups": show_subgroups, "burden": show_burden, "one_way": show_one_way, "two_way": show_two_way,
    "break_even": show_break_even, "scenarios": show_scenarios, "budget_impact": show_budget,
}  # fmt: skip
"""What may stand in a document, in the order in which it is shown."""


def show_curve(analysis):
    """The acceptability curve of everyone along thresholds."""
    for each in analysis.scenarios or [analysis]:
        found = each.to_xarray()
        found = found.isel(subgroup=0) if "subgroup" in found.dims else found
        names = [str(name) for name in found["schedule"].values]
        rows = []
        for i, t in enumerate(found["threshold"].values):
            cells = [
                f"{found['acceptability'].values[i, s]:.3f} ({found['acceptability_low95'].values[i, s]:.2f}–{found['acceptability_high95'].values[i, s]:.2f})"
                for s in range(len(names))
            ]
            best = " = ".join(
                name for name, is_best in zip(names, found["is_optimal"].values[i], strict=True) if is_best
            )
            rows.append([money(float(t)), best, *cells])
        titled_table(
            f"{scenario_words(each.document)}Acceptability curve, with 95 % Monte Carlo bands, and the best on average",
            ["Worth of a QALY", "Best", *names],
            rows,
        )


def provisional(document):
    """How much rests on numbers nobody has checked, and the other warnings: a list of sentences."""
    n = len(document["provisional"])
    text = f"Provisional, that is from memory, assumed or not yet checked: {n} parameters, prices and utilities (radsim report and radsim export name them)."
    return [*([text] if n else []), *(f"{warning.rstrip('.')}." for warning in document["warnings"])]
