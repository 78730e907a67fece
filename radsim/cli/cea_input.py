"""What `radsim cea` was given, checked before any work: a result or another model's draws, and how to value them."""

from __future__ import annotations

import contextlib
import importlib.util

from radsim import provenance
from radsim.cli.rerun import cohort_file
from radsim.cli.shared import note
from radsim.config import load_config
from radsim.config.dump import plain
from radsim.decision.base_case import changed_economics
from radsim.decision.evppi import LEAST_DRAWS
from radsim.decision.other_model import read_other_model
from radsim.decision.scenario_file import read_scenarios
from radsim.decision.scenarios import every_packaged_scenario
from radsim.storage import UsageFault
from radsim.valuation.appraisal import resolve

NO_EVPPI = "none"
MOST_SCHEDULES = 12
"""Of which partial information is valued without being asked for: each takes a regression for every group and threshold."""


def other_model(result, costs, effects, parameters, currency):
    """The draws of another model as an opened dataset, or None where there is a RESULT."""
    given = [path for path in (costs, effects, parameters) if path is not None]
    if result is not None:
        if given or currency is not None:
            raise UsageFault("RESULT, or --psa-costs with --psa-effects: expected one of them, found both")
        return None
    if costs is None or effects is None:
        raise UsageFault("expected RESULT, or another model's draws with --psa-costs FILE and --psa-effects FILE")
    return contextlib.nullcontext(read_other_model(costs, effects, parameters, currency=currency or "currency"))


def record_of(dataset):
    """The run record; None where there is none: a sweep, or not a result of radsim."""
    return provenance.from_dataset(dataset) if provenance.RECORD_ATTRIBUTE in dataset.attrs else None


def check(dataset, path, needing_draws):
    """Refuse a result without what costs are made of, and one without draws where an option that needs them was given."""
    is_ours = provenance.RECORD_ATTRIBUTE in dataset.attrs or not {"cost", "qalys"} <= set(dataset.variables)
    if is_ours and (missing := [name for name in ("occupancy", "count") if name not in dataset.variables]):
        raise UsageFault(f"{path}: expected a result with occupancy and count (radsim run -o), found no {missing[0]}")
    options = [option for option, value in needing_draws.items() if value]
    if options and not (dataset["draw"].values >= 1).any():
        raise UsageFault(
            f"{options[0]}: needs draws of the parameters (radsim run --draws N), found the base case alone in {path}"
        )


def check_trial(trials, **options):
    """Refuse what is said of a trial where there is none."""
    if not trials and (named := [name for name, value in options.items() if value not in (None, (), 0)]):
        raise UsageFault(f"--{named[0].replace('_', '-')}: needs --evsi TRIAL.yaml")


def check_value(dataset, path, record, economics):
    """Refuse a result without costs if nothing says how to value it."""
    if not {"cost", "qalys"} <= set(dataset.variables) and economics is None and "economics" not in (record or {}):
        raise UsageFault(
            f"{path}: expected a result with economics, or how to value it (--costs uk, --economics FILE.yaml); found neither"
        )


def partial_information(dataset, names):
    """What `cost_effectiveness` is to find the value of: what was typed, or every group where that can be done."""
    if NO_EVPPI in names:
        return ()
    if names:
        return names[0] if len(names) == 1 else names
    enough = int((dataset["draw"].values >= 1).sum()) >= LEAST_DRAWS
    known = any(name in dataset.variables for name in ("parameter_value", "economic_parameter_value"))
    if not enough or not known or "scenario" in dataset.dims:
        return ()
    if (n := dataset.sizes["schedule"]) > MOST_SCHEDULES:
        note(f"{n} schedules: the value of partial information is left out, as it takes long (--evppi groups gives it)")
        return ()
    if importlib.util.find_spec("sklearn") is None:
        note('without scikit-learn no value of partial information: pip install "radsim[economics]"')
        return ()
    return "groups"


def scenarios(packaged, file):
    """Whether the packaged scenarios are wanted, or those of a file; both one after the other."""
    if file is None:
        return packaged
    own = read_scenarios(file)
    return [*every_packaged_scenario(), *own] if packaged else own


def cohort(record, result, given):
    """Path of the cohort file where the result has one and it can be found, its content verified."""
    if record is None:
        return None
    try:
        return cohort_file(record, result, given)
    except provenance.RecordFault:
        if given is not None:
            raise
        return None  # needed only where the base case is simulated again, which says so


def revalued(record, file, changes):
    """How to value anew: an `Economics`, or None to leave the result as it was valued."""
    wanted = _changes(changes)
    if file is None and not wanted:
        return None
    if file is not None:
        start = load_config(file, overrides={"schedules": ["8Gy/1"]}).economics
        if start is None:
            raise UsageFault(f"{file}: expected a section economics, found none")
    elif (record or {}).get("economics") is None and "costs" in wanted:
        return load_config({"schedules": ["8Gy/1"], "economics": wanted}).economics
    else:
        start = resolve(None, record)
    changed = changed_economics(start, wanted)
    return load_config({"schedules": ["8Gy/1"], "economics": plain(changed)}).economics  # single values checked too


def _changes(options):
    """Options of the command line as keys of the section `economics`."""
    sets = ("costs", "utilities", "perspective", "combination", "price_year")
    found = {name: options[name] for name in sets if options[name] is not None}
    rates = {name: options[f"discount_{name}"] for name in ("costs", "effects")}
    if given := {name: rate for name, rate in rates.items() if rate is not None}:
        found["discount"] = given
    if options["settings"]:
        found["values"] = _settings(options["settings"])
    return found


def _settings(texts):
    """Numbers by name of every `NAME=NUMBER`; a name is given once."""
    found = {}
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        try:
            number = float(value)
        except ValueError:
            raise UsageFault(f"--set: expected NAME=NUMBER, found {text}") from None
        if name in found:
            raise UsageFault(f"--set {name}: expected once, found {found[name]:.10g} and {value}")
        found[name] = number
    return found
