"""Every table of a decision as data, built from the document of `radsim cea --json`; `radsim.tables` prints them."""

from __future__ import annotations

from radsim.decision.columns import basis, found_in, identified, is_probabilistic, number, standing, versus
from radsim.decision.deterministic_tables import AGAIN
from radsim.decision.distribution_tables import equity, equity_groups, responders, severity
from radsim.decision.document import curves
from radsim.decision.evsi_tables import trial_figures, trials
from radsim.decision.group_tables import burden, individualised, subgroups
from radsim.decision.samples import ALL_PATIENTS
from radsim.outcomes.format import count, money, probability
from radsim.presentation.words import listed
from radsim.tables import Column, from_rows
from radsim.tables.table import NUMBER, TEXT, WHOLE

WITHOUT_DRAWS = (
    "No parameter draws in this result: the figures are of the deterministic base case. An acceptability curve and the value of "
    "information need radsim run --draws N."
)
ONE_A_SCENARIO = ("incremental", "net_benefit", "information")
"""Tables that a page shows of a sweep too: the others would be many."""

OWN = (
    "schedule", "cost", "cost_low95", "cost_high95", "qalys", "qalys_low95", "qalys_high95", "cost_deterministic",
    "qalys_deterministic", "life_years", "comparator", "incremental_cost", "incremental_cost_low95", "incremental_cost_high95",
    "incremental_qalys", "incremental_qalys_low95", "incremental_qalys_high95", "icer", "quadrant", "meaning", "status",
)  # fmt: skip
VERSUS = (
    "incremental_cost", "incremental_cost_low95", "incremental_cost_high95", "incremental_qalys", "incremental_qalys_low95",
    "incremental_qalys_high95", "icer", "quadrant",
)  # fmt: skip
"""Fields of a schedule, and of its comparison with the reference, in the order of the columns of the incremental table."""


def decision_tables(analysis):
    """Tables of an analysis.

    Parameters
    ----------
    analysis : radsim.decision.Analysis, dict or None
        What `radsim.cost_effectiveness` gives, or its document.

    Returns
    -------
    list of radsim.tables.Table
        ``incremental``: a row a schedule; ``net_benefit``: a row a schedule and threshold; and whatever else the analysis has. Empty for
        None.
    """
    found = found_in(analysis)
    if found is None:
        return []
    makers = {
        "schedules": (incremental, net_benefit, cost_components, worked_out), "evpi": (information,), "evsi": (trials, trial_figures), "monte_carlo": (monte_carlo,),
        "subgroups": (subgroups,), "individualised": (individualised,), "burden": (burden,),
        "responders": (responders,), "severity": (severity,), "equity": (equity, equity_groups),
        **AGAIN,
    }  # fmt: skip
    return [
        identified(make(found), found)
        for part, parts in makers.items()
        if any(one.get(part) for one in found.documents)
        for make in parts
    ]


