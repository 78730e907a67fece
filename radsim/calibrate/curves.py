"""The effect of a study's shifts on its figures: curves, as shifts are not small and proportions have limits.

Simulated, not emulated: each effect by itself, at the middle of the prior, with the same random numbers at every step.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radsim.calibrate.settings import EVIDENCE
from radsim.calibrate.targets import corrected_logit
from radsim.engine import n_threads
from radsim.evidence import load_priors, quantile
from radsim.trials.differences import EFFECTS, EVENT, event_group

SBRT = "response.log_odds.sbrt"
"""Of stereotactic arms: not estimated, but different in each study by as much as the registry says that techniques and trials differ."""

ESTIMATED = (*EFFECTS, EVENT)
"""Effects whose deviations between trials are estimated."""

ALL_EFFECTS = (*ESTIMATED, "sbrt")
STEPS = np.arange(-3.0, 4.0)  # of the scale of an effect
PATIENTS = 10_000  # of each arm
NO_CURVE = np.zeros((4, len(STEPS) - 1, 0))  # of an effect left out
LEAST_EFFECT = 0.01  # logits at one scale, below which a row is assumed not to move


@dataclass(frozen=True)
class Curves:
    """Monotone cubics through simulated nodes, straight beyond them.

    Attributes
    ----------
    scales : array, shape (effect,)
        Of shifts: half-normal scales of the deviations, and the deviation itself of `SBRT`.
    groups : tuple of str
        Rows of a group share a shift: those of a study or, of events, of an outcome of a study.
    pairs : array of int, shape (pair, 2)
        Group and effect of each shift that moves anything.
    coefficients : list of array, shape (4, interval, row), one for each effect
        Cubics between the nodes, highest power first.
    moved : list of (rows, pairs), one for each effect
        Rows that move, and which pair moves each.
    """

    scales: np.ndarray
    groups: tuple
    pairs: np.ndarray
    coefficients: tuple
    moved: tuple

    @cached_property
    def row_to_pair(self):
        """Which pair each moved row (those of all effects, one after another) belongs to, shape (moved row, pair)."""
        of_row = np.concatenate([pair for _, pair in self.moved])
        return (of_row[:, None] == np.arange(len(self.pairs))).astype(float)

    @cached_property
    def pair_to_effect(self):
        """Scale of the effect of each pair, shape (pair, effect)."""
        return (self.pairs[:, 1, None] == np.arange(len(self.scales))) * self.scales

    def __call__(self, shifts, n_rows):
        """The change of the logits by shifts of shape (point, pair), shape (point, row), and its slopes.

        Returns
        -------
        added : array, shape (point, row)
        slopes : list of array, shape (point, moved row), one for each effect
        """
        added, slopes = np.zeros((len(shifts), n_rows)), []
        for e, (rows, pair) in enumerate(self.moved):
            nodes = STEPS * self.scales[e]
            at = shifts[:, pair]
            within = np.clip(at, nodes[0], nodes[-1])
            k = np.clip(np.searchsorted(nodes, within, side="right") - 1, 0, len(nodes) - 2)
            x, beyond = within - nodes[k], at - within
            a, b, c, d = self.coefficients[e][:, k, np.arange(len(rows))]
            slope = (3.0 * a * x + 2.0 * b) * x + c
            added[:, rows] += ((a * x + b) * x + c) * x + d + slope * beyond
            slopes.append(slope)
        return added, slopes

    def loading(self, n_rows):
        """Slopes at no shift, shape (pair, row); 0 for rows that a shift does not move."""
        _, slopes = self(np.zeros((1, len(self.pairs))), n_rows)
        found = np.zeros((len(self.pairs), n_rows))
        for (rows, pair), slope in zip(self.moved, slopes, strict=True):
            found[pair, rows] = slope[0]
        return found


def sbrt_sd():
    """Standard deviation of `SBRT` between studies: half the central 68 % of the registry's distribution. [1]"""
    entry = load_priors(EVIDENCE)[SBRT]
    low, high = quantile(entry, np.array([0.15865525393145707, 0.8413447460685429]))
    return float(high - low) / 2.0


def simulate_curves(targets, prior, settings, *, threads=None, n_patients=PATIENTS):
    """The curves of every row.

    Parameters
    ----------
    targets : Targets
    prior : Prior
    settings : Settings
    threads, n_patients : int
        The result does not depend on threads.

    Returns
    -------
    Curves
    """
    scales = np.array([*(getattr(settings.between_trial, effect) for effect in ESTIMATED), sbrt_sd()])
    middle = dict(zip(prior.names, prior.values(np.zeros((1, len(prior.names))))[0].tolist(), strict=True))
    sbrt = load_priors(EVIDENCE)[SBRT].value

    def logits(task):
        effect, shift = task
        values = {**middle, SBRT: sbrt + shift} if effect == "sbrt" else middle
        shifts = {effect: shift} if effect in EFFECTS else None
        return corrected_logit(*targets.simulate(values, shifts=shifts, seed=settings.seed, n_patients=n_patients))

    simulated = [effect for effect in ALL_EFFECTS if effect != EVENT]
    steps = {effect: STEPS * scale for effect, scale in zip(ALL_EFFECTS, scales, strict=True)}
    with ThreadPoolExecutor(n_threads(threads)) as pool:
        tasks = [(effect, shift) for effect in simulated for shift in steps[effect]]
        found = np.array(list(pool.map(logits, tasks))).reshape(len(simulated), len(STEPS), -1)
    nodes = dict(zip(simulated, found - found[:, len(STEPS) // 2, None], strict=True))
    nodes[EVENT] = np.outer(steps[EVENT], [row.effect == "event" for row in targets.rows])
    return through([nodes[effect] for effect in ALL_EFFECTS], scales, [groups_of(targets, e) for e in ALL_EFFECTS])


def groups_of(targets, effect):
    """The group of each row, whose shift of an effect moves it: its study; for events, an outcome of its study."""
    return [event_group(row.study, row.outcome) if effect == EVENT else row.study for row in targets.rows]


def through(nodes, scales, groups):
    """Curves through nodes.

    Parameters
    ----------
    nodes : sequence of array, shape (step, row), one for each effect
        Change of the logits at each step.
    scales : array, shape (effect,)
    groups : sequence of sequence of str, length (row,), one for each effect
        Rows of the same group have the same shift.
    """
    from scipy.interpolate import PchipInterpolator

    names = list(dict.fromkeys(group for of_effect in groups for group in of_effect))
    middle = len(STEPS) // 2
    pairs, coefficients, moved = [], [], []
    for e, scale in enumerate(scales):
        rows = np.flatnonzero(np.abs(nodes[e][middle + 1] - nodes[e][middle - 1]) > 2.0 * LEAST_EFFECT)
        of_row = [names.index(groups[e][r]) for r in rows]
        which = list(dict.fromkeys(of_row))
        moved.append((rows, len(pairs) + np.array([which.index(group) for group in of_row], int)))
        pairs += [(group, e) for group in which]
        through_nodes = PchipInterpolator(STEPS * scale, nodes[e][:, rows], axis=0).c if scale > 0.0 else NO_CURVE
        coefficients.append(through_nodes)
    table = np.array(pairs, int).reshape(-1, 2)
    return Curves(np.asarray(scales, float), tuple(names), table, tuple(coefficients), tuple(moved))
