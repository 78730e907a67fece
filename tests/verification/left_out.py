"""Each calibration study predicted from the others. Five minutes on two processors.

``python tests/verification/left_out.py [--between EFFECT=SCALE ...]`` prints, by study, the log density of its figures given all other studies
and how many of them lie inside their 95 % predictive intervals. ``--between level=0 analgesics=0.7`` does it for a model whose trials
differ in other ways (`radsim.trials.differences.EFFECTS`): scales as in `between_trial` of the calibration. Nothing here is a test.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from radsim.calibrate import load_settings
from radsim.calibrate.bank import Prior, fill
from radsim.calibrate.curves import ESTIMATED, simulate_curves
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.left_out import predict_left_out
from radsim.calibrate.targets import Targets

CONFIG = Path(__file__).parents[2] / "configs" / "calibration.yaml"
shared = {}


def one(study):
    """The prediction of one study, in a process of its own."""
    return predict_left_out(study, **shared)


def main(scales):
    """Predict every study and print it."""
    settings = load_settings(CONFIG)
    between = type(settings.between_trial).model_validate({**settings.between_trial.model_dump(), **scales})
    settings = settings.model_copy(update={"between_trial": between})
    targets, prior = Targets(), Prior(settings.parameters)
    bank = settings.bank
    points = fill(targets, prior, n_points=bank.points, n_patients=bank.patients, seed=settings.seed)
    curves = simulate_curves(targets, prior, settings)
    shared.update(targets=targets, emulator=Emulator(points.scores, points.logits), curves=curves, settings=settings)
    studies = list(dict.fromkeys(row.study for row in targets.rows))
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        found = [each for each in pool.map(one, studies) if each is not None]
    for each in found:
        print(f"{each.study:30} {each.log_density:7.1f}  {each.inside.sum():3d} of {len(each.inside):3d}")
        for row, inside, mean, low, high in zip(
            each.rows, each.inside, each.mean, each.low95, each.high95, strict=True
        ):
            if not inside:
                print(
                    f"    {row.label}: {100 * row.observed:.0f}, predicted {100 * mean:.0f} ({100 * low:.0f} to {100 * high:.0f})"
                )
    inside = np.concatenate([each.inside for each in found])
    widths = [
        high - low
        for each in found
        for row, low, high in zip(each.rows, each.low95, each.high95, strict=True)
        if row.outcome == "overall_response"
    ]
    print(
        f"{', '.join(f'{effect} {scale:g}' for effect, scale in between)}: log density {sum(each.log_density for each in found):.1f}, {100 * inside.mean():.0f} % of "
        f"{len(inside)} figures inside, by study {100 * np.mean([each.inside.mean() for each in found]):.0f} %, mean width of overall "
        f"response {np.mean(widths):.2f}; largest R-hat {max(each.rhat for each in found):.2f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--between", nargs="*", default=[], metavar="EFFECT=SCALE", help=", ".join(ESTIMATED))
    given = dict(each.split("=") for each in parser.parse_args().between)
    main({effect: float(scale) for effect, scale in given.items()})
