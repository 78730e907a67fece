"""A table of structural scenarios, deterministic, with the random numbers of draw 0."""

from __future__ import annotations

from functools import cache

import numpy as np

from radsim.decision.base_case import changed_economics
from radsim.decision.document import increment_cells, key, keyed
from radsim.decision.incremental import increment
from radsim.decision.scenario_file import BASE, read_scenarios
from radsim.maths import ties
from radsim.valuation.appraisal import resolve


@cache
def packaged_scenarios():
    """Scenarios that come with radsim: a tuple of dicts with ``name``, ``config`` and ``economics``."""
    from radsim.yaml.packaged import read_packaged

    return tuple(read_scenarios(read_packaged("decision", "scenarios.yaml")))


def scenario_rows(base_case, *, thresholds, reference, scenarios=None, progress=None):
    """Costs, QALYs and the decision with one structural choice changed at a time.

    Returns
    -------
    list of dict
        The base case first: ``scenario``, ``changes``, ``schedules`` (a row each: ``cost``, ``qalys``, difference from the
        reference with quadrant and ICER, ``net_benefit``, ``incremental_net_benefit``, ``mcse``), ``best`` by threshold (the first of equal ones), ``all_best``, and
        ``said``: what must be said of it, empty if nothing. A scenario that is the base case already has ``unchanged`` instead of the
        figures, one that cannot be simulated or valued ``impossible``: each says why.
    """
    from radsim.config import ConfigError
    from radsim.evidence import EvidenceError

    chosen = [{"name": BASE}, *(every_packaged_scenario() if scenarios is None else scenarios)]
    rows, base = [], None
    for number, each in enumerate(chosen):
        row = {"scenario": each["name"], "changes": _changes(each)}
        if why := _not_served(each, base_case):
            rows.append({**row, "impossible": why})
        elif each["name"] != BASE and not _differs(each, base_case):
            rows.append({**row, "unchanged": "the base case has this already"})
        else:
            try:
                if "economics" in each:  # single values checked too
                    resolve(changed_economics(base_case.economics, each["economics"]), None)
                outcome = base_case.outcome(config=each.get("config"), economics=each.get("economics"))
            except (ConfigError, EvidenceError) as error:
                rows.append({**row, "impossible": str(error).splitlines()[0]})
            else:
                base = outcome if base is None else base
                said = NO_FIGURE if each["name"] != BASE and _is_same(outcome, base) else ""
                rows.append({**_row(each, outcome, base_case.schedules, thresholds, reference), "said": said})
        if progress is not None:
            progress(number + 1, len(chosen))
    return rows


NO_FIGURE = "changes no figure here"


def _is_same(outcome, base):
    return bool(np.array_equal(outcome.cost, base.cost) and np.array_equal(outcome.qalys, base.qalys))


def _not_served(scenario, base_case):
    """Why the prices do not serve a scenario; None where they do."""
    economics = scenario.get("economics", {})
    if not economics and "prices" not in scenario:
        return None
    prices, perspective = base_case.economics.price_set, economics.get("perspective")
    own = base_case.economics.own_price_set
    if scenario.get("prices", own.name) != own.name:
        return f"its amounts belong to the prices {scenario['prices']}, not {own.name}"
    if "prices" in scenario and prices.price_year != own.price_year:
        return f"its amounts are of the price year {own.year_text}, not {prices.year_text}"
    if "costs" in economics or perspective in (None, *prices.perspectives):
        return None
    return f"the prices {prices.name} do not serve the {perspective} perspective"


def every_packaged_scenario():
    """Packaged scenarios, and one for each packaged set of utilities."""
    from radsim.economics.sets import set_names

    sets = [{"name": f"utilities {name}", "economics": {"utilities": name}} for name in set_names("utilities")]
    return [*packaged_scenarios(), *sets]


def _differs(scenario, base_case):
    """Whether a scenario changes anything of what the base case is asked to be."""
    from radsim.config.dump import plain

    economics = scenario.get("economics", {})
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