def incremental(found):
    """Costs, QALYs, increments, ICER and dominance, by rising cost."""
    reference = found.first["reference"]
    year = {"units": "year", "decimals": 4}
    drawn = "mean of draws 1, 2, ..., or base case without draws"
    low, high = "2.5th percentile of the draws", "97.5th percentile of the draws"
    base = is_probabilistic(found)
    other = any(
        row["comparator"] != reference and row["schedule"] != reference
        for one in found.documents
        for row in one["schedules"]
    )  # otherwise the increments are against the reference already
    parts = list(
        dict.fromkeys(
            name for one in found.documents for row in one["schedules"] for name in row.get("cost_by_component", ())
        )
    )
    columns = [
        *found.lead, Column("schedule", "by rising cost", label="Schedule"),
        found.amount("cost", drawn, "Cost"), found.amount("cost_low95", low), found.amount("cost_high95", high),
        number("qalys", drawn, label="QALYs", **year), number("qalys_low95", low, **year), number("qalys_high95", high, **year),
        found.amount("cost_deterministic", "draw 0", "Base cost" * base),
        number("qalys_deterministic", "draw 0", label="Base QALYs" * base, **year),
        number("life_years", "mean, undiscounted", label="Life years" * any("life_years" in row for one in found.documents for row in one["schedules"]), units="year", decimals=2),
        Column("comparator", "undominated schedule before it by cost, which the increments are against"),
        *_increments(found, "", "against the comparator", "", shown=True),
        number("icer", "empty where the schedule is dominated", f"{found.money} per QALY"),
        Column("quadrant", "of the increments against the comparator", label="Quadrant"), Column("meaning", "what the quadrant says"),
        Column("status", "undominated, dominated or extendedly dominated; equal: undominated, as are those it is equal to"),
        Column("standing", label="ICER", in_files=False),
        Column("dominated_by", "by which schedules"), Column("equal_to", "schedules of equal cost and QALYs"),
        Column("reference", "schedule of the columns that follow"),
        *_increments(found, "_versus_reference", "against the reference", f" vs {reference}", shown=other),
        number("icer_versus_reference", "read it with its quadrant", f"{found.money} per QALY"),
        Column("quadrant_versus_reference", label=f"Quadrant vs {reference}" * other),
        Column("versus_reference", label=f"ICER vs {reference}" * other, in_files=False),
        *(found.amount(f"cost_{name}", "mean cost of this part") for name in parts),
    ]  # fmt: skip
    rows = [
        [
            *found.own(one), *(row.get(name) for name in OWN), standing(row), *(" + ".join(row.get(name, [])) for name in ("dominated_by", "equal_to")),
            one["reference"], *(row["versus_reference"].get(name) for name in VERSUS), versus(row["versus_reference"]),
            *(row.get("cost_by_component", {}).get(name) for name in parts),
        ]
        for one in found.documents for row in sorted(one["schedules"], key=lambda each: each["cost"])
    ]  # fmt: skip
    notes = ("By rising cost, each against the undominated schedule before it. A dominated schedule has no ICER.",)
    notes = (f"{notes[0]} Base: the deterministic base case.",) if base else (*notes, WITHOUT_DRAWS)
    return from_rows(
        "incremental", "costs, QALYs, increments, ICER and dominance", columns, rows,
        title=f"Cost-effectiveness ({basis(found)})", notes=notes,
    )  # fmt: skip


def _increments(found, suffix, against, beside, *, shown):
    """Columns of the increments of cost and QALYs, and the ends of their intervals."""
    ends = "2.5th percentile of the draws", "97.5th percentile of the draws"
    year = {"units": "year", "decimals": 4}

    def pair(name, make, label, **how):
        low, high = f"{name}_low95{suffix}", f"{name}_high95{suffix}"
        seen = {"interval": (low, high)} if found.first["draws"] > 1 else {}
        whole = make(f"{name}{suffix}", against, label=f"{label}{beside}" * shown, signed=True, **how, **seen)
        return whole, *(make(end, f"{against}, {text}", **how) for end, text in zip((low, high), ends, strict=True))

    return *pair("incremental_cost", found.amount, "+ cost"), *pair("incremental_qalys", number, "+ QALYs", **year)


