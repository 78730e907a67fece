"""From a configuration to its result: what the commands and the functions of `radsim.api` share."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from radsim.config import Config
    from radsim.results import Results
    from radsim.study import Study


def prepared(config: Config | str | os.PathLike[str] | Mapping[str, Any]) -> Study:
    """A study ready to run, from whatever `simulate` takes; its seed is drawn if it has none."""
    import secrets

    from radsim.config import Config, load_config
    from radsim.evidence import EvidenceError, unused_parameters
    from radsim.study import prepare

    if not isinstance(config, Config):
        config = load_config(config)
    if config.seed is None:
        config = config.model_copy(update={"seed": secrets.randbelow(2**53)})
    faults = unused_parameters(config.parameters, config.care)
    try:
        study = prepare(config)
    except EvidenceError as error:
        raise EvidenceError([*error.faults, *faults]) from None
    if faults:
        raise EvidenceError(faults)
    return study


def check_parameters(config: Config) -> None:
    """Refuse parameters that the evidence set of a configuration does not know, or on which nothing depends.

    Raises
    ------
    EvidenceError
        With every fault.
    """
    from radsim.evidence import EvidenceError, load_registry, unused_parameters

    faults = unused_parameters(config.parameters, config.care)
    try:
        load_registry(config.evidence).values(config.parameters)
    except EvidenceError as error:
        faults = [*error.faults, *faults]
    if faults:
        raise EvidenceError(faults)


def simulate_study(
    study: Study,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], object] | None = None,
    command: str = "radsim.simulate",
) -> Results:
    """Simulate a prepared study, without xarray; returns `radsim.results.Results`. See `simulate`.

    The record of a study that names another evidence set than the calibrated one holds what that gives too.
    """
    from radsim.as_calibrated import with_calibrated
    from radsim.engine import simulate_draws
    from radsim.results import label

    results = label(study, simulate_draws(study, threads=threads, progress=progress), command=command)
    results = with_calibrated(results, study, threads=threads)
    if study.config.economics is None:
        return results
    from radsim.valuation import with_value

    return with_value(results, study.config.economics)
