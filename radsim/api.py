"""The functions of `import radsim`: a configuration in, a labelled Dataset out, and what is made of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from radsim.simulation import prepared, simulate_study

if TYPE_CHECKING:
    import xarray
    from matplotlib.figure import Figure

    from radsim.compare import Answer
    from radsim.config import Config, Schedule
    from radsim.decision import Analysis
    from radsim.guide import Guidance
    from radsim.sweep.conduct import Summary

Path = str | os.PathLike[str]
Progress = Callable[[int, int], object]


def simulate(
    config: Config | Path | Mapping[str, Any], *, threads: int | None = None, progress: Progress | None = None
) -> xarray.Dataset:
    """Simulate a study.

    Parameters
    ----------
    config : Config, path or mapping
        From `radsim.load_config`, or what it reads.
    threads : int, optional
        Threads; all processors by default. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(done, total)`` with trajectories.

    Returns
    -------
    xarray.Dataset
        Every outcome by draw and schedule, with its error and its difference from the first schedule. The attribute
        `radsim_record` holds what it takes to repeat the study.

    Raises
    ------
    ConfigError, EvidenceError, CohortError
        If the configuration, a parameter or the cohort file cannot be used; with every fault.
    UsageFault
        If threads is not a whole number of at least 1.

    Notes
    -----
    A configuration without a seed gets one, which the record holds.

    Examples
    --------
    >>> study = {"seed": 1, "cohort": {"size": 500, "site": "hip"}, "schedules": ["8Gy/1", "20Gy/5"]}
    >>> result = radsim.simulate(study)  # doctest: +SKIP
    >>> result.retreatment_incidence.sel(draw=0, time=365)  # doctest: +SKIP
    """
    with _named("simulate"):
        return simulate_study(prepared(config), threads=threads, progress=progress).to_xarray()


def compare(
    *schedules: str | Schedule | Sequence[str | Schedule],
    primary: str | None = None,
    site: str | None = None,
    age: float | None = None,
    sex: str | None = None,
    subtype: str | None = None,
    karnofsky: int | None = None,
    ecog: int | None = None,
    visceral: bool | None = None,
    lesion: str | None = None,
    cortical_involvement_mm: float | None = None,
    neuropathic: bool | None = None,
    pain: float | None = None,
    morphine_equivalent: float | None = None,
    several_sites: bool | None = None,
    bone_agent_before: bool | None = None,
    smoking: bool | None = None,
    dentures: bool | None = None,
    kidney_failure: bool | None = None,
    heart_failure: bool | None = None,
    low_platelets: bool | None = None,
    collapsed_vertebra: bool | None = None,
    bleeding_tendency: bool | None = None,
    immunosuppressed: bool | None = None,
    care: Mapping[str, Any] | None = None,
    prior: str | Sequence[str] | None = None,
    prognosis_weeks: float | None = None,
    cord_dose_gy: float | None = None,
    complicated: bool = False,
    postoperative: bool = False,
    era: Literal["modern", "1990s"] = "modern",
    evidence: Literal["guideline", "trials"] = "trials",
    patients: int = 1024,
    draws: int = 100,
    seed: int = 20260101,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Compare schedules for one kind of patient: of 100 patients like this one.

    What is not given is averaged over the default population, as in `radsim compare`.

    Parameters
    ----------
    *schedules : str or Schedule
        Two or more, such as ``"8Gy/1", "20Gy/5"``; or one list of them.
    primary : str, optional
        breast, prostate, lung or other; kidney, myeloma and some more are simulated as other.
    site : str, optional
        hip (proximal femur), pelvis, spine, humerus, rib or other; femur, sacrum and some more are simulated as one of these.
    age : float, optional
        18 to 110. [year]
    sex : str, optional
        female or male.
    subtype : str, optional
        Receptors of a breast cancer, such as ``triple_negative``.
    karnofsky : int, optional
        10 to 100, in tens.
    ecog : int, optional
        0 to 4, instead of `karnofsky`.
    visceral, neuropathic : bool, optional
        Visceral metastases; a neuropathic component of the pain.
    lesion : str, optional
        lytic, mixed or blastic.
    cortical_involvement_mm : float, optional
        Axial cortical involvement of the femur. [mm]
    pain : float, optional
        Worst pain, 2 to 10.
    morphine_equivalent : float, optional
        Daily oral morphine equivalent. [mg]
    several_sites, bone_agent_before, smoking, dentures, kidney_failure, heart_failure, low_platelets : bool, optional
        What the care around the radiotherapy asks for.
    collapsed_vertebra, bleeding_tendency, immunosuppressed : bool, optional
        What procedures at the site ask for.
    care : mapping, optional
        Care around the radiotherapy, written as in the section ``care`` of a configuration.
    prior : str or list of str, optional
        Earlier courses to the same site: ``"30Gy/10@20w"`` ended 20 weeks ago.
    prognosis_weeks : float, optional
        Your own estimate of median survival. [week]
    cord_dose_gy : float, optional
        Dose of an SBRT course to the spinal cord. [Gy]
    complicated, postoperative : bool
        Circumstances that the model does not know; the answer then names the trials that do.
    era, evidence : str
        Survival of today or of the fractionation trials; the evidence set.
    patients, draws, seed : int
        Size of the simulation. The same seed gives the same answer.
    threads, progress : optional
        As in `radsim.simulate`.

    Returns
    -------
    Answer
        A notebook shows it as a table; `to_frame` gives its numbers, `to_dict` everything.

    Raises
    ------
    ConfigError
        With every argument that cannot be used.
    """
    from radsim.compare import answer, question
    from radsim.config import ConfigError

    patient = _given({
        "primary": primary, "site": site, "age": age, "sex": sex, "subtype": subtype, "karnofsky": karnofsky, "ecog": ecog,
        "visceral": visceral, "lesion": lesion, "cortical_involvement_mm": cortical_involvement_mm, "neuropathic": neuropathic, "pain": pain,
        "morphine_equivalent": morphine_equivalent, "several_sites": several_sites, "bone_agent_before": bone_agent_before,
        "smoking": smoking, "dentures": dentures, "kidney_failure": kidney_failure, "heart_failure": heart_failure,
        "low_platelets": low_platelets, "collapsed_vertebra": collapsed_vertebra, "bleeding_tendency": bleeding_tendency,
        "immunosuppressed": immunosuppressed,
    })  # fmt: skip
    try:
        config = question(
            [each for given in schedules for each in (given if isinstance(given, list | tuple) else [given])],
            patient=patient,
            care=care, prior=prior, prognosis_weeks=prognosis_weeks, cord_dose_gy=cord_dose_gy, era=era, evidence=evidence,
            patients=patients, draws=draws, seed=seed,
        )  # fmt: skip
    except ConfigError as error:
        raise ConfigError(_by_argument(fault, "compare") for fault in error.faults) from None
    circumstances = [name for name, is_so in (("complicated", complicated), ("postoperative", postoperative)) if is_so]
    with _named("compare"):
        return answer(
            config, circumstances=circumstances, prognosis_weeks=prognosis_weeks, threads=threads, progress=progress,
            command="radsim.compare",
        )  # fmt: skip


