"""The door for notebooks: importing radsim loads and changes nothing, its public names are there, a result is plain xarray."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import xarray
from reports import configuration

import radsim

PROBE = """
import json, sys, warnings
before, filters = set(sys.modules), list(warnings.filters)
import radsim
new = sorted({name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names))
print(json.dumps({"modules": new, "filters": filters == warnings.filters, "dir": dir(radsim)}))
"""

SETTINGS = """
import json, matplotlib, numpy, xarray, warnings
rc, err, options = dict(matplotlib.rcParams), numpy.geterr(), dict(xarray.core.options.OPTIONS)
accessors = {name for name in dir(xarray.Dataset)} | {name for name in dir(xarray.DataArray)}
import radsim, radsim.report, radsim.figures, radsim.api
now = {name for name in dir(xarray.Dataset)} | {name for name in dir(xarray.DataArray)}
print(json.dumps([rc == dict(matplotlib.rcParams), err == numpy.geterr(), options == dict(xarray.core.options.OPTIONS), accessors == now]))
"""


def told(code):
    """What a fresh Python prints, as JSON."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_radsim_loads_radsim_alone():
    found = told(PROBE)
    assert found["modules"] == ["radsim"] and found["filters"] and set(radsim.__all__) <= set(found["dir"])


def test_importing_radsim_changes_no_setting_and_registers_no_accessor():
    pytest.importorskip("matplotlib", reason="settings of matplotlib")
    assert told(SETTINGS) == [True] * 4


@pytest.mark.parametrize("name", radsim.__all__)
def test_a_public_name_is_there(name):
    assert getattr(radsim, name) is not None


def test_a_name_that_is_not_there_says_so():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        radsim.simulat  # noqa: B018


def test_a_result_is_a_plain_dataset():
    result = radsim.simulate(configuration(size=100), threads=1)
    assert type(result) is xarray.Dataset
    assert float(result.survival.sel(draw=0, schedule="8Gy/1", time=7)) <= 1.0
    assert all(
        {"long_name", "units"} <= set(result[name].attrs) for name in result.data_vars if name != "parameter_value"
    )