def net_benefit(found):
    """Net benefits and the probability of being cost-effective, by threshold."""
    probabilistic, reference = is_probabilistic(found), found.first["reference"]
    end = "2.5th percentile of the draws", "97.5th percentile of the draws"
    inmb = "incremental_net_benefit"
    columns = [
        *found.lead, found.threshold(), Column("schedule", label="Schedule"),
        found.amount("net_monetary_benefit", "mean"), number("net_health_benefit", "mean", "year"),
        number("p_cost_effective", "share of draws in which it is the best; ties are shared", "1", label="P best at {}" * probabilistic, spread=True, form="probability"),
        found.amount(inmb, "against the reference", "INMB at {}", spread=True, signed=True, interval=(f"{inmb}_low95", f"{inmb}_high95")),
        found.amount(f"{inmb}_low95", end[0]), found.amount(f"{inmb}_high95", end[1]),
        Column("reference"), Column("best", "yes where the mean net benefit is the greatest"),
    ]  # fmt: skip
    rows = [
        [
            *found.own(one), float(t), row["schedule"], row["net_benefit"][t], row["net_health_benefit"][t], row["p_cost_effective"][t],
            *(row["versus_reference"][f"{inmb}{part}"][t] for part in ("", "_low95", "_high95")),
            one["reference"], "yes" if row["schedule"] in one["best"][t] else "no",
        ]
        for one in found.documents for row in one["schedules"] for t in row["net_benefit"]
    ]  # fmt: skip
    several = ", with the interval of 95 % of the draws" if found.first["draws"] > 1 else ""
    title = f"Incremental net monetary benefit (INMB) against {reference}{several}"
    return from_rows(
        "net_benefit", "net benefit and probability of being cost-effective", columns, rows, across="threshold",
        title=f"{title}{', and probability of being the best choice (P best)' * probabilistic}",
        notes=() if found.lead else (best_choice(found.first),),
    )  # fmt: skip


def cost_components(found):
    """Mean cost of each part by schedule, and how it differs from the reference."""
    columns = [
        *found.lead, Column("component", "part of the cost", label="Part of the cost"), Column("schedule"),
        found.amount("cost", "mean, discounted", "{}", spread=True), found.amount("share", "of the cost of the schedule")._replace(units="1", form="per_cent"),
        found.amount("versus_reference", "less the reference"), Column("reference"),
    ]  # fmt: skip
    rows = []
    for one in found.documents:
        by_schedule = {row["schedule"]: row.get("cost_by_component", {}) for row in one["schedules"]}
        costs = {row["schedule"]: row["cost"] for row in one["schedules"]}
        own = by_schedule[one["reference"]]
        for part in own:
            if not any(parts[part] for parts in by_schedule.values()):
                continue
            for name, parts in by_schedule.items():
                less = None if name == one["reference"] else parts[part] - own[part]
                share = parts[part] / costs[name] if costs[name] else None
                rows.append([*found.own(one), part.replace("_", " "), name, parts[part], share, less, one["reference"]])
    return from_rows(
        "cost_components", "mean cost of each part by schedule", columns, rows, across="schedule", title=f"Cost by part ({found.money}), mean, discounted",
    )  # fmt: skip


def worked_out(found):
    """Net benefit step by step, for a reader who works it out again: a workbook holds the formulas."""
    year = {"units": "year"}
    columns = [
        *found.lead, found.threshold()._replace(label=""), Column("schedule"), found.amount("cost", "mean"), number("qalys", "mean", **year),
        Column("reference"), found.amount("cost_of_reference", "mean"), number("qalys_of_reference", "mean", **year),
        found.amount("net_monetary_benefit", "threshold times QALYs, less cost")._replace(formula="{threshold}*{qalys}-{cost}"),
        found.amount("incremental_cost", "less the reference")._replace(formula="{cost}-{cost_of_reference}"),
        number("incremental_qalys", "less the reference", formula="{qalys}-{qalys_of_reference}", **year),
        found.amount("incremental_net_benefit", "threshold times incremental QALYs, less incremental cost")._replace(formula="{threshold}*{incremental_qalys}-{incremental_cost}"),
        number("ratio", "incremental cost over incremental QALYs: an ICER only where cost and QALYs both rise or both fall", f"{found.money} per QALY", formula="{incremental_cost}/{incremental_qalys}"),
    ]  # fmt: skip
    rows = []
    for one in found.documents:
        reference = next(row for row in one["schedules"] if row["schedule"] == one["reference"])
        for t in map(float, reference["net_benefit"]):
            for row in one["schedules"]:
                cost, qalys = row["cost"] - reference["cost"], row["qalys"] - reference["qalys"]
                rows.append([
                    *found.own(one), t, row["schedule"], row["cost"], row["qalys"], one["reference"], reference["cost"], reference["qalys"],
                    t * row["qalys"] - row["cost"], cost, qalys, t * qalys - cost, cost / qalys if qalys else None,
                ])  # fmt: skip
    return from_rows("worked_out", "net benefit step by step; in a workbook with its formulas", columns, rows)


