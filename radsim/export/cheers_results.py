"""What a run says of its question and its results, item by item of the checklist; an empty text where it says nothing."""

from __future__ import annotations

from radsim.outcomes.format import money, number, probability
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
    text = f"{listed(parts)}; {len(run.record['provisional'])} of those used are provisional."
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
    return f"{text} Against {document['reference']}: {'; '.join(gaps)}." if gaps else text


def _gap(row, currency):
    against = row["versus_reference"]
    text = f"{row['schedule']} {money(against['incremental_cost'], currency)}, {number(against['incremental_qalys'], 4)} QALYs"
    icer = f", ratio {money(against['icer'], currency)} per QALY" if against["icer"] is not None else ""
    where = "" if against["quadrant"] == ORIGIN else f", quadrant {against['quadrant']}"
    return f"{text}{icer}{where} ({against['meaning']})"


def effect_of_uncertainty(run):
    """Probability of being cost-effective and value of information at each threshold."""
    if run.is_sweep or not run.documents:
        return ""
    document = run.documents[0]
    if not document["draws"]:
        return ""
    return " ".join(_at(document, threshold) for threshold in document["evpi"])


def _at(document, threshold):
    currency = document["currency"]
    shares = [f"{row['schedule']} {probability(row['p_cost_effective'][threshold])}" for row in document["schedules"]]
    best = document["best"][threshold]
    return (
        f"At {money(float(threshold), currency)} per QALY {listed(best)} {'has' if len(best) == 1 else 'have'} the greatest mean net benefit; probability of being "
        f"cost-effective {', '.join(shares)}; expected value of perfect information {money(document['evpi'][threshold], currency)} per patient."
    )
