"""Tables of proposed trials: what each is worth, and what it is expected to find."""

from __future__ import annotations

import math

from radsim.decision.columns import number
from radsim.decision.document import key
from radsim.decision.evpi import population_value
from radsim.outcomes.format import money_decimals
from radsim.outcomes.intervals import NORMAL_95
from radsim.tables import Column, from_rows
from radsim.tables.table import WHOLE

SEVERAL = "The figures of a trial are taken as independent given the parameters."
UNSURE = (
    "Too few draws are left by weight for importance sampling in some rows: there it reads chance as information, and is too high "
    "(radsim run with more --draws)."
)
BELOW = (
    "Below: less than these draws can show, since by regression no data set of the trial changes the choice. The bound is the upper end of the 95 % interval of the "
    "check, or that of a change in 3 of as many data sets as there are draws, and never the value of knowing everything; radsim run with more --draws lowers it."
)
UNSEEN_OF_NONE = 3.0
"""An event that none of n trials shows happens in fewer than 3 of n (95 %): Hanley JA, Lippman-Hand A, JAMA 1983;249:1743-1745."""


def trials(found):
    """Value of each trial by size and threshold, by both methods."""
    with_cost = any(row["enbs"] is not None for one in found.documents for row in one.get("evsi", []))
    of_all = any(row["population_value"] is not None for one in found.documents for row in one.get("evsi", []))
    columns = [
        *found.lead, Column("trial", label="Trial"), Column("arms"), Column("randomised", "patients in each arm", label="Randomised"), found.threshold(),
        found.amount("value", "expected value per patient, by regression", "EVSI", error="se", ceiling="below"), found.amount("se", "standard error"),
        found.amount("importance_sampling", "the same by importance sampling, a check", "Check", error="importance_sampling_se"),
        found.amount("importance_sampling_se", "standard error"),
        number("effective_draws", "left by weight in the median data set", "1", decimals=0),
        number("share_of_evpi", "of the value of knowing everything", "1", label="Of EVPI", form="per_cent", ceiling="share_below"),
        found.amount("population_value", "for all patients after the trial has reported", "For all" * of_all, ceiling="population_below"),
        found.amount("trial_cost", "of the trial", "Cost" * with_cost),
        found.amount("enbs", "expected net benefit of sampling: value for all less the cost", "Net benefit" * with_cost, signed=True, error="enbs_se", ceiling="enbs_below"),
        found.amount("enbs_se", "standard error"),
        found.amount("below", "bound of a value per patient that these draws cannot tell from 0"),
        number("share_below", in_files=False), number("population_below", in_files=False), number("enbs_below", in_files=False),
    ]  # fmt: skip
    names = [column.name for column in columns[len(found.lead) + 3 :]]
    values = [(one, {**row, **_bounds(row, one)}) for one in found.documents for row in one.get("evsi", [])]
    rows = [
        [*found.own(one), row["trial"], " v ".join(row["arms"]), " + ".join(map(str, row["randomised"])), *(row[name] for name in names)]
        for one, row in values
    ]  # fmt: skip
    enough = all(row["enough_draws"] for _, row in values)
    hidden = any(row["below"] is not None for _, row in values)
    return from_rows(
        "trials", "expected value of proposed trials", columns, rows, notes=(SEVERAL, *[UNSURE] * (not enough), *[BELOW] * hidden),
        title=f"Expected value of sample information per patient ({found.money}), ± standard error",
    )  # fmt: skip


def _bounds(row, document):
    """What a value that shows as 0 lies below: ``below``, ``share_below``, ``population_below``, ``enbs_below``; None where it shows as more.

    Where every draw has the same choice there is nothing to learn, and 0 is 0. The bound for all patients counts every year of the decision.
    """
    bound = hidden_value(row, document)
    if bound is None:
        return dict.fromkeys(("below", "share_below", "population_below", "enbs_below"))
    population, cost = document.get("population"), row["trial_cost"]
    of_all = row["population_value"] is not None and population_value(
        bound, per_year=population["per_year"], years=population["years"], discount=population["discount"]
    )
    return {
        "below": bound,
        "share_below": bound / document["evpi"][key(row["threshold"])],
        "population_below": None if of_all is False else float(of_all),
        "enbs_below": None if of_all is False or cost is None else float(of_all - cost),
    }


def hidden_value(row, document):
    """The largest value that a trial may have although the regression shows 0 of it.

    Parameters
    ----------
    row : dict
        Of ``evsi`` in a decision document.
    document : dict

    Returns
    -------
    float or None
        None if the regression shows a value, or nothing can be learnt. [currency]
    """
    at = key(row["threshold"])
    whole = document["evpi"][at]
    if whole <= 0.0 or round(row["value"], money_decimals(row["value"])) != 0.0:
        return None
    best = max(document["schedules"], key=lambda schedule: schedule["net_benefit"][at])
    wrong = 1.0 - best["p_cost_effective"][at]  # share of the draws in which the choice on average is not the best
    of_check = row["importance_sampling"] + NORMAL_95 * row["importance_sampling_se"]
    of_none = UNSEEN_OF_NONE / document["draws"] * whole / wrong if wrong > 0.0 else math.inf
    return min(whole, max(of_check, of_none))


def trial_figures(found):
    """What each trial is expected to find."""
    columns = [
        *found.lead, Column("trial", label="Trial"), Column("randomised", "patients in each arm", label="Randomised"), Column("outcome", label="Outcome"),
        Column("measure"), Column("arm", label="Arm"), Column("n", "patients behind the figure", kind=WHOLE, label="Patients"),
        number("expected", "mean over the draws", "1", label="Expected", form="probability", interval=("low95", "high95")),
        number("low95", "2.5th percentile of the draws", "1"), number("high95", "97.5th percentile of the draws", "1"),
    ]  # fmt: skip
    rows = {}
    for one in found.documents:
        for row in one.get("evsi", []):
            for f in row["figures"]:
                sizes = " + ".join(map(str, row["randomised"]))
                cells = [*found.own(one), row["trial"], sizes, *(f[name] for name in ("outcome", "measure", "arm", "n", "expected", "low95", "high95"))]  # fmt: skip
                rows[tuple(map(str, cells))] = cells  # once, not at every threshold
    return from_rows(
        "trial_figures", "what the proposed trials are expected to find", columns, list(rows.values()), title="What the trials are expected to find",
        notes=("Between the ends lie 95 % of the draws, without the chance of the trial itself.",),
    )  # fmt: skip
