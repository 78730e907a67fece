"""The Python door: a configuration in, a labelled Dataset out."""

from __future__ import annotations


def simulate(config, *, threads=None, progress=None, command="radsim.simulate"):
    """Simulate a study.

    Parameters
    ----------
    config : Config, path or mapping
        From `load_config`, or what it reads.
    threads : int, optional
        Threads; all processors by default. The result does not depend on it.
    progress : callable, optional
        Called as ``progress(done, total)`` with lives.
    command : str
        For the run record.

    Returns
    -------
    xarray.Dataset
        See `radsim.results.VARIABLES`. Its attribute `radsim_record` holds what it takes to repeat the study.

    Raises
    ------
    ConfigError, EvidenceError, CohortError
        If the configuration, a parameter or the cohort file cannot be used.

    Notes
    -----
    A configuration without a seed gets one, which the record holds.
    """
    return simulate_study(prepared(config), threads=threads, progress=progress, command=command).to_xarray()


def prepared(config):
    """A study ready to run, from whatever `simulate` takes; its seed is drawn if it has none."""
    import secrets

    from radsim.config import Config, load_config
    from radsim.evidence import EvidenceError, unused_parameters
    from radsim.study import prepare

    if not isinstance(config, Config):
        config = load_config(config)
    if config.seed is None:
        config = config.model_copy(update={"seed": secrets.randbelow(2**53)})
    faults = unused_parameters(config.parameters)
    try:
        study = prepare(config)
    except EvidenceError as error:
        raise EvidenceError([*error.faults, *faults]) from None
    if faults:
        raise EvidenceError(faults)
    return study


def check_parameters(config):
    """Refuse parameters that the evidence set of a configuration does not know, or on which no simulation depends.

    Raises
    ------
    EvidenceError
        With every fault.
    """
    from radsim.evidence import EvidenceError, load_registry, unused_parameters

    faults = unused_parameters(config.parameters)
    try:
        load_registry(config.evidence).values(config.parameters)
    except EvidenceError as error:
        faults = [*error.faults, *faults]
    if faults:
        raise EvidenceError(faults)


def simulate_study(study, *, threads=None, progress=None, command="radsim.simulate"):
    """Simulate a prepared study, without xarray; returns `radsim.results.Results`. See `simulate`."""
    from radsim.engine import simulate as play
    from radsim.results import label

    results = label(study, play(study, threads=threads, progress=progress), command=command)
    if study.config.economics is None:
        return results
    from radsim.economics import with_value

    return with_value(results, study.config.economics)
