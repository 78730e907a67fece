"""What a run says of its question and its results, item by item of the checklist; an empty text where it says nothing."""

from __future__ import annotations

from radsim.export.cheers_methods import changed_scenarios
from radsim.outcomes.format import money, number, probability, significant
from radsim.presentation.words import listed

ORIGIN = "origin"


def compared(run):
    """That it is an economic evaluation by simulation, and of what."""
    if run.economics is None:
        return ""
    return f"Cost-utility analysis by simulation of {' v '.join(run.schedules)} for a painful bone metastasis."


def inputs(run):
    """How many inputs there are, how many are provisional, and where they are listed."""
    dataset = run.dataset
    clinical = dataset.sizes.get("parameter", 0)
    economic = dataset.sizes.get("economic_parameter", 0)
    parts = [f"{clinical} clinical parameters"] + ([f"{economic} prices and utilities"] if economic else [])
    text = f"{listed(parts)}; {len(run.record['provisional'])} of those used are provisional or scenarios."
    return f"{text} Each with value, uncertainty, unit, population, source and status: radsim evidence, and the table inputs of radsim export."


def main_results(run):
    """Means of costs and QALYs, and the increments against the reference with their quadrant."""
    if run.is_sweep and run.documents:
        return f"{len(run.documents)} scenarios, each with costs, QALYs and increments: table incremental of radsim export."
    return _main_results(run.documents[0]) if run.documents else ""


def _main_results(document):
    currency, rows = document["currency"], document["schedules"]
    basis = f"means of {document['draws']:,} draws" if document["draws"] else "deterministic base case"
    means = [f"{row['schedule']} {money(row['cost'], currency)}, {number(row['qalys'], 3)} QALYs" for row in rows]
    gaps = [_gap(row, currency) for row in rows if row["schedule"] != document["reference"]]
    text = f"Per patient ({basis}): {'; '.join(means)}."
    text += f" Against {document['reference']}: {'; '.join(gaps)}." if gaps else ""
    if not document["draws"]:
        return text
    values = [
        f"{row['schedule']} {money(row['cost_deterministic'], currency)}, {number(row['qalys_deterministic'], 3)} QALYs"
        for row in rows
    ]
    return f"{text} The deterministic base case: {'; '.join(values)}; it takes the central value of each parameter, of a skewed one its median."


def _gap(row, currency):
    against = row["versus_reference"]
    text = f"{row['schedule']} {money(against['incremental_cost'], currency)}, {number(against['incremental_qalys'], 4)} QALYs"
    icer = f", ratio {money(against['icer'], currency)} per QALY" if against["icer"] is not None else ""
    where = "" if against["quadrant"] == ORIGIN else f", quadrant {against['quadrant']}"
    return f"{text}{icer}{where} ({against['meaning']})"


def effect_of_uncertainty(run):
    """Probability of being cost-effective and value of information at each threshold; scenarios and single parameters, where they were asked for."""
    if run.is_sweep or not run.documents:
        return ""
    document = run.documents[0]
    said = [_at(document, threshold) for threshold in document["evpi"]] if document["draws"] else []
    return " ".join([*said, *_of_scenarios(document), *_of_single_parameters(document), *_of_thresholds(document)])


def _of_scenarios(document):
    """Of each schedule the least and the greatest net benefit against the reference over the scenarios, and where another is the best."""
    rows, threshold = changed_scenarios(document), next(iter(document["schedules"][0]["net_benefit"]))
    if not rows:
        return
    ranges = []
    for i, schedule in enumerate(document["schedules"]):
        if schedule["schedule"] == document["reference"]:
            continue
        values = [(row["schedules"][i]["incremental_net_benefit"][threshold], row["scenario"]) for row in rows]
        (low, lowest), (high, highest) = min(values), max(values)
        unit = document["currency"]
        ranges.append(f"{schedule['schedule']} from {money(low, unit)} ({lowest}) to {money(high, unit)} ({highest})")
    best = document["scenarios"][0]["all_best"][threshold]
    others = [row["scenario"] for row in rows if row["all_best"][threshold] != best]
    choice = f"not that of the base case in {listed(others)}" if others else "that of the base case in all of them"
    at = money(float(threshold), document["currency"])
    yield (
        f"Over {len(rows)} scenarios of the deterministic base case, of structure, horizon, discounting and valuation, net benefit at {at} per QALY "
        f"against {document['reference']}: {'; '.join(ranges)}. The best choice is {choice}."
    )


def _of_single_parameters(document):
    """The parameter that moves net benefit most, and those whose range changes the best choice."""
    rows = document.get("one_way") or []
    if not rows:
        return
    threshold, widest = next(iter(rows[0]["base"])), rows[0]
    turning = sorted({row["parameter"] for row in rows if row["best_at_low"] != row["best_at_high"]})
    yield (
        f"One parameter at a time at its 2.5th and 97.5th percentile: {widest['parameter']} moves the net benefit of {widest['schedule']} most, from "
        f"{money(widest['at_low'][threshold], document['currency'])} to {money(widest['at_high'][threshold], document['currency'])}; "
        f"{_turning(turning)}."
    )


def _turning(names):
    return f"the best choice differs between the ends of {listed(names)}" if names else "none changes the best choice"


def _of_thresholds(document):
    """Where another schedule becomes the best."""
    rows = [row for row in document.get("break_even") or [] if row["flips"]]
    if not document.get("break_even"):
        return
    said = [
        f"{row['parameter']} {significant(flip['at'])} at {money(row['threshold'], document['currency'])} per QALY ({flip['below']} below, "
        f"{flip['above']} above; base case {significant(row['value'])} {row['unit']})"
        for row in rows for flip in row["flips"]
    ]  # fmt: skip
    yield (
        f"Threshold analysis: another schedule becomes the best at {'; '.join(said)}."
        if said
        else "Threshold analysis: the same schedule is the best over the ranges searched."
    )


def _at(document, threshold):
    currency = document["currency"]
    shares = [f"{row['schedule']} {probability(row['p_cost_effective'][threshold])}" for row in document["schedules"]]
    best = document["best"][threshold]
    return (
        f"At {money(float(threshold), currency)} per QALY {listed(best)} {'has' if len(best) == 1 else 'have'} the greatest mean net benefit; probability of being "
        f"cost-effective {', '.join(shares)}; expected value of perfect information {money(document['evpi'][threshold], currency)} per patient."
    )
