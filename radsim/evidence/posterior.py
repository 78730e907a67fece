"""Draws of the calibrated parameters, and what their file says of them."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from radsim import _cache
from radsim.evidence.entries import EvidenceError
from radsim.evidence.files import to_json

POSTERIOR = Path(__file__).parents[1] / "data" / "draws" / "posterior.nc"
"""Draws of the calibrated parameters, made by `radsim calibrate`; the registry in `FOLDER` draws from them."""


@lru_cache(maxsize=2)
def load_posterior(path):
    """Draws of the calibrated parameters.

    Parameters
    ----------
    path : path
        File that `radsim calibrate` wrote.

    Returns
    -------
    dict of str to ndarray, shape (draw,)
        Read-only. Row 0 is draw 1.

    Raises
    ------
    EvidenceError
        If the file cannot be read.
    """
    import netCDF4
    import numpy as np

    try:
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            names, table = file["parameter"][:], np.asarray(file["parameter_value"][:], np.float64)
    except (OSError, IndexError, RuntimeError) as error:
        raise EvidenceError([f"{Path(path).name}: expected draws of radsim calibrate, found {error}"]) from error
    table.flags.writeable = False
    return {str(name): table[:, i] for i, name in enumerate(names)}


@lru_cache(maxsize=2)
def load_base_case(path):
    """Value of each calibrated parameter in the base case: the mean of its draws, dict of str to float.

    Kept in the cache under the digest of the file: opening it takes a hundred times longer.
    """
    key = f"base-case-{hashlib.sha256(Path(path).read_bytes()).hexdigest()}.json"
    kept = _cache.load(key)
    if kept is None:
        import netCDF4

        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            kept = to_json(dict(zip(map(str, file["parameter"][:]), file["base_case"][:].tolist(), strict=True)))
        _cache.store(key, kept)
    return json.loads(kept)


def posterior_summary(registry):
    """What the calibration says of each calibrated parameter of a registry.

    Returns
    -------
    dict of str to dict
        By name: ``prior`` and ``posterior``, each with median, low95 and high95, and ``informed_by``, the trials. Empty without a
        posterior; what the calibration left out, a deviation of zero, is not there.
    """
    if registry.posterior is None:
        return {}
    import netCDF4

    with netCDF4.Dataset(registry.posterior) as file:
        rows = json.loads(file.radsim_calibration_report)["parameters"]
    summary = {}
    for row in rows:
        found = {key: row[key] for key in ("prior", "posterior", "informed_by")}
        if row["name"] in registry.own_location:
            found = {key: _moved_to(registry[row["name"]].value, found[key]) for key in ("prior", "posterior")} | {
                "informed_by": row["informed_by"]
            }
        left_out = row["prior"]["low95"] == row["prior"]["high95"]
        if row["draws"] == "posterior" and row["name"] in registry and not left_out:
            summary[row["name"]] = found
    return summary


def _moved_to(value, numbers):
    return {key: number - numbers["median"] + value for key, number in numbers.items()}


def prior_fingerprint(registry, names):
    """SHA-256 of the uncertainties of some parameters: whether a posterior still belongs to a registry."""
    priors = {name: [registry[name].value, registry[name].uncertainty] for name in names}
    return hashlib.sha256(to_json(priors).encode("utf-8")).hexdigest()
