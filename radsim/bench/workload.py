"""What is measured: fixed studies, and the digest of what one of them gives.

Changing anything here makes new measurements incomparable with old ones; `digest` and `kind_digest` say so.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

PATIENTS_A_THREAD = 8_192
"""Patients of one slice of the kernel, per thread: some thirty milliseconds."""

RUN_PATIENTS = 1_000
"""Patients of the run whose start is timed: few, so that it is the start that takes the time."""

MEMORY_PATIENTS = 100_000

SPEED = {"radsim": 1, "name": "Speed", "seed": 20260101, "schedules": ["8Gy/1", "20Gy/5", "30Gy/10"]}
"""The study whose trajectories are timed; `cohort.size` is added."""

KINDS = {
    "one_schedule": {"schedules": ["8Gy/1"]},
    "unequal_schedules": {"schedules": ["8Gy/1", "4Gy/1", "none"]},
    "subgroups": {"subgroups": ["primary", "site"]},
    "all_care": {
        "care": {
            "dexamethasone_prophylaxis": True, "other_bones": True, "bone_agent": True, "cord_treatment": True,
            "adjuvant_steroid": True, "analgesic_ladder": True, "fracture_care": True, "cement": True, "ablation": True,
            "hip_injection": True, "radiopharmaceutical": True, "systemic_therapy": True, "person": True, "diagnosis": True,
        }
    },
}  # fmt: skip
"""How other studies differ from it. Under its own schedules half the trajectories are like the one before and cost little: its best case."""

RESULT = {
    "radsim": 1, "name": "Result", "seed": 20260101, "draws": 1, "cohort": {"size": 2_048},
    "schedules": [
        "8Gy/1", "20Gy/5", "30Gy/10", "4Gy/1",
        {"name": "SBRT", "dose_gy": 24, "fractions": 2, "technique": "sbrt", "cord_dose_gy": 17}, "none",
    ],
    "care": {"dexamethasone_prophylaxis": True}, "subgroups": ["primary"],
}  # fmt: skip
"""The study whose sums must not change: every stage of the kernel, two draws, subgroups."""


def speed_config(n_patients):
    """The configuration whose trajectories are timed."""
    return {**SPEED, "cohort": {"size": n_patients}}


def speed_study(n_threads, kind=None):
    """The study of one slice.

    Parameters
    ----------
    n_threads : int
        Threads that will share it.
    kind : str, optional
        One of `KINDS`.

    Returns
    -------
    radsim.study.Study
    """
    return _study({**speed_config(PATIENTS_A_THREAD * n_threads), **KINDS.get(kind, {})})


def n_trajectories(n_threads, kind=None):
    """Trajectories of one slice of the kernel. [1]"""
    return PATIENTS_A_THREAD * n_threads * len({**SPEED, **KINDS.get(kind, {})}["schedules"])


def kind_digest(kind):
    """sha256 of one of `KINDS` and its size."""
    study = {**SPEED, **KINDS[kind]}
    return hashlib.sha256(json.dumps([study, PATIENTS_A_THREAD], sort_keys=True).encode()).hexdigest()


def digest():
    """sha256 of the studies and their sizes."""
    sizes = PATIENTS_A_THREAD, RUN_PATIENTS, MEMORY_PATIENTS
    return hashlib.sha256(json.dumps([SPEED, RESULT, sizes], sort_keys=True).encode()).hexdigest()


def result():
    """What the fixed study gives.

    Returns
    -------
    dict
        ``digest``: sha256 of every sum of every draw. The kernel adds integers, so the threads do not matter to it. ``evidence``:
        digest of the evidence set, to tell a change of the evidence from one of the model.
    """
    from radsim.engine import simulate

    study = _study(RESULT)
    digest = hashlib.sha256()
    for totals in simulate(study).totals:
        for name, sums in totals._asdict().items():
            digest.update(f"{name} {sums.dtype} {sums.shape}".encode())
            digest.update(np.ascontiguousarray(sums).tobytes())
    return {"digest": digest.hexdigest(), "evidence": study.registry.digest}


def _study(config):
    from radsim.config import load_config
    from radsim.study import prepare

    return prepare(load_config(config))
