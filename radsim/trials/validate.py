"""Rerun trials and measure how well they were predicted: rows, contrasts and a summary, as `radsim validate --json` prints them.

Three uncertainties go into an interval: of the parameters (a draw each), between trials (each study has shifts of its own, the same in
all its arms and outcomes: `trials.differences`), and the arm's own binomial sampling.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit

from radsim.engine import n_threads
from radsim.evidence import load_registry
from radsim.trials.differences import draw_shifts, event_shifts
from radsim.trials.load import load_trial, load_trials, shipped_trials
from radsim.trials.model import Trial
from radsim.trials.predictive import binomial_mixture, difference_mixture
from radsim.trials.rerun import predict
from radsim.trials.scores import crps, is_inside, reference_crps, reference_pools, schedule_class, summarise
from radsim.trials.study import EVIDENCE, SEED, prepare_trial
from radsim.yaml.faults import ConfigError, Fault
from radsim.yaml.packaged import read_packaged

N_DRAWS = 200
N_PATIENTS = 4000
"""Virtual patients of each arm and draw. Their error is at most 0.8 points and differs from draw to draw, against five points of
sampling in an arm of a hundred patients and more between trials: it widens an interval by a fiftieth at most (survival of 1157)."""

POSTERIOR = Path(__file__).parents[1] / "data" / "draws" / "posterior.nc"
OWN_SHIFTS = ("pathological_fracture", "spinal_cord_compression", "pain_flare", "acute_toxicity")
"""Events that differ between trials by shifts of their own; retreatment does by its offers, survival by its population."""
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
KINDS = ("calibration", "held_out")
FEWEST_INSIDE = 0.90
SEED_STRIDE = 2**32  # between the seeds of draws
SEEDS = 2**53


def validate(
    trials: str | os.PathLike[str] | Trial | Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    draws: int = N_DRAWS,
    patients: int = N_PATIENTS,
    seed: int = SEED,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, Any]:
    """Rerun trials in silico and compare what was observed with its predictive distribution.

    Parameters
    ----------
    trials : path, Trial, mapping or a list of these, optional
        Files, folders of files, or trials; those shipped if not given.
    draws : int
        Draws of the parameters and of the differences between trials, >= 1: of the posterior if there is one, else of the prior.
    patients : int
        Virtual patients of each arm and draw.
    seed : int
        Seed of everything, 0 … 2**53 - 1.
    threads : int, optional
        All processors by default. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(done, total)`` with reruns of a trial.

    Returns
    -------
    dict
        ``rows``, ``contrasts`` and ``summary`` as `radsim validate --json` prints them; ``faults`` of files that could not be used, ``warnings`` of the others;
        ``reference`` pools; ``parameters`` ('posterior' or 'prior'), ``draws``, ``patients`` and ``seed``; pooled ``reviews``.

    Raises
    ------
    ConfigError
        If no trial at all could be used.
    ValueError
        If draws or patients are fewer than one, or the seed is outside its range.

    Notes
    -----
    A row's ``predicted`` is the mean of its predictive distribution. ``study`` is the `part_of` of its file, or the trial itself. The
    reference is pooled from the calibration trials given and, of those shipped, all that are not among the trials given.
    """
    if draws < 1 or patients < 1 or not 0 <= seed < SEEDS:
        raise ValueError(
            f"draws, patients, seed: expected draws >= 1, patients >= 1 and a seed from 0 to 2**53 - 1, found {draws}, {patients} and {seed}"
        )
    found, faults = gather(trials)
    if not found:
        raise ConfigError(faults or [Fault("trials", None, "", "at least one trial (a YAML file)", "none")])
    columns, origin = parameter_draws(draws, seed)
    studies = [prepare_trial(trial) for trial in found]
    predicted = simulate_trials(studies, columns, seed=seed, patients=patients, threads=threads, progress=progress)
    pools = reference_pools(reference_trials(found))
    rows, contrasts = [], []
    for trial, proportions in zip(found, predicted, strict=True):
        rows += rows_of(trial, proportions, pools)
        contrasts += contrasts_of(trial, proportions)
    return {
        "rows": rows,
        "contrasts": contrasts,
        "summary": {kind: summarise(_of_kind(rows, kind), _of_kind(contrasts, kind)) for kind in KINDS},
        "reference": [
            {"outcome": outcome, "class": fractions, **pool._asdict()} for (outcome, fractions), pool in pools.items()
        ],
        "reviews": read_packaged("reviews.yaml")["reviews"],
        "parameters": origin,
        "draws": draws,
        "patients": patients,
        "seed": seed,
        "faults": [str(fault) for fault in faults],
        "warnings": _warnings(studies),
    }


def _warnings(studies):
    """What the studies of the trials say of their patients, each sentence once a trial."""
    said = [f"{study.trial.id}: {warning}" for study in studies for part in study.parts for warning in part.warnings]
    return list(dict.fromkeys(said))


def holds(document):
    """Whether the held-out coverage is good enough, or there is nothing held out to tell."""
    held_out = document["summary"]["held_out"]
    return held_out["arms"] == 0 or held_out["coverage95"] >= FEWEST_INSIDE


# --- the trials ---------------------------------------------------------------------------------------------


def gather(trials):
    """Trials that can be used, and the faults of those that cannot."""
    if trials is None:
        return shipped_trials(), []
    if isinstance(trials, str | os.PathLike | Trial | dict):
        trials = [trials]
    trials = list(trials)
    paths = [each for each in trials if isinstance(each, str | os.PathLike)]
    found, faults = load_trials(paths)
    found += [each if isinstance(each, Trial) else load_trial(each) for each in trials if each not in paths]
    faults += [
        Fault(Path(path).name, None, "", "a folder with trials (YAML files)", "none")
        for path in paths
        if Path(path).is_dir() and not any(each.suffix in (".yaml", ".yml") for each in Path(path).iterdir())
    ]
    return found, faults


def reference_trials(trials):
    """Trials that the reference may be pooled from: those given, and those shipped about other patients."""
    seen = {name for trial in trials for name in (trial.id, trial.study)}
    return [*trials, *(each for each in shipped_trials() if not seen & {each.id, each.study})]


# --- the draws ----------------------------------------------------------------------------------------------


def parameter_draws(n_draws, seed, *, path=POSTERIOR):
    """Draws of the parameters, the widths of the differences between trials among them.

    Parameters
    ----------
    n_draws, seed : int
    path : Path
        Posterior draws (netCDF, `parameter_value` of draw and parameter; a draw 0 is the base case and not used).

    Returns
    -------
    dict of str to array, shape (draw,)
        Prior draws; where there is a posterior, its parameters from it, every so manieth draw, and all of them again if more are asked for.
    origin : str
        'posterior' or 'prior'.
    """
    columns = {name: column[1:] for name, column in load_registry(EVIDENCE).sample(seed, n_draws).items()}
    if not path.exists():
        return columns, "prior"
    from radsim.storage import read_netcdf

    dataset = read_netcdf(path)
    kept = dataset["parameter_value"].transpose("draw", "parameter").values
    if "draw" in dataset.coords:
        kept = kept[dataset["draw"].values != 0]
    rows = np.arange(n_draws) % len(kept) if n_draws > len(kept) else np.arange(n_draws) * len(kept) // n_draws
    return columns | {str(name): kept[rows, i] for i, name in enumerate(dataset["parameter"].values)}, "posterior"


def simulate_trials(studies, columns, *, seed, patients, threads=None, progress=None, common=False):
    """True proportions of every row of every trial in every draw.

    Parameters
    ----------
    studies : list of TrialStudy
    columns : dict of str to array, shape (draw,)
        Parameters before the shifts of each study.
    common : bool
        Whether all draws have the same random numbers, so that they differ by their parameters alone.

    Returns
    -------
    list of array, shape (draw, row)
        One for each trial. Each draw has random numbers of its own unless they are common; the arms always share them. [1]
    """
    n_draws = len(next(iter(columns.values())))
    moves = [draw_shifts(columns, study.trial.study, seed) for study in studies]

    def task(t, d):
        values, shifts = ({name: float(column[d]) for name, column in each.items()} for each in (columns, moves[t]))
        own_seed = seed if common else (seed + d * SEED_STRIDE) % SEEDS
        return predict(studies[t], values, shifts=shifts, seed=own_seed, n_patients=patients, threads=1)

    jobs = [(t, d) for t in range(len(studies)) for d in range(n_draws)]
    pool = ThreadPoolExecutor(n_threads(threads, tasks=len(jobs)), thread_name_prefix="radsim-trial")
    try:
        futures = [pool.submit(task, *job) for job in jobs]
        results = []
        for future in futures:
            results.append(future.result())
            if progress is not None:
                progress(len(results), len(jobs))
    finally:
        pool.shutdown(cancel_futures=True)
    found = [np.array(results[t * n_draws : (t + 1) * n_draws]) for t in range(len(studies))]
    return [with_event_shifts(study, p, columns, seed) for study, p in zip(studies, found, strict=True)]


def with_event_shifts(study, proportions, columns, seed):
    """Proportions, shape (draw, row), those of events as far from the model as events of one study are from another's."""
    moved = proportions.copy()
    for row, cell in enumerate(study.cells):
        outcome = study.trial.outcomes[cell.outcome].outcome
        if outcome in OWN_SHIFTS:
            moved[:, row] = expit(logit(moved[:, row]) + event_shifts(columns, study.trial.study, outcome, seed))
    return moved


