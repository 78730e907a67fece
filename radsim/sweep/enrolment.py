"""Patients kept from one scenario to the next: those of one cohort are enrolled once in each draw."""

from __future__ import annotations

from collections import OrderedDict

from radsim.kernel.block import enrol, places, scratch

PATIENTS_KEPT = 100_000
"""By each worker: 33 megabytes."""


class Enrolment:
    """Enrols patients block by block, or finds them enrolled before.

    Parameters
    ----------
    most : int, optional
        Patients to keep. Scenarios played one after the other share none if each has more.
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
        enrolled = places(n)
        enrol(seed, draw, first, cohort, self._scratch, enrolled)
        self._kept[key] = enrolled, cohort  # which lives on, so that nothing else is found where it stands in memory
        self.n_kept += n
        while self.n_kept > self.most and len(self._kept) > 1:
            _, (forgotten, _) = self._kept.popitem(last=False)
            self.n_kept -= len(forgotten.patients)
        return enrolled


def _identity(cohort):
    """What tells a cohort from others: its tables, made all at once, by where they stand in memory, the rest by content."""
    by_content = cohort.prior_beds_gy2.tobytes(), cohort.subgroup_strides.tobytes(), cohort.with_dexamethasone
    return id(cohort.values), *by_content