def best_choice(document):
    """Which schedule has the highest net benefit at each threshold, and how probably it is the best."""
    at = {}
    for key, names in document["best"].items():
        at.setdefault(tuple(names), []).append(key)
    shares = {row["schedule"]: row["p_cost_effective"] for row in document["schedules"]}
    return " ".join(_best_words(names, keys, shares[names[0]], document["currency"]) for names, keys in at.items())


def _best_words(names, keys, shares, currency):
    where = listed([money(float(key), currency) for key in keys])
    verb, each = ("has", "") if len(names) == 1 else ("are equal and have", " each")
    known = [probability(shares[key]) for key in keys if shares[key] is not None]
    how = f" (probability of being the best choice: {listed(known)}{each})" if known else ""
    return f"{listed(names)} {verb} the highest net benefit at {where} per QALY{how}."


def information(found):
    """Expected value of perfect and of partial perfect information, that of everything first, then by falling value."""
    columns = [
        *found.lead, found.threshold(), Column("of", "everything (EVPI), or the parameters that would be known (EVPPI)", label="Known"),
        found.amount("value", "expected value per patient", "at {}", spread=True, error="se"), found.amount("se", "standard error"),
        found.amount("adjusted", "less the Monte Carlo noise within draws", "at {}, noise removed", spread=True),
    ]  # fmt: skip
    rows, without_value = [], set()
    for one in found.documents:
        for t, value in one["evpi"].items():
            rows.append(
                [*found.own(one), float(t), "everything", value, one["evpi_se"].get(t), one["evpi_adjusted"].get(t)]
            )
        highest = {}
        for row in one["evppi"]:
            highest[_name(row)] = max(highest.get(_name(row), 0.0), row["value"])
        without_value |= {name for name, value in highest.items() if value == 0.0}
        for row in sorted(one["evppi"], key=lambda row: -highest[_name(row)]):
            rows.append([*found.own(one), float(row["threshold"]), _name(row), row["value"], row["se"], None])
    return from_rows(
        "information", "expected value of information", columns, rows, across="threshold",
        title=f"Expected value of information per patient ({found.money}), ± standard error: of everything (EVPI), of some parameters (EVPPI)",
        notes=_notes_on_information(found, without_value),
        most_rows=None if found.lead else 1 + len({_name(row) for row in found.first["evppi"]} - without_value),
    )  # fmt: skip


def _name(row):
    return row["parameters"] if isinstance(row["parameters"], str) else " + ".join(row["parameters"])


def _notes_on_information(found, without_value):
    notes, one = [], found.first
    if found.lead:
        return ()
    if without_value:
        names = dict.fromkeys(_name(row) for row in one["evppi"] if _name(row) in without_value)
        notes.append(f"Knowing them would change no decision (EVPPI 0): {', '.join(names)}.")
    if "population" in one:
        p = one["population"]
        values = ", ".join(f"{money(value)} at {money(float(t))}" for t, value in p["evpi"].items())
        notes.append(
            f"For {p['per_year']:g} patients a year over {p['years']} years, discounted at {p['discount']:g}: EVPI {values}."
        )
    return tuple(notes)