# --- rows and contrasts -------------------------------------------------------------------------------------


def rows_of(trial, proportions, pools):
    """Every figure of a trial beside its predictive distribution.

    Parameters
    ----------
    trial : Trial
    proportions : array, shape (draw, row)
    pools : dict of (outcome, class) to Pool

    Returns
    -------
    list of dict
    """
    cells = [(outcome, a) for outcome in trial.outcomes for a in range(len(trial.arms))]
    return [_row(trial, outcome, a, p, pools) for (outcome, a), p in zip(cells, proportions.T, strict=True)]


def _row(trial, outcome, a, proportions, pools):
    arm, figure = trial.arms[a], outcome.observed[a]
    predictive = binomial_mixture(proportions, figure.n)
    low, high = predictive.quantile(QUANTILES[0]), predictive.quantile(QUANTILES[-1])
    pool = pools.get((outcome.outcome, schedule_class(arm.schedule)))
    return {
        **_labels(trial, outcome),
        "arm": arm.name,
        "observed": figure.value,
        "n": figure.n,
        "predicted": predictive.mean,
        "low95": low,
        "high95": high,
        "quantiles": {f"{q:g}": predictive.quantile(q) for q in QUANTILES},
        "inside": is_inside(figure.value, low, high),
        "crps": crps(predictive, figure.value),
        "reference_crps": reference_crps(pool, figure.value, figure.n),
        "status": outcome.status,
    }


