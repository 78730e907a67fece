"""Bands of age, Karnofsky and prognosis, which a study may report apart like the categories of a covariate."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import NamedTuple

from radsim.config.covariates import CATEGORIES
from radsim.yaml.packaged import read_packaged

BANDS = ("age_band", "karnofsky_band", "prognosis_band")
SCORE = "score"
"""What the bands of prognosis are bands of: the number of risk factors, which three covariates give together."""


class Band(NamedTuple):
    """How a number is divided into bands.

    Parameters
    ----------
    of : str
        A covariate, or `SCORE`.
    edges : tuple of float
        Increasing; a band goes from its edge up to the next one, which is not in it. In the unit of the covariate.
    labels : tuple of str
        One more than edges.
    note, source, status : str
    """

    of: str
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    note: str
    source: str
    status: str


@functools.cache
def band(name: str) -> Band:
    """One of `BANDS`."""
    entry = read_packaged("patients.yaml")["bands"][name]
    edges = tuple(map(float, entry["edges"]))
    return Band(entry["of"], edges, tuple(entry["labels"]), entry.get("note", ""), entry["source"], entry["status"])


def score_karnofsky() -> float:
    """Karnofsky index up to which it counts as a risk factor."""
    return float(read_packaged("patients.yaml")["bands"]["prognosis_band"]["karnofsky_at_most"])


def labels(subgroup: str) -> tuple[str, ...]:
    """Labels of what `subgroups` may name, in the order of the codes: `primary=breast`, `age 65-74`."""
    if subgroup in BANDS:
        return band(subgroup).labels
    return tuple(f"{subgroup}={category}" for category in CATEGORIES[subgroup])


def edges(subgroup: str) -> tuple[float, ...]:
    """Values at which the next code begins; of a category its code itself."""
    return band(subgroup).edges if subgroup in BANDS else tuple(map(float, range(1, len(CATEGORIES[subgroup]))))


def what_is_said(subgroups: Iterable[str]) -> list[str]:
    """What a reader must know of the bands that are asked for."""
    found = [(name, band(name)) for name in subgroups if name in BANDS]
    return [f"subgroups: {name}: {each.note} ({each.source})" for name, each in found if each.note]
