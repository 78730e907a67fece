"""Patients kept from one scenario to the next: those of one cohort are enrolled once in each draw."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from radsim.kernel.entries import enrol
from radsim.kernel.workspace import empty_patients, scratch

PATIENTS_KEPT = 100_000
"""By each worker: 33 megabytes."""

MOST_BYTES_READ = 4096
"""Of a table, for each block of patients: reading more would take longer than the blocks of a small study."""


class Enrolment:
    """Enrols patients block by block, or finds them enrolled before.

    Parameters
    ----------
    most : int, optional
        Patients to keep. Scenarios simulated one after the other share none if each has more.
    """

    def __init__(self, most=PATIENTS_KEPT):
        self.most, self.n_kept = most, 0
        self._kept = OrderedDict()
        self._scratch = scratch()

    def of(self, cohort, seed, draw, first, n):
        """Patients ``first`` … ``first + n - 1`` of a draw.

        Parameters
        ----------
        cohort : CohortTables
            All else that they depend on.

        Returns
        -------
        Enrolled
            Not to be written to.
        """
        key = *_identity(cohort), seed, draw, first, n
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        enrolled = empty_patients(n)
        enrol(seed, draw, first, cohort, self._scratch, enrolled)
        self._kept[key] = enrolled, cohort  # kept, so that its place in memory is not given to another
        self.n_kept += n
        while self.n_kept > self.most and len(self._kept) > 1:
            _, (forgotten, _) = self._kept.popitem(last=False)
            self.n_kept -= len(forgotten.patients)
        return enrolled


def _identity(cohort):
    """What tells a cohort from others: every field of it, whatever fields there will be."""
    return tuple(_told_apart(field) for field in cohort)


def _told_apart(field):
    """A number or small array by its content; a large array, which is made once for a cohort, by its address in memory."""
    if not isinstance(field, np.ndarray):
        return field
    return id(field) if field.nbytes > MOST_BYTES_READ else (field.shape, field.dtype.str, field.tobytes())