def guide(
    *,
    primary: str | None = None,
    site: str | None = None,
    age: float | None = None,
    sex: str | None = None,
    subtype: str | None = None,
    karnofsky: int | None = None,
    ecog: int | None = None,
    visceral: bool | None = None,
    lesion: str | None = None,
    cortical_involvement_mm: float | None = None,
    neuropathic: bool | None = None,
    pain: float | None = None,
    morphine_equivalent: float | None = None,
    several_sites: bool | None = None,
    bone_agent_before: bool | None = None,
    smoking: bool | None = None,
    dentures: bool | None = None,
    kidney_failure: bool | None = None,
    heart_failure: bool | None = None,
    low_platelets: bool | None = None,
    care: Mapping[str, Any] | None = None,
    prior: str | Sequence[str] | None = None,
    prognosis_weeks: float | None = None,
    suspected_cord_compression: bool = False,
    impending_fracture: bool = False,
    complicated: bool = False,
    postoperative: bool = False,
    bleeding_risk: bool = False,
    infection: bool = False,
    reader: Literal["clinician", "patient"] = "clinician",
    era: Literal["modern", "1990s"] = "modern",
    evidence: Literal["guideline", "trials"] = "trials",
    patients: int = 1024,
    draws: int = 100,
    seed: int = 20260101,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Guidance:
    """What guidelines say of one kind of patient, rule by rule, with the figures of radsim beside them.

    What is not given is not known to the rules; in the figures it is averaged over the default population, as in `radsim.compare`.

    Parameters
    ----------
    primary : str, optional
        breast, prostate, lung or other; kidney, myeloma and some more are simulated as other.
    site : str, optional
        hip (proximal femur), pelvis, spine, humerus, rib or other; femur, sacrum and some more are simulated as one of these.
    age : float, optional
        18 to 110. [year]
    sex : str, optional
        female or male.
    subtype : str, optional
        Receptors of a breast cancer, such as ``triple_negative``.
    karnofsky : int, optional
        10 to 100, in tens.
    ecog : int, optional
        0 to 4, instead of `karnofsky`.
    visceral, neuropathic : bool, optional
        Visceral metastases; a neuropathic component of the pain.
    lesion : str, optional
        lytic, mixed or blastic.
    cortical_involvement_mm : float, optional
        Axial cortical involvement of the femur. [mm]
    pain : float, optional
        Worst pain, 2 to 10.
    morphine_equivalent : float, optional
        Daily oral morphine equivalent. [mg]
    several_sites, bone_agent_before, smoking, dentures, kidney_failure, heart_failure, low_platelets : bool, optional
        What the care around the radiotherapy asks for.
    care : mapping, optional
        Care around the radiotherapy, written as in the section ``care`` of a configuration.
    prior : str or list of str, optional
        Earlier courses to the same site: ``"30Gy/10@20w"`` ended 20 weeks ago.
    prognosis_weeks : float, optional
        Your own estimate of median survival. [week]
    suspected_cord_compression, impending_fracture : bool
        An emergency: then nothing is simulated, and there are no figures.
    complicated, postoperative, bleeding_risk, infection : bool
        What else is so.
    reader : str
        In whose words it shows itself.
    era, evidence : str
        Survival of today or of the fractionation trials; the evidence set.
    patients, draws, seed : int
        Size of the simulation. The same seed gives the same answer.
    threads, progress : optional
        As in `radsim.simulate`.

    Returns
    -------
    Guidance
        A notebook shows it as text; `lines` gives its paragraphs, `to_dict` everything.

    Raises
    ------
    ConfigError
        With every argument that cannot be used.
    """
    from radsim.config import ConfigError
    from radsim.guide import READERS, guidance, guide_question
    from radsim.storage import UsageFault

    patient = _given({
        "primary": primary, "site": site, "age": age, "sex": sex, "subtype": subtype, "karnofsky": karnofsky, "ecog": ecog,
        "visceral": visceral, "lesion": lesion, "cortical_involvement_mm": cortical_involvement_mm, "neuropathic": neuropathic, "pain": pain,
        "morphine_equivalent": morphine_equivalent, "several_sites": several_sites, "bone_agent_before": bone_agent_before,
        "smoking": smoking, "dentures": dentures, "kidney_failure": kidney_failure, "heart_failure": heart_failure,
        "low_platelets": low_platelets,
    })  # fmt: skip
    flags = {
        "suspected_cord_compression": suspected_cord_compression, "impending_fracture": impending_fracture, "complicated": complicated,
        "postoperative": postoperative, "bleeding_risk": bleeding_risk, "infection": infection,
    }  # fmt: skip
    if reader not in READERS:
        raise UsageFault(f"guide: reader: expected one of {', '.join(READERS)}, found {reader}")
    try:
        config = guide_question(
            patient=patient, care=care, prior=prior, prognosis_weeks=prognosis_weeks, era=era, evidence=evidence, patients=patients,
            draws=draws, seed=seed,
        )  # fmt: skip
    except ConfigError as error:
        raise ConfigError(_by_argument(fault, "guide") for fault in error.faults) from None
    with _named("guide"):
        return guidance(
            config, said=[name for name, is_so in flags.items() if is_so], prognosis_weeks=prognosis_weeks, reader=reader, threads=threads,
            progress=progress,
        )  # fmt: skip


def sweep(
    plan: Path | Mapping[str, Any],
    store: Path,
    *,
    threads: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Callable[[dict[str, Any]], object] | None = None,
    yes: bool = False,
    force: bool = False,
) -> Summary:
    """Simulate every scenario of a sweep that its store does not hold yet.

    Parameters
    ----------
    plan : path or mapping
        ``base`` (a file, or in a mapping a configuration) with ``grid`` and/or ``sample``.
    store : path
        Folder of the Zarr store; made if it is not there. Open it with `radsim.open_result`.
    threads, workers, scheduler : optional
        Threads of this process (the default: all processors), or Dask workers on this machine, or the address of a Dask
        scheduler. The result does not depend on it.
    progress : callable, optional
        Called with a dict: ``event`` and what it is about.
    yes : bool
        Confirm more than 100,000 scenarios.
    force : bool
        Start again where the store holds another plan, or was made by another version.

    Returns
    -------
    Summary
        What was done.

    Raises
    ------
    ConfigError, EvidenceError, CohortError, UsageFault
        If the plan cannot be simulated, or the store cannot take it.
    OSError
        If the machine or the cluster fails; what is stored stays, and the same call continues from there.
    """
    from radsim.sweep.conduct import run

    with _named("sweep"):
        return run(
            plan, store, threads=threads, workers=workers, scheduler=scheduler, progress=progress, yes=yes, force=force,
        )  # fmt: skip


def open_result(path: Path) -> xarray.Dataset:
    """Open a result: a netCDF file of `radsim run`, or a store of `radsim sweep`, finished or not.

    Parameters
    ----------
    path : path
        A file or the folder of a store.

    Returns
    -------
    xarray.Dataset
        A file is read into memory and closed; the variables of a store are read when they are used.

    Raises
    ------
    UsageFault, RecordFault
        If the path is missing, damaged, or neither of these.
    """
    from radsim.provenance import from_dataset
    from radsim.storage import read_netcdf

    with _named("open_result"):
        if not os.path.isdir(path):
            result = read_netcdf(path)
            from_dataset(result)  # refuses what is not a result of radsim
            return result
        from radsim.sweep.look import open_sweep

        return open_sweep(path)


def calibrate(
    settings: Path | Mapping[str, Any], *, draws: int | None = None, threads: int | None = None, progress: Progress | None = None
) -> xarray.Dataset:  # fmt: skip
    """Calibrate the parameters to the trials of kind `calibration`.

    Parameters
    ----------
    settings : path or mapping
        In the form of `configs/calibration.yaml`.
    draws : int, optional
        Draws to return, instead of those of the settings.
    threads, progress : optional
        As in `radsim.simulate`.

    Returns
    -------
    xarray.Dataset
        ``parameter_value`` (draw, parameter), with record and report as attributes.
    """
    from radsim.calibrate import calibrate as run
    from radsim.calibrate import load_settings
    from radsim.extras import require

    with _named("calibrate"):
        require("threadpoolctl", extra="calibrate")
        return run(load_settings(settings, draws=draws), threads=threads, progress=progress)


def plot(
    result: xarray.Dataset | Path | Analysis | Mapping[str, Any],
    kind: str,
    *,
    schedules: Sequence[str] | None = None,
    subgroup: str | None = None,
    scenario: int | None = None,
    day: float | None = None,
    threshold: Sequence[float] | None = None,
    reference: str | None = None,
    against: str | None = None,
    outcome: str | None = None,
    over: Sequence[str] | None = None,
    size: tuple[float, float] = (7.0, 4.5),
) -> Figure:
    """Draw one figure of a result.

    Parameters
    ----------
    result : xarray.Dataset, path, Analysis or mapping
        A result or a sweep; an `Analysis`, or the document of `radsim.validate`, for the kinds that show one.
    kind : str
        As `radsim plot --help` lists them: ``relief``, ``pain``, ``icons``, ``ceac``, …
    schedules, subgroup, scenario : optional
        What of the result is shown; everything, and all patients, by default.
    day : float, optional
        Of icons and sweeps; 84 by default. [d]
    threshold : sequence of float, optional
        Willingness-to-pay thresholds. [currency per QALY]
    reference, against : str, optional
        Schedule that a plane compares with; schedule of a tornado.
    outcome, over : optional
        Variable, and one or two swept paths, of the figure of a sweep.
    size : tuple of float
        Width and height; some figures grow with what they show. [inch]

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig("relief.png")``.

    Raises
    ------
    UsageFault
        If the result lacks what the kind needs, or matplotlib is not installed.
    """
    from radsim.figures import draw

    with _named("plot"):
        return draw(
            kind, _opened(result), size=size, subgroup=subgroup, schedules=schedules, scenario=scenario, day=day,
            threshold=threshold, reference=reference, against=against, outcome=outcome, over=over,
        )  # fmt: skip


def report(
    result: xarray.Dataset | Path,
    path: Path,
    *,
    words: Literal["clinician", "patient"] = "clinician",
    validation: Mapping[str, Any] | None = None,
    force: bool = False,
) -> None:
    """Write a result as one self-contained HTML page.

    Parameters
    ----------
    result : xarray.Dataset or path
        Of a study or of a sweep, with or without draws, economics, subgroups.
    path : path
        File to write.
    words : str
        clinician or patient: whose words the page begins with; the reader can switch.
    validation : mapping, optional
        Document of `radsim.validate`; without it the page quotes the summary that comes with radsim.
    force : bool
        Replace an existing file.

    Raises
    ------
    UsageFault
        If the file exists, or jinja2 or matplotlib is not installed.
    RecordFault
        If it is not a result of radsim.
    """
    from radsim.report import write_report

    with _named("report"):
        write_report(_opened(result), path, words=words, validation_document=validation, force=force)


def export(
    result: xarray.Dataset | Path,
    path: Path,
    *,
    to: Literal["csv", "xlsx", "parquet"],
    raw: Sequence[Literal["occupancy", "count"]] = (),
    analysis: Analysis | None = None,
    force: bool = False,
) -> list[str]:
    """Write a result as tables for R, for a spreadsheet or for a committee.

    Parameters
    ----------
    result : xarray.Dataset or path
        Of a study or of a sweep.
    path : path
        A folder for csv and Parquet, a file for xlsx.
    to : str
        csv, xlsx or parquet.
    raw : sequence of str
        ``occupancy`` and ``count``, if these are wanted too (csv and Parquet).
    analysis : Analysis, optional
        From `radsim.cost_effectiveness`; without it, one is made where the result has costs.
    force : bool
        Replace an earlier export.

    Returns
    -------
    list of str
        Names of the tables.

    Raises
    ------
    UsageFault
        If the path is taken, a library is missing, or a table is too long for a sheet.
    RecordFault
        If it is not a result of radsim.
    """
    from radsim.export import write

    with _named("export"):
        return write(_opened(result), path, to=to, raw=raw, analysis=analysis, force=force)


def _opened(result: Any) -> Any:
    """What a path leads to; anything else as it is."""
    return open_result(result) if isinstance(result, str | os.PathLike) else result


@contextlib.contextmanager
def _named(function: str) -> Iterator[None]:
    """Put the name of a function before a fault of its arguments."""
    from radsim.storage import UsageFault

    try:
        yield
    except UsageFault as fault:
        text = str(fault).removeprefix("--")
        if not text.startswith(f"{function}: "):
            fault.args = (f"{function}: {text}",)
        raise


def _given(covariates: dict[str, Any]) -> dict[str, Any]:
    """Those covariates that were given."""
    return {name: value for name, value in covariates.items() if value is not None}


def _by_argument(fault: Any, function: str) -> Any:
    """A fault of the question under the name of the argument of `compare` or `guide` that it comes from."""
    path = fault.path.removeprefix("cohort.")
    return fault._replace(file=function, path="patients" if path == "size" else path)
