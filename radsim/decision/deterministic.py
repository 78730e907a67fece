"""Analyses that simulate the base case again (one-way, two-way, threshold, scenarios), and the budget by year."""

from __future__ import annotations

import numpy as np

from radsim.maths import ties
from radsim.storage import UsageFault


def deterministic_analyses(dataset, data, record, economics, thresholds, reference, options):
    """One-way, two-way, threshold analysis, scenarios and budget: whatever was asked for."""
    found = {}
    if options["budget"]:
        from radsim.decision.budget import budget_impact

        _need_record(record, economics, "budget impact")
        found["budget_impact"] = budget_impact(dataset, record, economics)
    if not any(options[name] for name in ("one_way", "two_way", "break_even", "scenarios")):
        return found
    from radsim.decision import one_way, scenarios, threshold_analysis
    from radsim.decision.base_case import BaseCase

    _need_record(record, economics, "an analysis that simulates the base case again")
    base = BaseCase(
        record, economics, cohort=options["cohort"], patients=options["patients"], threads=options["threads"]
    )
    found["replayed"] = compared_with_result(base, data, options["patients"])
    how = {"thresholds": thresholds, "reference": reference}

    def telling(what):
        return progress_of(options["progress"], what)

    if names := options["one_way"]:
        names = None if names is True else list(names)
        found["one_way"] = one_way.one_way(base, record, **how, names=names, progress=telling("one-way"))
    if names := options["two_way"]:
        at = {"threshold": thresholds[0], "reference": reference, "progress": telling("two-way")}
        found["two_way"] = one_way.two_way(base, record, tuple(names), **at)
    if options["break_even"]:
        searching = telling("threshold analysis")
        found["break_even"] = threshold_analysis.threshold_analysis(
            base, record, thresholds=thresholds, progress=searching
        )
    if chosen := options["scenarios"]:
        chosen = None if chosen is True else chosen
        found["scenarios"] = scenarios.scenario_rows(base, **how, scenarios=chosen, progress=telling("scenarios"))
    return found


def compared_with_result(base_case, data, patients):
    """The base case as simulated here, and whether it is that of the result, which another version of radsim may have made."""
    base = base_case.outcome()
    same = (
        patients is None
        and np.all(ties.equal(base.cost, data.base_cost))
        and np.all(ties.equal(base.qalys, data.base_qalys))
    )
    return {
        "cost": base.cost.tolist(),
        "qalys": base.qalys.tolist(),
        "patients": patients,
        "is_that_of_the_result": bool(same),
    }


def _need_record(record, economics, what):
    if record is None or economics is None:
        raise UsageFault(f"{what}: needs a result with its run record and its prices and utilities")


def progress_of(progress, what):
    """A callback of ``done, total`` that says what is being done; None without a callback."""
    return None if progress is None else lambda done, total: progress(what, done, total)
