"""Whole processes: how long one takes to start, cold and warm, and how much memory it comes to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time

from radsim.bench import workload
from radsim.provenance import PACKAGE

REFERENCE = "import numba, xarray"
"""The start-up of the libraries alone: what a start of radsim is held against."""

RUN = "from radsim.cli.main import main; main(['run', '-', '--json', *sys.argv[1:]])"

LAUNCH = """
import sys
sys.path.insert(0, {folder!r})
try:
    {program}
finally:
    # not from getrusage where it can be helped: a child inherits the peak of its parent there
    try:
        with open("/proc/self/status") as file:
            peak = 1024 * int(next(line.split()[1] for line in file if line.startswith("VmHWM")))
    except (OSError, StopIteration):
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(peak, file=sys.stderr)
"""
"""Runs a program and then says, in the last line of stderr, the most memory the process held. [bytes]"""


def start_run(*, n_patients=workload.RUN_PATIENTS, threads=1, cache=None):
    """Time `radsim run` in a process of its own, from start to end.

    Parameters
    ----------
    n_patients : int, optional
        Patients of the study.
    threads : int, optional
        Threads it may use.
    cache : path, optional
        Folder of the compile cache, instead of the usual one.

    Returns
    -------
    dict
        ``wall`` and ``processor`` [s], ``peak_memory`` [bytes].
    """
    config = json.dumps(workload.speed_config(n_patients))
    environment = None if cache is None else {**os.environ, "RADSIM_CACHE": str(cache)}
    return _timed_process(RUN, ["--threads", str(threads)], config, environment)


def start_reference():
    """Time the import of the libraries alone; see `start_run`."""
    return _timed_process(REFERENCE, [], "", None)


def start_cold():
    """`start_run` with an empty compile cache: what the first command after an installation takes."""
    with tempfile.TemporaryDirectory(prefix="radsim-bench-") as folder:
        return start_run(cache=folder)


def _timed_process(program, arguments, text, environment):
    command = [sys.executable, "-c", LAUNCH.format(folder=str(PACKAGE.parent), program=program), *arguments]
    wall, processor = time.perf_counter(), _children_seconds()
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=environment)
    wall, processor = time.perf_counter() - wall, _children_seconds() - processor
    if done.returncode:
        raise RuntimeError(f"a run to be timed ended with exit code {done.returncode}: {done.stderr.strip()}")
    return {"wall": wall, "processor": processor, "peak_memory": int(done.stderr.split()[-1])}


def _children_seconds():
    """Processor time of the children that have ended. [s]"""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
