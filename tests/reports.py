"""Results for the tests of the report: small, of every form that a report must cope with."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from unittest.mock import patch

import pytest

import radsim
from radsim.report.pictures import kinds_of

HOSTILE = ("<script>alert(1)</script>", "../../x", '"><img src=x onerror=alert(1)>', "$\\frac{1}", "{{ 7*7 }}")
"""Names that would do harm if a page took them for more than names."""

HOSTILE_SCHEDULES = [
    {"name": HOSTILE[0], "dose_gy": 8, "fractions": 1},
    {"name": HOSTILE[1], "dose_gy": 20, "fractions": 5},
    {"name": HOSTILE[2], "dose_gy": 30, "fractions": 10},
]


def configuration(*, size=500, **changes):
    """A small study; ``changes`` are keys of the configuration."""
    return {
        "radsim": 1, "name": "A small study", "seed": 20260101, "schedules": ["8Gy/1", "20Gy/5", "none"], **changes,
        "cohort": {"size": size, **changes.get("cohort", {})},
    }  # fmt: skip


CHANGES = {
    "default": {},
    "draws": {"draws": 20},
    "one draw": {"draws": 1},
    "one schedule": {"schedules": ["8Gy/1"]},
    "only none": {"schedules": ["none"]},
    "early": {"times_days": [10], "horizon_days": 30},
    "subgroups": {"subgroups": ["primary"], "draws": 2},
    "hostile": {"name": HOSTILE[0], "schedules": HOSTILE_SCHEDULES, "draws": 2},
    "economics": {"economics": {"costs": "uk"}, "draws": 12},
    "economics without draws": {"economics": {"costs": "uk"}},
}
"""Forms of a result by name."""


@lru_cache
def result(form):
    """A result, simulated once."""
    if "economics" in form and find_spec("radsim.economics") is None:
        pytest.skip("there is no economics")
    return radsim.simulate(configuration(**CHANGES[form]), threads=1)


WITH_ALL_FIGURES = ("draws", "hostile")


def few_figures():
    """Pages with one figure of each sort, as a figure takes most of the time that a page takes."""
    return patch(
        "radsim.report.page.kinds_of",
        lambda page: {"course": ["relief"], "economic": ["ceac"]}.get(page, kinds_of(page)),
    )


@lru_cache
def page_of(form, words="clinician", *, whole=None):
    """The report on a result, made once; with all its figures if it is ``whole``, by default those of `WITH_ALL_FIGURES`."""
    from radsim.report import render

    if (form in WITH_ALL_FIGURES) if whole is None else whole:
        return render(result(form), words=words)
    with few_figures():
        return render(result(form), words=words)


def plan(*, n=3, size=200, **base):
    """A sweep over a grid of ``n`` by 2 scenarios."""
    flares = [round(0.2 + 0.3 * i / n, 3) for i in range(n)]
    return {
        "base": configuration(size=size, **{"schedules": ["8Gy/1", "20Gy/5"], **base}),
        "grid": {"cohort.karnofsky": [50, 80], "parameters.flare.probability": flares},
    }


def sweep(folder, **form):
    """A sweep as `open_sweep` gives it; skipped where its library is not installed."""
    pytest.importorskip("zarr", reason="sweeps need zarr")
    if find_spec("radsim.sweep") is None:
        pytest.skip("there is no sweep")
    from radsim.sweep import open_sweep, run

    store = folder / "sweep.zarr"
    if not store.exists():
        run(plan(**form), store, threads=1)
    return open_sweep(store)
