"""One row a patient: baseline, and when each event happened under each schedule."""

from __future__ import annotations

import numpy as np

from radsim import SCOPE, provenance
from radsim.results.labelled import Labelled, Results

CHUNK = 16_384
"""Patients per call of the kernel; bounds what is held besides the table itself."""

BASELINE = {
    "primary": ("1", "primary cancer"),
    "site": ("1", "index site"),
    "age": ("year", "age"),
    "sex": ("1", "sex"),
    "subtype": ("1", "receptor subtype, breast cancer"),
    "karnofsky": ("1", "Karnofsky performance status, 10 to 100"),
    "visceral": ("1", "visceral metastases"),
    "lesion": ("1", "type of lesion"),
    "cortical_involvement_mm": ("mm", "axial cortical involvement of the femur"),
    "neuropathic": ("1", "neuropathic component of the pain"),
    "pain": ("1", "worst pain score, 0 to 10"),
    "morphine_equivalent": ("mg d-1", "daily oral morphine equivalent"),
    "prior_schedule": ("1", "earlier radiotherapy of the site"),
    "prior_weeks_ago": ("week", "time since the earlier radiotherapy"),
    "several_sites": ("1", "other painful sites at the start"),
    "bone_agent_before": ("1", "on a bone-modifying agent before"),
    "smoking": ("1", "smoking"),
    "dentures": ("1", "dentures"),
    "kidney_failure": ("1", "kidney failure"),
    "heart_failure": ("1", "heart failure"),
    "low_platelets": ("1", "low platelets"),
    "collapsed_vertebra": ("1", "a collapsed vertebra at the site"),
    "bleeding_tendency": ("1", "anticoagulants or a disorder of clotting"),
    "immunosuppressed": ("1", "immunosuppressed"),
}
"""Units and meaning of the baseline columns."""

HAPPENED = {"flag_values": np.array([0, 1], np.int8), "flag_meanings": "did_not_happen happened"}


def assemble_patients(study, *, progress=None, command="radsim.simulate"):
    """Every patient of the base case.

    Parameters
    ----------
    study : radsim.study.Study
    progress : callable, optional
        Called as ``progress(done, total)`` with patients.
    command : str
        For the run record.

    Returns
    -------
    Results
        Dimensions schedule and patient. `time_to_<event>` in days from the first fraction, float32, NaN where
        the event did not happen before death or the horizon, which `<event>_flag` says too.

    Notes
    -----
    A patient has the same random numbers under every schedule. The difference between two schedules for one patient
    depends on that coupling; means over patients do not.
    """
    data = {}
    for name, values in _columns(study, progress).items():
        data |= _event(name, values) if name.startswith("time_to_") else _baseline(name, values, study)
    coords = {
        "schedule": Labelled(("schedule",), np.array(study.schedule_names, dtype=object), {"long_name": "schedule"}),
        "patient": Labelled(("patient",), np.arange(study.n_patients), {"long_name": "patient number"}),
    }
    record = provenance.to_attribute(provenance.record(study, command=command))
    attributes = {"title": study.config.name, "disclaimer": SCOPE, provenance.RECORD_ATTRIBUTE: record}
    return Results(data, coords, attributes)


def _columns(study, progress):
    """All columns of all patients, chunk by chunk; the last axis is the patient."""
    from radsim.engine import simulate_patients

    n, columns = study.n_patients, {}
    for first in range(0, n, CHUNK):
        count = min(CHUNK, n - first)
        for name, values in simulate_patients(study, first, count).items():
            if name not in columns:
                columns[name] = np.empty((*values.shape[:-1], n), np.float32 if values.dtype.kind == "f" else np.int16)
            columns[name][..., first : first + count] = values
        if progress is not None:
            progress(first + count, n)
    return columns


def _event(name, values):
    """Times of an event, and whether it happened."""
    event = name.removeprefix("time_to_")
    words = event.replace("_", " ")
    time = {
        "long_name": f"time from the first fraction to {words}",
        "units": "d",
        "ancillary_variables": f"{event}_flag",
    }
    flag = {"long_name": f"whether {words} happened", "units": "1", **HAPPENED}
    dims = ("schedule", "patient")
    return {
        name: Labelled(dims, values, time),
        f"{event}_flag": Labelled(dims, np.isfinite(values).astype(np.int8), flag),
    }


def _baseline(name, values, study):
    """A baseline column; categories are codes with their meanings."""
    units, long_name = BASELINE[name]
    attributes = {"long_name": long_name, "units": units}
    meanings = _meanings(name, study)
    if meanings is None:
        return {name: Labelled(("patient",), values, attributes)}
    attributes |= {
        "flag_values": np.arange(len(meanings), dtype=np.int16),
        "flag_meanings": " ".join(meaning.replace(" ", "_") for meaning in meanings),
    }
    return {name: Labelled(("patient",), values, attributes)}


def _meanings(name, study):
    """Words for the codes of a categorical column; None for a measured one."""
    from radsim.config import CATEGORIES

    if name == "prior_schedule":
        return [schedule.name for schedule in study.tables.prior_schedules]
    return CATEGORIES.get(name)
