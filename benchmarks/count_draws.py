"""Calls of the generator and of log, exp, log1p, pow per lifetime: what the yardstick of `radsim bench` was frozen to.

Run: ``NUMBA_DISABLE_JIT=1 python benchmarks/count_draws.py``. Slow: the kernel as plain Python.
"""

import math
from collections import Counter

import radsim.maths.rng
from radsim.bench import workload
from radsim.config import load_config

N_PATIENTS = 512
calls = Counter()


def counted(module, name):
    """Count every call of a function."""
    function = getattr(module, name)

    def call(*arguments):
        calls[name] += 1
        return function(*arguments)

    setattr(module, name, call)


counted(radsim.maths.rng, "philox4x32")
for name in ("log", "exp", "log1p"):
    counted(math, name)

from radsim.engine import simulate  # noqa: E402  (the kernel must find the functions that count)
from radsim.study import prepare  # noqa: E402

study = prepare(load_config(workload.speed_config(N_PATIENTS)))
calls.clear()
simulate(study, threads=1)
lives = N_PATIENTS * len(study.config.schedules)
for name, n in calls.items():
    print(f"{name:12s} {n / lives:.2f}")
print(f"{'pow':12s} {1 / len(study.config.schedules):.2f} (one Weibull survival time a patient)")
