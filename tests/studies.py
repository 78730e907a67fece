"""Small studies for the tests."""

import numpy as np

from radsim.config import load_config
from radsim.engine import simulate
from radsim.kernel import layout
from radsim.study import prepare


def study(*, n=1500, schedules=("8Gy/1", "20Gy/5", "30Gy/10"), endpoints=(), actuarial=False, **changes):
    """A study of ``n`` patients; ``changes`` are keys of the configuration."""
    config = {"radsim": 1, "seed": 20260101, "schedules": list(schedules), **changes}
    config["cohort"] = {"size": n, **changes.get("cohort", {})}
    return prepare(load_config(config), endpoints=endpoints, actuarial=actuarial)


def totals(s, **options):
    """Sums of the base case."""
    return simulate(s, **options).totals[0]


def flag(t, name):
    """Patients of each schedule to whom ``name`` happened, shape (schedule,)."""
    return t.flag[..., layout.FLAGS.index(name)].sum(axis=(0, 1))


def time_column(t, name):
    """Patients of each schedule and time, shape (schedule, time)."""
    return t.time_count[..., layout.TIME_COUNTS.index(name)].sum(axis=(0, 1))


def same_totals(a, b):
    """Are two sums equal to the last bit?"""
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def of_schedule(t, s):
    """The sums of schedule ``s`` alone."""
    by_schedule = [name for name in t._fields if name not in ("n", "exposure")]
    return [getattr(t, name).take(s, axis=1 if "histogram" in name else 2) for name in by_schedule]
