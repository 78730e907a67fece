"""Do the calibration trials predict each other better under this edition than under the first? Half an hour on two processors.

    git worktree add ../first 49d9f2a
    python tests/verification/first_edition.py fill second.npz
    PYTHONPATH=../first python tests/verification/first_edition.py fill first.npz
    python tests/verification/first_edition.py fill second_2.npz --after second.npz
    PYTHONPATH=../first python tests/verification/first_edition.py fill first_2.npz --after first.npz
    python tests/verification/first_edition.py compare second.npz first.npz
    python tests/verification/first_edition.py compare second_2.npz first_2.npz

``fill`` simulates the trials of this checkout under the radsim that is imported, over its own priors (or, after a first bank, around the posterior that
this one gives). ``compare`` takes the rows that both have, for fitting and for predicting. Each edition has its own priors, emulator and effects of the
shifts of studies. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from hypotheses import Held, distance_and_width, mode, predictions, slopes_at

import radsim
from radsim.calibrate import load_settings
from radsim.calibrate.bank import REACH, Prior, sobol_scores
from radsim.calibrate.curves import ESTIMATED, simulate_curves
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import NOT_FITTED
from radsim.calibrate.targets import Target, Targets, corrected_logit, discount, logit_variance
from radsim.evidence import load_posterior
from radsim.evidence.posterior import POSTERIOR
from radsim.trials import load_trial
from radsim.trials.differences import deviation

IMPORTED = Path(radsim.__file__).parents[1]
TRIALS = Path(__file__).parents[2] / "radsim" / "data" / "trials"
CONFIG = Path("configs") / "calibration.yaml"
AROUND = 1.5  # standard deviations of the posterior, of the second bank: as `radsim.calibrate.run`
CURVE_PATIENTS = 4000
FORMED_FIRST = {
    "dutch-bone-metastasis-study", "hoskin-1992", "jeremic-1998", "odette-2008", "sc23", "dexa-nl-2020", "sc20-2014", "sc24-2021",
    "rtog-0631-2023",
}  # fmt: skip
"""Studies that values or widths of the first edition were taken from: rule 2 of ``radsim/data/trials/README.md``; odette-2008 holds chow-2004."""


def trials_here():
    """Calibration trials of this checkout, in the words of the first edition, which later ones read too."""
    with tempfile.TemporaryDirectory() as folder:
        found = []
        for path in sorted(TRIALS.glob("*.yaml")):
            copy = Path(folder) / path.name
            copy.write_text(re.sub(r"\bquestionnaires: (reported|assumed)", r"charts: \1", path.read_text()))
            found.append(load_trial(copy))
    return [trial for trial in found if trial.kind == "calibration"]


def simulate_bank(after, n_points):
    """A bank and all that is needed to predict with it, dict of arrays."""
    settings = load_settings(IMPORTED / CONFIG)
    targets, prior = Targets(trials_here()), Prior(settings.parameters)
    n, seed = len(prior.names), settings.seed
    centre, scale = np.zeros(n), np.ones(n)
    if after:
        centre, scale = region_of(Edition.read(after))
        seed += n_points
    scores = np.clip(centre + scale * sobol_scores(n_points, n, seed), -REACH, REACH)
    values = prior.values(scores)

    def simulate(i):
        point = dict(zip(prior.names, values[i].tolist(), strict=True))
        return corrected_logit(*targets.simulate(point, seed=seed + 1 + i, n_patients=settings.bank.patients))

    with ThreadPoolExecutor(2) as pool:
        logits = np.array(list(pool.map(simulate, range(n_points))))
    curves = simulate_curves(targets, prior, settings, n_patients=CURVE_PATIENTS)
    packaged = load_posterior(POSTERIOR)
    return {
        "scores": scores, "logits": logits, "centre": centre, "scale": scale,
        "rows": json.dumps([asdict(row) for row in targets.rows]), "fitted": targets.fitted(settings.leave_out),
        "loading": curves.loading(len(targets.rows)), "effect": curves.pairs[:, 1],
        "deviations": np.array([*(packaged[deviation(effect)].mean() for effect in ESTIMATED), curves.scales[-1]]),
        "correlation": settings.row_correlation, "row_sd": settings.row_sd,
    }  # fmt: skip


@dataclass
class Edition:
    """A bank as read, and what predicts with it.

    Attributes
    ----------
    observed, variance : array, shape (row,)
        Logits, and their variances before the shifts of studies and the error of the emulator: as `predictions` asks of a likelihood.
    deviations : array, shape (effect,)
        Between trials, of the packaged posterior of the edition.
    """

    emulator: Emulator
    rows: list
    observed: np.ndarray
    variance: np.ndarray
    loading: np.ndarray
    effect: np.ndarray
    deviations: np.ndarray

    @classmethod
    def read(cls, path, labels=None):
        """A bank, with the rows of some labels in their order, or all."""
        kept = np.load(path)
        rows = [Target(**row) for row in json.loads(str(kept["rows"]))]
        place = {row.label: i for i, row in enumerate(rows)}
        at = [place[label] for label in labels or place]
        rows = [rows[i] for i in at]
        moved = (kept["centre"], kept["scale"]) if (kept["centre"] != 0.0).any() else ()
        emulator = Emulator(kept["scores"], kept["logits"][:, at], *moved)
        p, n = np.array([row.observed for row in rows]), np.array([row.n for row in rows], float)
        variance = logit_variance(p, n) * discount(rows, float(kept["correlation"])) + float(kept["row_sd"]) ** 2
        variance = np.where(kept["fitted"][at], variance, NOT_FITTED)
        return cls(
            emulator, rows, corrected_logit(p, n), variance, kept["loading"][:, at], kept["effect"], kept["deviations"]
        )

    @property
    def model(self):
        """The emulator, nothing held."""
        return Held(self.emulator, np.full(len(self.emulator.free_weights) // 2, np.nan))

    def covariance(self, deviations, error=None):
        """With the shifts of studies and the error of the emulator, or another, shape (row, row)."""
        error = self.emulator.leave_out_error if error is None else error
        shifts = deviations[self.effect, None] * self.loading
        return np.diag(self.variance + error**2) + shifts.T @ shifts

    def predict(self, deviations, error=None):
        """Log density of each study given the others, in two parts (`distance_and_width`): dict of str to array."""
        studies = np.array([row.study for row in self.rows])
        found = predictions(self.model, self, self.covariance(deviations, error), studies)
        return {study: np.array(distance_and_width(*each)) for study, each in found.items()}


def region_of(edition):
    """Centre and scale of the scores around the posterior given all rows."""
    fitted = np.flatnonzero(edition.variance < NOT_FITTED)
    precision = np.linalg.inv(edition.covariance(edition.deviations)[np.ix_(fitted, fitted)])
    x = mode(edition.model, edition.observed, precision, fitted)
    along = slopes_at(edition.model, x)[fitted]
    sd = np.sqrt(np.diag(np.linalg.inv(along.T @ precision @ along + np.eye(len(x)))))
    return x, np.minimum(AROUND * sd, 1.0)


def compare(paths):
    """Print the tables of two editions."""
    whole = [Edition.read(path) for path in paths]
    labels = [{row.label for row in edition.rows} for edition in whole]
    common = [row.label for row in whole[0].rows if row.label in labels[1]]
    for name, edition in zip(("second", "first"), whole, strict=True):
        print(f"only the {name}:", [row.label for row in edition.rows if row.label not in common])
    second, first = (Edition.read(path, common) for path in paths)
    fitted = (second.variance < NOT_FITTED) & (first.variance < NOT_FITTED)
    assert (second.observed == first.observed).all(), "the editions do not have the same figures"
    for name, edition in (("second", second), ("first", first)):
        edition.variance = np.where(fitted, edition.variance, NOT_FITTED)
        error = edition.emulator.leave_out_error[fitted]
        print(
            f"error of the emulator, {name}: median {np.median(error):.3f}, root mean square {(error**2).mean() ** 0.5:.3f}"
        )
    print(f"{fitted.sum()} rows that inform, of {len(common)} common\n")
    errors = np.maximum(second.emulator.leave_out_error, first.emulator.leave_out_error)
    middle = np.sqrt((second.deviations**2 + first.deviations**2) / 2.0)
    cases = {
        "its own": (second.deviations, first.deviations, None),
        "of the second": (second.deviations, second.deviations, None),
        "of the first": (first.deviations, first.deviations, None),
        "between the two": (middle, middle, None),
        "between the two; both with the larger error of an emulator": (middle, middle, errors),
    }
    print(
        "| deviations between trials | second edition | first edition | difference (standard error) | of it distance | of it width |"
    )
    print("|---|---|---|---|---|---|")
    found = {}
    for name, (of_second, of_first, error) in cases.items():
        new, old = second.predict(of_second, error), first.predict(of_first, error)
        less = {study: new[study] - old[study] for study in new}
        distance, width = sum(less.values())
        sums = " | ".join(f"{np.sum(list(each.values())):.1f}" for each in (new, old))
        found[name] = {study: each.sum() for study, each in less.items()}
        print(f"| {name} | {sums} | {summed(found[name].values())} | {distance:+.1f} | {width:+.1f} |")
    own = found["its own"]
    print(f"\nstudies that formed the first edition: {summed(own[study] for study in own if study in FORMED_FIRST)}")
    print(f"other studies: {summed(own[study] for study in own if study not in FORMED_FIRST)}")
    print(f"\n| study | {' | '.join(cases)} |\n|---|{'---|' * len(cases)}")
    for study in own:
        print(f"| {study} | {' | '.join(f'{less[study]:+.2f}' for less in found.values())} |")


def summed(differences):
    """A sum over studies and its standard error, in words."""
    each = np.array(list(differences))
    error = each.std(ddof=1) * len(each) ** 0.5 if len(each) > 1 else np.nan
    return f"{each.sum():+.1f} ({error:.1f})"


def main():
    """Fill a bank, or compare two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    filling = commands.add_parser("fill")
    filling.add_argument("bank", type=Path)
    filling.add_argument("--after", type=Path)
    filling.add_argument("--points", type=int, default=1024)
    commands.add_parser("compare").add_argument("banks", type=Path, nargs=2, metavar=("SECOND", "FIRST"))
    given = parser.parse_args()
    if given.command == "fill":
        np.savez(given.bank, **simulate_bank(given.after, given.points))
    else:
        compare(given.banks)


if __name__ == "__main__":
    main()
