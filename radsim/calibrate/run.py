"""The whole of a calibration, and the file of its draws."""

from __future__ import annotations

import json
import platform
import time
from datetime import UTC, datetime

import numpy as np

from radsim.calibrate.bank import Prior, around, fill, whole_prior
from radsim.calibrate.curves import ESTIMATED, simulate_curves
from radsim.calibrate.emulator import Emulator
from radsim.calibrate.likelihood import Posterior, make_likelihood
from radsim.calibrate.report import make_report
from radsim.calibrate.sampler import sample_posterior
from radsim.calibrate.settings import EVIDENCE
from radsim.calibrate.targets import Targets
from radsim.evidence import load_priors, prior_fingerprint
from radsim.trials.differences import deviation

REPORT_ATTRIBUTE = "radsim_calibration_report"
SHORT = {"chains": 32, "steps": 200, "burn_in": 400}
"""Of the sampler, where only the region of the posterior is wanted."""
AROUND = 1.5  # standard deviations of the posterior, of the next bank
CHECK_PATIENTS = 20_000  # at which the posterior medians are simulated


def calibrate(settings, *, threads=None, progress=None, command="radsim.calibrate()"):
    """Calibrate the parameters to the calibration trials.

    Parameters
    ----------
    settings : Settings
        From `load_settings`.
    threads : int, optional
        For the bank; the result does not depend on it.
    progress : callable, optional
        Called as ``progress(done, in_all)``.
    command : str
        For the record.

    Returns
    -------
    xarray.Dataset
        Draws ``parameter_value`` (draw, parameter), with record and report as attributes.
    """
    from threadpoolctl import threadpool_limits

    started = time.monotonic()
    targets, prior = Targets(), Prior(settings.parameters)
    curves = simulate_curves(targets, prior, settings, threads=threads)
    region, bank = whole_prior(len(prior.names)), settings.bank
    for number in range(bank.rounds):
        points = fill(
            targets, prior, n_points=bank.points, n_patients=bank.patients, seed=settings.seed + number * bank.points, region=region,
            threads=threads, progress=in_round(progress, number, bank),
        )  # fmt: skip
        last = number == bank.rounds - 1
        # one thread: the last bit of a matrix product depends on its threads, and a chain soon on the last bit
        with threadpool_limits(1):
            emulator = Emulator(points.scores, points.logits, region.centre, region.scale)
            posterior = Posterior(make_likelihood(targets, emulator, curves, settings), emulator, len(prior.names))
            found = sample_posterior(posterior, settings, **({} if last else SHORT))
        region = around(posterior.split(found.scores)[0], factor=AROUND)
    bank_seconds = time.monotonic() - started
    middle = prior.values(np.median(posterior.split(found.scores)[0], axis=0)[None])[0]
    simulated, _ = targets.simulate(
        dict(zip(prior.names, middle, strict=True)), seed=settings.seed, n_patients=CHECK_PATIENTS, threads=threads
    )
    report = make_report(
        settings=settings, targets=targets, prior=prior, posterior=posterior, sample=found,
        simulated=simulated,
    )  # fmt: skip
    seconds = {"bank": round(bank_seconds), "all": round(time.monotonic() - started)}
    record = make_record(settings, targets, command=command, seconds=seconds)
    return to_dataset(settings, prior, posterior, found, report, record)


def in_round(progress, number, bank):
    """Progress of one bank as part of all, or None."""
    return progress and (lambda done, _: progress(number * bank.points + done, bank.rounds * bank.points))


def make_record(settings, targets, *, command, seconds):
    """Everything needed to make the draws again."""
    import radsim
    from radsim.provenance import NUMERIC_LIBRARIES, commit, library_versions, source_digest

    return {
        "radsim_record": 1,
        "software": {
            "name": "radsim", "version": radsim.__version__, "commit": commit(), "sources": source_digest(),
        },
        "command": command,
        "settings": settings.model_dump(mode="json"),
        "seed": settings.seed,
        "trials": [study.trial.id for study in targets.studies],
        "targets": targets.fingerprint,
        "priors": prior_fingerprint(load_priors(EVIDENCE), settings.names),
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "seconds": seconds,
        "libraries": library_versions(NUMERIC_LIBRARIES),
        "platform": {
            "python": platform.python_version(), "system": platform.system(), "machine": platform.machine(),
        },
    }  # fmt: skip


def to_dataset(settings, prior, posterior, found, report, record):
    """Draws as a Dataset: those parameters whose draws are packaged, and the between-trial deviations."""
    import xarray

    kept = [i for i, parameter in enumerate(settings.parameters) if parameter.draws == "posterior"]
    parameters, scores, _ = posterior.split(found.scores)
    values, deviations = prior.values(parameters)[:, kept], posterior.likelihood.deviations(scores)
    names = [prior.names[i] for i in kept] + [deviation(effect) for effect in ESTIMATED]
    units = [prior.entries[i].unit for i in kept] + ["1"] * len(ESTIMATED)
    table = rounded(np.concatenate([values, deviations], axis=1))
    means = [float(f"{mean:.5g}") for mean in table.mean(axis=0, dtype=np.float64)]
    return xarray.Dataset(
        {
            "parameter_value": (
                ("draw", "parameter"), table, {"long_name": "draws of the joint posterior", "units": "as parameter_units"},
            ),
            "base_case": (("parameter",), np.array(means), {"long_name": "means of the draws, five digits", "units": "as parameter_units"}),
            "parameter_units": (("parameter",), np.array(units, object), {"long_name": "UDUNITS"}),
        },
        coords={
            "draw": ("draw", np.arange(1, len(table) + 1, dtype=np.int32), {"long_name": "draw"}),
            "parameter": ("parameter", np.array(names, object), {"long_name": "parameter of the evidence registry"}),
        },
        attrs={
            "title": "radsim: posterior of the parameters given the calibration trials",
            "radsim_record": json.dumps(record, ensure_ascii=False),
            REPORT_ATTRIBUTE: json.dumps(report, ensure_ascii=False),
        },
    )  # fmt: skip


def rounded(values):
    """Values as float32 with 15 bits after the leading one (five digits): the zeros that follow compress to nothing."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)).view(np.float32)