def monte_carlo(found):
    """Monte Carlo error of the incremental net benefits, its parts, and what more patients or draws would buy."""
    columns = [
        *found.lead, found.threshold(), Column("schedule", label="Schedule"),
        found.amount("incremental_net_benefit", "mean, against the reference", "INMB", signed=True),
        found.amount("mcse", "Monte Carlo standard error", "Error"), found.amount("first_order", "for the finite number of patients", "of patients"),
        found.amount("second_order", "for the finite number of draws", "of draws"),
        number("noise_share", "share of the patients' noise in the variance between draws", "1", label="Noise share", form="per_cent"),
    ]  # fmt: skip
    names = [column.name for column in columns[len(found.lead) + 1 :]]
    rows = [
        [*found.own(one), float(t), *(row[name] for name in names)]
        for one in found.documents for t, part in one["monte_carlo"].items() for row in part["incremental_net_benefit"]
    ]  # fmt: skip
    plans = [(t, part["plan"]) for t, part in found.first["monte_carlo"].items() if part["plan"] is not None]
    return from_rows(
        "monte_carlo", "Monte Carlo error of the incremental net benefit, and its parts", columns, rows,
        title="Monte Carlo error of the incremental net monetary benefit (INMB), and its parts",
        notes=tuple(f"At {money(float(t))}: {advice(plan)}" for t, plan in plans),
    )  # fmt: skip


def advice(plan):
    """What a wanted precision takes, in a sentence or two."""
    best, second = plan["schedules"]
    text = f"for an error of {money(plan['wanted'])} in {best} minus {second}, {count(plan['draws_at_present_patients'])} draws with as many patients as now"
    if plan["patients_at_present_draws"] is not None:
        text += f", or {count(plan['patients_at_present_draws'])} patients with as many draws"
    text = f"precise enough; {text}" if plan["reached"] else text
    return f"{text}. With {count(plan['patients_for_small_noise'])} patients in a draw, chance among patients is a tenth of the variance between draws."


def curve(analysis):
    """The acceptability curve along thresholds (CEAC), with its bands; a page shows that of all patients."""
    found, rows = found_in(analysis), []
    for each in analysis.scenarios or [analysis]:
        for group, data in each.populations.items():
            rows += [
                [*found.own(each.document), group, *row]
                for row in _curve_rows(curves(data, each.thresholds), data.schedules)
            ]
    columns = [
        *found.lead, Column("subgroup", in_files=len(analysis.populations) > 1), found.threshold(), Column("schedule"),
        number("acceptability", "probability of being cost-effective", "1", label="{}", spread=True, form="probability", interval=("acceptability_low95", "acceptability_high95")),
        number("acceptability_low95", "lower end of its 95 % Monte Carlo band", "1"), number("acceptability_high95", "upper end of its 95 % Monte Carlo band", "1"),
        found.amount("expected_loss", "mean net benefit forgone"), Column("best", label="Best on average", in_files=False),
    ]  # fmt: skip
    of_all = len({row[1] for row in rows if row[0] == ALL_PATIENTS})
    table = from_rows(
        "ceac", "acceptability curve along thresholds", columns, rows, across="schedule",
        title="Acceptability curve, with 95 % Monte Carlo bands, and the best on average", most_rows=None if found.lead else of_all,
    )  # fmt: skip
    return identified(table, found)


def _curve_rows(found, names):
    for i, t in enumerate(found["threshold"]):
        best = " = ".join(name for name, is_best in zip(names, found["is_best"][i], strict=True) if is_best)
        for s, name in enumerate(names):
            yield t, name, *(found[part][i, s] for part in ("acceptability", "low95", "high95", "expected_loss")), best


def schedules(analysis):
    """Every number of the document by schedule, one column each: the table of `radsim cea --csv`."""
    found = found_in(analysis)
    rows = [
        {**one.get("scenario", {}), **_flat(row), "currency": one["currency"], "price_year": one["price_year"]}
        for one in found.documents for row in one["schedules"]
    ]  # fmt: skip
    columns = [Column(name, kind=_kind([row[name] for row in rows])) for name in rows[0]]
    table = from_rows("schedules", "all numbers by schedule", columns, [list(row.values()) for row in rows])
    return identified(table, found)


def _flat(row, prefix=""):
    cells = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= _flat(value, f"{prefix}{name}_")
        else:
            cells[f"{prefix}{name}"] = " + ".join(value) if isinstance(value, list) else value
    return cells


def _kind(values):
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return WHOLE
    return NUMBER if all(value is None or isinstance(value, float) for value in values) else TEXT
