"""How a typed program uses `import radsim`. A type checker reads this file (`mypy`); `tests/test_types.py` sees that it objects to wrong use."""

from __future__ import annotations

import pandas
import xarray
from matplotlib.figure import Figure

import radsim
from radsim.compare import Answer
from radsim.decision import Analysis
from radsim.guide import Guidance


def clinician() -> pandas.DataFrame:
    """One kind of patient."""
    answer: Answer = radsim.compare("8Gy/1", "20Gy/5", site="hip", karnofsky=70, prior=["30Gy/10@60w"])
    guidance: Guidance = radsim.guide(site="hip", karnofsky=70, infection=True, reader="patient")
    return answer.to_frame() if guidance.lines("clinician") else pandas.DataFrame()


def economist(path: str) -> float:
    """From a study to a decision."""
    config: radsim.Config = radsim.load_config(path, overrides={"cohort.size": 1000})
    schedules: tuple[radsim.Schedule, ...] = config.schedules
    result: xarray.Dataset = radsim.simulate(config, threads=2, progress=lambda done, total: None)
    analysis: Analysis = radsim.cost_effectiveness(result, thresholds=[20_000.0], reference=schedules[0].name)
    tables: list[str] = radsim.export(result, "tables", to="csv", raw=["count"], analysis=analysis)
    radsim.report(result, "report.html", words="patient", validation=radsim.validate(draws=10), force=True)
    figure: Figure = radsim.plot(analysis, "evppi", threshold=[20_000.0], size=(6.0, 4.0))
    figure.savefig("evppi.png")
    return float(analysis.to_dict()["evpi"]["20000"]) + len(tables)


def scenarios(path: str) -> xarray.Dataset:
    """Many studies, then a calibration."""
    done = radsim.sweep(path, "sweep.zarr", workers=2, force=True)
    draws: xarray.Dataset = radsim.calibrate("calibration.yaml", draws=100)
    return draws if done.failures else radsim.open_result("sweep.zarr")
