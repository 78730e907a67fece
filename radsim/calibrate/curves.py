"""What the shifts of a study do to its figures: curves, as shifts are not small and figures have ceilings.

Simulated, not emulated: each effect by itself, at the middle of the prior, with the same luck at every step.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from radsim.calibrate.settings import EVIDENCE
from radsim.calibrate.targets import corrected_logit
from radsim.engine import n_threads
from radsim.evidence import load_registry, quantile
from radsim.trials.differences import EFFECTS

SBRT = "response.log_odds.sbrt"
"""Of stereotactic arms: not estimated, but different in each study by as much as the registry says that techniques and trials differ."""

ALL_EFFECTS = (*EFFECTS, "sbrt")
STEPS = np.arange(-3.0, 4.0)  # of the scale of an effect
PATIENTS = 10_000  # of each arm
LEAST_EFFECT = 0.01  # logits at one scale, below which a row is taken not to move


@dataclass(frozen=True)
class Curves:
    """Monotone cubics through simulated nodes, straight beyond them.

    Attributes
    ----------
    scales : array, shape (effect,)
        Of shifts: half-normal scales of the deviations, and the deviation itself of `SBRT`.
    pairs : array of int, shape (pair, 2)
        Study and effect of each shift that moves anything.
    coefficients : list of array, shape (4, interval, row), one for each effect
        Cubics between the nodes, highest power first.
    moved : list of (rows, pairs), one for each effect
        Rows that move, and which pair moves each.
    """

    scales: np.ndarray
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
        """What shifts of shape (point, pair) add to the logits, shape (point, row), and its slopes.

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

    def loading(self, n_studies, n_rows):
        """Slopes at no shift, shape (study, row, effect); 0 for rows of other studies."""
        _, slopes = self(np.zeros((1, len(self.pairs))), n_rows)
        found = np.zeros((n_studies, n_rows, len(self.scales)))
        for e, (rows, pair) in enumerate(self.moved):
            found[self.pairs[pair, 0], rows, e] = slopes[e][0]
        return found


def sbrt_sd():
    """Standard deviation of `SBRT` between studies: half the central 68 % of the registry's distribution. [1]"""
    entry = load_registry(EVIDENCE)[SBRT]
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
    scales = np.array([*(getattr(settings.between_trial, effect) for effect in EFFECTS), sbrt_sd()])
    middle = dict(zip(prior.names, prior.values(np.zeros((1, len(prior.names))))[0].tolist(), strict=True))
    sbrt = load_registry(EVIDENCE)[SBRT].value

    def logits(task):
        effect, shift = task
        values = {**middle, SBRT: sbrt + shift} if effect == "sbrt" else middle
        shifts = None if effect == "sbrt" else {effect: shift}
        return corrected_logit(*targets.simulate(values, shifts=shifts, seed=settings.seed, n_patients=n_patients))

    tasks = [(effect, step * scale) for effect, scale in zip(ALL_EFFECTS, scales, strict=True) for step in STEPS]
    with ThreadPoolExecutor(n_threads(threads)) as pool:
        found = np.array(list(pool.map(logits, tasks))).reshape(len(ALL_EFFECTS), len(STEPS), -1)
    return through(found - found[:, len(STEPS) // 2, None], scales, [row.study for row in targets.rows])


def through(nodes, scales, studies):
    """Curves through nodes.

    Parameters
    ----------
    nodes : array, shape (effect, step, row)
        What each step adds to the logits.
    scales : array, shape (effect,)
    studies : sequence of str, length (row,)
    """
    from scipy.interpolate import PchipInterpolator

    order = list(dict.fromkeys(studies))
    of_row = np.array([order.index(study) for study in studies])
    middle = len(STEPS) // 2
    pairs, coefficients, moved = [], [], []
    for e, scale in enumerate(scales):
        rows = np.flatnonzero(np.abs(nodes[e, middle + 1] - nodes[e, middle - 1]) > 2.0 * LEAST_EFFECT)
        which = list(dict.fromkeys(of_row[rows]))
        moved.append((rows, len(pairs) + np.array([which.index(s) for s in of_row[rows]], int)))
        pairs += [(s, e) for s in which]
        coefficients.append(PchipInterpolator(STEPS * scale, nodes[e][:, rows], axis=0).c)
    return Curves(np.asarray(scales, float), np.array(pairs, int).reshape(-1, 2), tuple(coefficients), tuple(moved))
