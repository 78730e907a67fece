"""A result with its record, economics and analysis, read once for every part of an export."""

from __future__ import annotations

from typing import NamedTuple

from radsim import provenance
from radsim.decision.columns import documents_of
from radsim.export.lead import SCENARIO, swept_names
from radsim.presentation.reading import POINTS, check_result, has_value
from radsim.storage import UsageFault


class Run(NamedTuple):
    """A run as its readers need it.

    Attributes
    ----------
    dataset : xarray.Dataset
    record : dict
    config : dict
        Of the record.
    economics : radsim.economics.section.Economics or None
    analysis : radsim.decision.Analysis, dict or None
    documents : list of dict
        Of the analysis, one a scenario; empty without costs.
    swept : list of str
    n_draws : int
        Parameter draws, the base case not counted.
    n_patients : int or None
        Under each schedule in a draw.
    not_analysed : str
        Why there is no analysis of a sweep with costs; empty where there is one, or none is due.
    """

    dataset: object
    record: dict
    config: dict
    economics: object
    analysis: object
    documents: list
    swept: list
    n_draws: int
    n_patients: int | None
    not_analysed: str = ""

    @property
    def schedules(self):
        """Names of the schedules."""
        return [str(name) for name in self.dataset["schedule"].values]

    @property
    def is_sweep(self):
        """Whether there are scenarios."""
        return SCENARIO in self.dataset.dims


def gather(dataset, analysis=None):
    """A `Run` of a result; its cost-effectiveness is analysed where that was not done and can be."""
    record = provenance.from_dataset(dataset)
    economics = _economics(record)
    check_result(dataset)
    why_not = ""
    if analysis is None:
        analysis, why_not = analyse(dataset)
    swept = [name for name in swept_names(dataset) if name not in POINTS] if SCENARIO in dataset.dims else []
    n_draws = int((dataset["draw"].values >= 1).sum())
    return Run(
        dataset,
        record,
        record["config"],
        economics,
        analysis,
        documents_of(analysis),
        swept,
        n_draws,
        _patients(dataset),
        why_not,
    )


def _patients(dataset):
    """Patients under each schedule in a draw; None where the result does not say."""
    if "n_patients" not in dataset:
        return None
    n = dataset["n_patients"]
    return int(n.isel({dim: 0 for dim in ("subgroup", SCENARIO, "draw") if dim in n.dims}).sum())


def analyse(dataset):
    """Cost-effectiveness as a result was valued, without partial information.

    Returns
    -------
    analysis : radsim.decision.Analysis or None
        None without costs, and for a sweep that cannot be analysed whole: scenarios that differ in their schedules, or failed.
    why_not : str
        Why a sweep was not analysed.
    """
    if not has_value(dataset):
        return None, ""
    from radsim.decision import cost_effectiveness

    try:
        return cost_effectiveness(dataset), ""
    except UsageFault as fault:
        if SCENARIO not in dataset.dims:
            raise
        return None, f"no incremental analysis of this sweep: {fault}"


def _economics(record):
    if "economics" not in record:
        return None
    from radsim.valuation.appraisal import resolve

    return resolve(None, record)
