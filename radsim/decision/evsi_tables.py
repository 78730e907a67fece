"""Tables of proposed trials: what each is worth, and what it is expected to find."""

from __future__ import annotations

from radsim.decision.columns import number
from radsim.tables import Column, from_rows
from radsim.tables.table import WHOLE

SEVERAL = "The figures of a trial are taken as independent given the parameters."
UNSURE = (
    "Too few draws are left by weight for importance sampling in some rows: there it reads chance as information, and is too high "
    "(radsim run with more --draws)."
)


def trials(found):
    """Value of each trial by size and threshold, by both methods."""
    with_cost = any(row["enbs"] is not None for one in found.documents for row in one.get("evsi", []))
    of_all = any(row["population_value"] is not None for one in found.documents for row in one.get("evsi", []))
    columns = [
        *found.lead, Column("trial", label="Trial"), Column("arms"), Column("randomised", "patients in each arm", label="Randomised"), found.threshold(),
        found.amount("value", "expected value per patient, by regression", "EVSI", error="se"), found.amount("se", "standard error"),
        found.amount("importance_sampling", "the same by importance sampling, a check", "Check", error="importance_sampling_se"),
        found.amount("importance_sampling_se", "standard error"),
        number("effective_draws", "left by weight in the median data set", "1", decimals=0),
        number("share_of_evpi", "of the value of knowing everything", "1", label="Of EVPI", form="per_cent"),
        found.amount("population_value", "for all patients after the trial has reported", "For all" * of_all),
        found.amount("trial_cost", "of the trial", "Cost" * with_cost),
        found.amount("enbs", "expected net benefit of sampling: value for all less the cost", "Net benefit" * with_cost, signed=True, error="enbs_se"),
        found.amount("enbs_se", "standard error"),
    ]  # fmt: skip
    names = [column.name for column in columns[len(found.lead) + 3 :]]
    rows = [
        [*found.own(one), row["trial"], " v ".join(row["arms"]), " + ".join(map(str, row["randomised"])), *(row[name] for name in names)]
        for one in found.documents for row in one.get("evsi", [])
    ]  # fmt: skip
    enough = all(row["enough_draws"] for one in found.documents for row in one.get("evsi", []))
    return from_rows(
        "trials", "expected value of proposed trials", columns, rows, notes=(SEVERAL,) if enough else (SEVERAL, UNSURE),
        title=f"Expected value of sample information per patient ({found.money}), ± standard error",
    )  # fmt: skip


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
