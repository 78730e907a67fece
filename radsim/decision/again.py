"""What takes more than the draws of a result: the base case played again, and a budget by year."""

from __future__ import annotations

import numpy as np

from radsim import ties
from radsim.storage import UsageFault


def played_again(dataset, data, record, economics, thresholds, reference, options):
    """One-way, two-way, break-even, scenarios and budget: whatever was asked for."""
    found = {}
    if options["budget"]:
        from radsim.decision.budget import budget_impact

        _need_record(record, economics, "budget impact")
        found["budget_impact"] = budget_impact(dataset, record, economics)
    if not any(options[name] for name in ("one_way", "two_way", "break_even", "scenarios")):
        return found
    from radsim.decision import break_even, one_way, scenarios
    from radsim.decision.replay import Replay

    _need_record(record, economics, "an analysis that plays the base case again")
    replay = Replay(
        record, economics, cohort=options["cohort"], patients=options["patients"], threads=options["threads"]
    )
    found["replayed"] = replayed(replay, data, options["patients"])
    how = {"thresholds": thresholds, "reference": reference}
    if options["one_way"]:
        names = None if options["one_way"] is True else list(options["one_way"])
        telling = told(options["progress"], "one-way")
        found["one_way"] = one_way.one_way(replay, record, **how, names=names, progress=telling)
    if options["two_way"]:
        telling = told(options["progress"], "two-way")
        found["two_way"] = one_way.two_way(
            replay, record, tuple(options["two_way"]), threshold=thresholds[0], reference=reference, progress=telling
        )
    if options["break_even"]:
        telling = told(options["progress"], "break-even")
        found["break_even"] = break_even.break_even(replay, record, thresholds=thresholds, progress=telling)
    if options["scenarios"]:
        chosen = None if options["scenarios"] is True else options["scenarios"]
        telling = told(options["progress"], "scenarios")
        found["scenarios"] = scenarios.scenario_table(replay, **how, scenarios=chosen, progress=telling)
    return found


def replayed(replay, data, patients):
    """The base case as played here, and whether it is that of the result, which another version of radsim may have made."""
    base = replay.outcome()
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


def told(progress, what):
    """A callback of ``done, total`` that says what is being done; None without a callback."""
    return None if progress is None else lambda done, total: progress(what, done, total)
