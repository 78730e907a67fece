"""Whom a kind of care fits: what its row forbids and which sites it is for, read by the kernel as by the configuration."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll

from radsim.compiled import apart
from radsim.kernel.layout import CONDITIONS, SITES


def _bits(names, of):
    """One bit a name, in the order of ``of``."""
    return np.int64(sum(1 << of.index(name) for name in names))


def conditions(names):
    """Conditions of a patient, such as those that forbid a kind of care, for `has_any`."""
    return _bits(names, CONDITIONS)


def sites(names):
    """Sites that a kind of care is for, for `is_at`."""
    return _bits(names, SITES)


@apart
def has_any(patient, some_conditions):
    """Has a patient one of these `conditions`?"""
    bit, had = np.int64(1), np.int64(0)
    for name in literal_unroll(CONDITIONS):
        had |= bit * patient[name]
        bit *= 2
    return (had & some_conditions) != 0


@apart
def is_at(patient, some_sites):
    """Is the index site one of these `sites`?"""
    return (some_sites >> patient.site) & 1 == 1