def contrasts_of(trial, proportions):
    """Differences of every two arms in every outcome, the earlier of the file minus the later; as `rows_of`."""
    found = []
    for outcome, columns in zip(trial.outcomes, _by_outcome(trial, proportions), strict=True):
        found += [_contrast(trial, outcome, pair, columns) for pair in combinations(range(len(trial.arms)), 2)]
    return found


def _by_outcome(trial, proportions):
    """Proportions of each outcome, shape (outcome, arm, draw)."""
    return proportions.T.reshape(len(trial.outcomes), len(trial.arms), -1)


def _contrast(trial, outcome, pair, columns):
    first, second = (outcome.observed[a] for a in pair)
    predictive = difference_mixture(*(columns[a] for a in pair), first.n, second.n)
    low, high = predictive.quantile(QUANTILES[0]), predictive.quantile(QUANTILES[-1])
    observed = first.value - second.value
    return {
        **_labels(trial, outcome),
        "first": trial.arms[pair[0]].name,
        "second": trial.arms[pair[1]].name,
        "observed_difference": observed,
        "predicted": predictive.mean,
        "low95": low,
        "high95": high,
        "inside": is_inside(observed, low, high),
    }


def _labels(trial, outcome):
    """What rows and contrasts have in common."""
    when = outcome.when.model_dump(exclude_none=True, exclude={"from_"})
    if trial.origin(outcome) == "end_of_treatment":
        when["from"] = "end_of_treatment"
    return {
        "trial": trial.id, "study": trial.study, "kind": trial.kind, "outcome": outcome.outcome, "measure": outcome.measure,
        "when": when, "denominator": outcome.denominator,
    }  # fmt: skip


def _of_kind(found, kind):
    return [each for each in found if each["kind"] == kind]
