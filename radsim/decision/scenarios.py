"""A table of structural scenarios, deterministic, with the random numbers of draw 0."""

from __future__ import annotations

from functools import cache

from radsim.decision.document import increment_cells, key, keyed
from radsim.decision.incremental import increment
from radsim.maths import ties

BASE = "base case"


@cache
def packaged_scenarios():
    """Scenarios that come with radsim: a tuple of dicts with ``name``, ``config`` and ``economics``."""
    from radsim.yaml.packaged import read_packaged

    return tuple(read_packaged("decision", "scenarios.yaml")["scenarios"])


def scenario_rows(base_case, *, thresholds, reference, scenarios=None, progress=None):
    """Costs, QALYs and the decision with one structural choice changed at a time.

    Returns
    -------
    list of dict
        The base case first: ``scenario``, ``changes``, ``schedules`` (a row each: ``cost``, ``qalys``, difference from the
        reference with quadrant and ICER, ``net_benefit``, ``incremental_net_benefit``, ``mcse``), ``best`` by threshold (the first of equal ones), ``all_best``. A scenario
        that cannot be valued has ``impossible`` instead, and one that changes nothing is left out.
    """
    from radsim.config import ConfigError

    chosen = [{"name": BASE}, *(_all() if scenarios is None else scenarios)]
    chosen = [each for each in chosen if each["name"] == BASE or _differs(each, base_case)]
    rows = []
    for number, each in enumerate(chosen):
        try:
            outcome = base_case.outcome(config=each.get("config"), economics=each.get("economics"))
            rows.append(_row(each, outcome, base_case.schedules, thresholds, reference))
        except ConfigError as error:
            rows.append({"scenario": each["name"], "changes": _changes(each), "impossible": str(error).splitlines()[0]})
        if progress is not None:
            progress(number + 1, len(chosen))
    return rows


def _all():
    from radsim.economics.sets import set_names

    sets = [{"name": f"utilities {name}", "economics": {"utilities": name}} for name in set_names("utilities")]
    return [*packaged_scenarios(), *sets]


def _differs(scenario, base_case):
    """Whether a scenario changes anything, and prices serve its perspective."""
    from radsim.config.dump import plain

    economics = scenario.get("economics", {})
    if economics.get("perspective", base_case.economics.perspective) not in base_case.economics.price_set.perspectives:
        return False
    now = plain(base_case.economics)
    same = [_now(name, base_case) == value for name, value in scenario.get("config", {}).items()]
    for name, value in economics.items():
        there = now.get(name)
        same.append(
            all(there.get(k) == v for k, v in value.items())
            if isinstance(value, dict) and isinstance(there, dict)
            else _name(there) == value
        )
    return not all(same)


def _now(name, base_case):
    """What the base case has at a dotted path; names of parameters have dots of their own."""
    if name.startswith("parameters."):
        return base_case.parameters.get(name.removeprefix("parameters."))
    return base_case.config_value(name)


def _name(value):
    """A set in full goes by its name."""
    return value["name"] if isinstance(value, dict) and "name" in value else value


def _changes(scenario):
    return {part: dict(scenario[part]) for part in ("config", "economics") if part in scenario}


def _row(scenario, outcome, schedules, thresholds, reference):
    benefit, error = outcome.net_benefit(thresholds), outcome.error(thresholds, reference)
    rows = []
    for s, name in enumerate(schedules):
        against = increment(
            outcome.cost[s], outcome.qalys[s], comparator_cost=outcome.cost[reference], comparator_effect=outcome.qalys[reference]
        )  # fmt: skip
        rows.append({
            "schedule": name, "cost": float(outcome.cost[s]), "qalys": float(outcome.qalys[s]), **increment_cells(against),
            "net_benefit": keyed(thresholds, benefit[:, s]),
            "incremental_net_benefit": keyed(thresholds, benefit[:, s] - benefit[:, reference]), "mcse": keyed(thresholds, error[:, s]),
        })  # fmt: skip
    best = {key(t): ties.names_of_best(benefit[i], schedules) for i, t in enumerate(thresholds)}
    return {
        "scenario": scenario["name"], "changes": _changes(scenario), "schedules": rows,
        "best": {t: names[0] for t, names in best.items()}, "all_best": best,
    }  # fmt: skip
