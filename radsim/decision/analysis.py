"""`cost_effectiveness`: from a result to everything that a committee asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from radsim import SCOPE
from radsim.decision.deterministic import deterministic_analyses, progress_of
from radsim.decision.document import core, population
from radsim.decision.evppi import LEAST_DRAWS
from radsim.decision.labelled import labelled
from radsim.decision.samples import ALL_PATIENTS, parameter_table, samples
from radsim.decision.swept import of_scenario
from radsim.decision.valued import valued
from radsim.economics.quantities import HIGHEST_WORTH
from radsim.presentation.identity import identity
from radsim.printable import without_nan
from radsim.results.labelled import schedule_labels
from radsim.storage import UsageFault

if TYPE_CHECKING:
    import os

    import pandas
    import xarray

DIFFERS = "the base case, simulated again for one-way analyses and scenarios, is not that of the result: it was made by another version of radsim"


TABLE = ("cost", "qalys", "incremental_cost", "incremental_qalys", "icer", "status")


class Analysis:
    """The decision that a result supports. Made by `cost_effectiveness`.

    Attributes
    ----------
    document : dict
        As `to_dict`.
    samples : samples.Samples or None
        Draws of cost and QALYs; None for a sweep.
    thresholds : ndarray, shape (threshold,)
        [currency per QALY]
    reference : int
        Number of the reference schedule.
    scenarios : list of Analysis
        One for each scenario of a sweep; else empty.
    populations : dict of str to samples.Samples
        Everyone (``all``), then each subgroup.
    economics : radsim.economics.section.Economics or None
        How it was valued; None where nothing says.
    """

    def __init__(
        self, document, data, *, thresholds, reference, subgroups=(), scenarios=(), labels=None, economics=None
    ):
        self.document = document
        self.samples = data
        self.thresholds = thresholds
        self.reference = reference
        self.scenarios = list(scenarios)
        self.populations = {ALL_PATIENTS: data, **dict(subgroups)}
        self._labels = labels or {}
        self.economics = economics

    def __repr__(self):
        return f"{self._title}\n{self.to_frame().to_string()}"

    def _repr_html_(self):
        return f"<p>{escape(self._title)}</p>{self.to_frame().to_html(na_rep='')}"

    @property
    def _title(self):
        if self.scenarios:
            return f"Cost-effectiveness of {len(self.scenarios)} scenarios"
        of = self.document
        return f"Cost-effectiveness ({of['base_case']}, {of['currency']} {of['price_year_text']}, reference {of['reference']})"

    def to_frame(self) -> pandas.DataFrame:
        """The incremental table.

        Returns
        -------
        pandas.DataFrame
            A row for each schedule, of a sweep for each scenario and schedule: `cost`, `qalys`, `incremental_cost`,
            `incremental_qalys`, `icer` (NaN where no ratio makes sense) and `status`.
        """
        import pandas

        if self.scenarios:
            return pandas.concat({i: each.to_frame() for i, each in enumerate(self.scenarios)}, names=["scenario"])
        frame = pandas.DataFrame(self.document["schedules"]).set_index("schedule")[list(TABLE)]
        return frame.astype({"icer": float})

    def to_dict(self) -> dict[str, Any]:
        """The document of `radsim cea --json`: numbers, text, lists and dicts, None where nothing is known."""
        return self.document

    def to_xarray(self) -> xarray.Dataset:
        """Draws and curves, labelled.

        Returns
        -------
        xarray.Dataset
            `cost`, `qalys`, `incremental_cost`, `incremental_qalys` (draw, schedule; the plane, against the reference) and along
            `threshold` `acceptability` with `acceptability_low95`, `acceptability_high95`, `expected_loss` (threshold,
            schedule), `acceptability_frontier`, `optimal_schedule`, `evpi` (threshold); with a leading `subgroup`, everyone first, where there
            are subgroups, and `scenario` for a sweep.
        """
        import xarray

        if self.scenarios:
            parts = [each.to_xarray() for each in self.scenarios]
            return xarray.concat(parts, dim=self._labels["scenario"], combine_attrs="override", join="outer")
        parts = [labelled(data, self.thresholds, self.reference) for data in self.populations.values()]
        if len(parts) == 1:
            return parts[0]
        return xarray.concat(parts, dim=xarray.Variable("subgroup", list(self.populations)), combine_attrs="override")


def cost_effectiveness(
    dataset: xarray.Dataset,
    *,
    economics: Mapping[str, Any] | Any | None = None,
    thresholds: Sequence[float] | None = None,
    reference: str | None = None,
    evppi: Sequence[str] | str = (),
    evsi: Sequence[str | os.PathLike[str] | Mapping[str, Any]] = (),
    trial_cost: float | None = None,
    trial_cost_per_patient: float | None = None,
    trial_sizes: Sequence[int] = (),
    trial_years: int = 0,
    responders: bool = False,
    severity: bool = False,
    equity: bool | float = False,
    one_way: bool | Sequence[str] = False,
    two_way: tuple[str, str] | None = None,
    break_even: bool = False,
    scenarios: bool | Sequence[Mapping[str, Any]] = False,
    budget: bool = False,
    patients_per_year: float | None = None,
    years: int = 5,
    wanted_error: float | None = None,
    cohort: str | os.PathLike[str] | None = None,
    patients: int | None = None,
    threads: int | None = None,
    progress: Callable[[str, int, int], object] | None = None,
) -> Analysis:
    """Analyse the cost-effectiveness of a result.

    Parameters
    ----------
    dataset : xarray.Dataset
        A result of `radsim.simulate` or of a sweep. With parameter draws (``draws: N``) the probabilistic mean is the base case.
    economics : mapping or Economics, optional
        Prices, utilities, perspective and discounting in the form of the section `economics`: values the result anew, without a
        simulation. By default as the result was valued.
    thresholds : sequence of float, optional
        Willingness-to-pay thresholds, in any order; by default those of the economics. [currency per QALY]
    reference : str, optional
        Schedule to compare with; the first by default.
    evppi : sequence of str, or "groups", or "all"
        Parameters and groups to find the value of: see `groups.members`. "groups": every group; "all": every parameter that varies too.
    evsi : sequence of path or mapping, optional
        Proposed trials to find the value of: as a trial of `validate`, each arm with `randomised`, and nothing observed.
    trial_cost, trial_cost_per_patient : float, optional
        What a trial costs, whatever its size, and for each patient on top. Needs `patients_per_year`. [currency]
    trial_sizes : sequence of int, optional
        Patients in each arm, in the place of those of the file.
    trial_years : int
        Years until the trial reports; it is of use to the patients of the `years` after these.
    responders : bool
        Cost per responder, and per additional one.
    severity : bool
        The decision with the severity modifier of NICE, as a scenario; needs a result to the end of life.
    equity : bool or float
        Distributional cost-effectiveness over the subgroups, as a scenario; a number is the aversion to inequality in the place of the
        registry's.
    one_way : bool or sequence of str
        Move each parameter (or those) to the ends of its range. Simulates the base case again for clinical parameters.
    two_way : tuple of two str, optional
        Two parameters to move together.
    break_even : bool
        Threshold analysis: find the values of a parameter at which another schedule becomes the best.
    scenarios : bool or sequence of dict
        Table of structural scenarios: those that come with radsim, or these.
    budget : bool
        Budget impact, as the economics say.
    patients_per_year : float, optional
        Patients for whom information has value and a department has work; by default those of `budget_impact`, if it is given.
    years : int
        Years for which the decision is valid.
    wanted_error : float, optional
        Standard error of incremental net benefit to advise on; a tenth of the difference between the two best by default. [currency]
    cohort : path, optional
        The cohort file of the study, where it is to be simulated again.
    patients : int, optional
        Patients under each schedule where it is simulated again.
    threads : int, optional
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Returns
    -------
    Analysis

    Raises
    ------
    UsageFault
        If the result has no costs or QALYs, or an argument does not fit it.
    ConfigError
        If `economics` is faulty.

    Notes
    -----
    Statistics use draws >= 1. One-way, two-way, threshold analyses and scenarios use the random numbers of draw 0, the deterministic base case.
    """
    options = {
        "evppi": evppi, "evsi": evsi, "trial": (trial_cost, trial_cost_per_patient, tuple(trial_sizes), trial_years),
        "responders": responders, "severity": severity, "equity": equity, "one_way": one_way, "two_way": two_way, "break_even": break_even, "scenarios": scenarios,
        "budget": budget, "patients_per_year": patients_per_year, "years": years, "wanted_error": wanted_error,
        "cohort": cohort, "patients": patients, "threads": threads, "progress": progress,
    }  # fmt: skip
    given = economics is not None
    record, economics, dataset = valued(dataset, economics)
    thresholds = chosen_thresholds(thresholds, economics)
    reference = chosen_reference(reference, dataset)
    if "scenario" in dataset.dims:
        return _of_sweep(dataset, record, economics, thresholds, reference, {**options, "given": given})
    return _of_one(dataset, record, economics, thresholds, reference, options)


def chosen_thresholds(thresholds, economics):
    """Thresholds as a rising array; UsageFault if there are none, or they are not amounts, each once."""
    if thresholds is None or len(thresholds) == 0:
        if economics is None:
            raise UsageFault("thresholds: expected at least one (--threshold), found none")
        return np.array(economics.thresholds, float)
    found = np.array([float(t) for t in thresholds])
    if not np.all((found >= 0.0) & (found <= HIGHEST_WORTH)) or len(set(found)) < len(found):
        raise UsageFault(
            f"thresholds: expected amounts of 0 or more and up to {HIGHEST_WORTH:g}, each once, found {', '.join(f'{t:g}' for t in found)}"
        )
    return np.sort(found)


def chosen_reference(reference, dataset):
    """Number of the reference schedule; UsageFault for one that the result does not have, and for names that repeat."""
    names = schedule_labels(dataset)
    if reference is None:
        return 0
    if str(reference) not in names:
        raise UsageFault(f"reference: expected a schedule of the result ({', '.join(names)}), found {reference}")
    return names.index(str(reference))


def _of_sweep(dataset, record, economics, thresholds, reference, options):
    """One analysis a scenario of a sweep."""
    wanted = [name for name in ("evsi", "one_way", "two_way", "break_even", "scenarios") if options[name]]
    if wanted:
        raise UsageFault(f"{wanted[0].replace('_', '-')}: needs the result of one study, found a sweep")
    analyses = []
    for number in range(dataset.sizes["scenario"]):
        one = dataset.isel(scenario=number)
        try:
            found = _of_one(one, record, economics, thresholds, reference, options)
        except UsageFault as fault:
            raise UsageFault(f"scenario {number}: {fault}") from None
        label = scenario_label(one)
        own = of_scenario(economics, record, label, is_as_recorded=not options["given"])
        size = {name: found.document["valuation"][name] for name in ("draws", "patients")}
        found.document = {"scenario": label, **found.document, "valuation": identity(*own, **size)}
        analyses.append(found)
    document = {"scenarios": [each.document for each in analyses], "scope": SCOPE}
    return Analysis(
        document,
        None,
        thresholds=thresholds,
        reference=reference,
        scenarios=analyses,
        labels={"scenario": dataset["scenario"]},
        economics=economics,
    )


def scenario_label(one):
    """What was swept, and its values in one scenario: its number, and every coordinate of the scenario."""
    found = {}
    for name, coordinate in one.coords.items():
        if coordinate.ndim == 0 and name != "subgroup":
            value = coordinate.values.item()
            found[str(name)] = value if isinstance(value, int | float | bool) else str(value)
    return found


def _of_one(dataset, record, economics, thresholds, reference, options):
    """The analysis of a result without scenarios."""
    from radsim.decision.subgroups import individualised_value, parts, subgroup_rows

    whole = dataset.isel(subgroup=0) if "subgroup" in dataset.dims else dataset
    data = samples(whole)
    document = core(data, thresholds=thresholds, reference=reference, wanted=options["wanted_error"])
    document["valuation"] = identity(economics, record, draws=len(data.draws), patients=data.n_patients)
    groups = {}
    if "subgroup" in dataset.dims:
        groups = {name: of_group for name, of_group, _, _ in parts(dataset, reference)}
        document["subgroups"] = subgroup_rows(dataset, thresholds=thresholds, reference=reference)
        document["individualised"] = individualised_value(dataset, thresholds=thresholds, reference=reference)
    per_year = _patients_per_year(economics, options)
    if per_year is not None and data.is_probabilistic:
        rate = 0.0 if economics is None else economics.discount.costs
        document["population"] = population(document, patients_per_year=per_year, years=options["years"], discount=rate)
    if "count" in whole.variables and "n_patients" in whole.variables:
        from radsim.decision.burden import burden

        document["burden"] = burden(whole, patients_per_year=per_year)
    if options["evppi"]:
        document["evppi"] = _partial(whole, data, thresholds, options)
    if options["evsi"]:
        document["evsi"] = _of_trials(whole, data, record, economics, thresholds, options)
    document |= _of_whom(dataset, whole, data, economics, thresholds, reference, options, document["valuation"])
    document |= deterministic_analyses(whole, data, record, economics, thresholds, reference, options)
    document["provisional"] = [] if record is None else list(record["provisional"])
    document["warnings"] = _warnings(data, record)
    if "replayed" in document and not document["replayed"]["is_that_of_the_result"] and options["patients"] is None:
        document["warnings"].append(DIFFERS)
    document["scope"] = SCOPE
    return Analysis(
        without_nan(document), data, thresholds=thresholds, reference=reference, subgroups=groups, economics=economics
    )


def _patients_per_year(economics, options):
    if options["patients_per_year"] is not None:
        return options["patients_per_year"]
    return None if economics is None or economics.budget_impact is None else economics.budget_impact.patients_per_year


def _partial(dataset, data, thresholds, options):
    """EVPPI of what was asked for."""
    from radsim.decision.groups import group_names, partial_information

    wanted = options["evppi"]
    if isinstance(wanted, str):
        table = parameter_table(dataset, data.draws) if len(data.draws) >= LEAST_DRAWS else {}
        shorthand = {"groups": group_names(table), "all": [*group_names(table), *table]}
        wanted = shorthand.get(wanted, [wanted])
    return partial_information(
        dataset,
        data,
        thresholds=thresholds,
        wanted=wanted,
        progress=progress_of(options["progress"], "value of information"),
    )


def _of_whom(dataset, whole, data, economics, thresholds, reference, options, valuation):
    """Cost per responder, severity and equity: whatever was asked for."""
    found = {}
    if options["responders"]:
        from radsim.decision.responders import cost_per_responder

        found["responders"] = cost_per_responder(whole, data, reference=reference)
    how = {"thresholds": thresholds, "reference": reference}
    if options["severity"]:
        from radsim.decision.severity import severity

        found["severity"] = severity(whole, data, economics, **how, horizon=valuation.get("horizon_days"))
    if options["equity"] is not False:
        from radsim.decision.equity import distributional

        aversion = None if options["equity"] is True else options["equity"]
        found["equity"] = distributional(dataset, economics, **how, aversion=aversion)
    return found


def _of_trials(dataset, data, record, economics, thresholds, options):
    """EVSI of the proposed trials."""
    from radsim.decision.proposed import Plan, trial_information

    return trial_information(
        dataset, data, options["evsi"], thresholds=thresholds, seed=0 if record is None else record["seed"], plan=Plan(*options["trial"]),
        per_year=_patients_per_year(economics, options), years=options["years"], discount=0.0 if economics is None else economics.discount.costs,
        threads=options["threads"], progress=progress_of(options["progress"], "simulating the trial"),
    )  # fmt: skip


def _warnings(data, record):
    """What a reader must know beside the figures."""
    found = [] if record is None else [str(warning) for warning in record["warnings"]]
    if not data.is_probabilistic:
        found.append("no parameter draws: the figures are of the deterministic base case, without CEAC or EVPI")
    elif len(data.draws) < 100:
        n = len(data.draws)
        found.append(f"{n} draw{'s' * (n > 1)}: the acceptability curve and the value of information are rough")
    return found
