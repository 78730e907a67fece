"""The headline response of a study beside that of the set calibrated on the trials, where the study names another set."""

from __future__ import annotations

from radsim.as_calibrated import KEY
from radsim.outcomes import estimates, format
from radsim.outcomes.catalogue import TRIAL_HEADLINE
from radsim.presentation.words import capital, listed


def beside(dataset, record):
    """What the calibrated set gives beside the study's own set, in two sentences.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
        Without `scenario`; of several subgroups the first is read, which holds everybody.
    record : dict
        Its run record.

    Returns
    -------
    list of str
        Empty where the study uses the calibrated set, and of a result made before the record held it.
    """
    found = record.get(KEY)
    if not found:
        return []
    names = [each["schedule"] for each in found["schedules"]]
    calibrated = [[each[one.variable]["value"] for one in TRIAL_HEADLINE] for each in found["schedules"]]
    subgroup = 0 if "subgroup" in dataset.sizes else None
    own = [estimates.estimate(dataset, one.variable, subgroup=subgroup).value for one in TRIAL_HEADLINE]
    what = capital(listed([one.short for one in TRIAL_HEADLINE]))
    return [
        f"{what} of 100 patients, as a trial counts them, in this study (evidence: {record['evidence']['set']}): "
        f"{_by_schedule(zip(*own, strict=True), names)}.",
        f"As calibrated on the trials (evidence: {found['evidence']}): {_by_schedule(calibrated, names)} "
        f"(base case; the difference from {format.count(found['patients'])} patients).",
    ]


def _by_schedule(figures, names):
    """`55 and 33 after 8Gy/1 and 20Gy/5; 15 and 4 after none`: schedules with the same whole numbers share them."""
    groups = {}
    for values, name in zip(figures, names, strict=True):
        groups.setdefault(listed([format.of_100(value) for value in values]), []).append(name)
    return "; ".join(f"{numbers} after {listed(members)}" for numbers, members in groups.items())
