"""What a recorded trajectory says at a moment: the one place of the verification scripts that calls steps of the kernel."""

from __future__ import annotations

from functools import cache

import numba
import numpy as np

from radsim.engine import record_trajectories
from radsim.kernel.analgesic import morphine_equivalent_at
from radsim.kernel.layout import MAX_COURSES, PARTIAL
from radsim.kernel.pain import pain_at

PAIN, DOSE = range(2)


@cache
def _reader():
    """Pain and dose of many trajectories, compiled at the first call."""

    @numba.njit(error_model="numpy")
    def read(days, trajectories, patients, p, found):
        for i in range(len(days)):
            n = trajectories[i].n_courses
            found[i, PAIN] = pain_at(days[i], trajectories[i], n, patients[i].pain, p)
            found[i, DOSE] = morphine_equivalent_at(days[i], trajectories[i], n, patients[i].morphine_equivalent, p)

    return read


class Recorded:
    """Patients of a study with their trajectories under one schedule.

    Parameters
    ----------
    study : radsim.study.Study
    count : int
        Patients.
    schedule : int
        Position of the schedule.
    draw : int
    """

    def __init__(self, study, count, *, schedule=0, draw=0):
        self.study, self.draw = study, draw
        self.patients, trajectories = record_trajectories(study, 0, count, draw)
        self.trajectories = trajectories[schedule]

    def __getitem__(self, field):
        """A field of the trajectories, shape (patient, ...)."""
        return self.trajectories[field]

    @property
    def death(self):
        """Time to death. [d]"""
        return self.trajectories["time_to_death"]

    def at(self, days):
        """True pain, all courses counted, and daily oral morphine equivalent.

        Parameters
        ----------
        days : float or ndarray, shape (patient,)
            [d]

        Returns
        -------
        pain, dose : ndarray, shape (patient,)
            [0–10, mg d-1]
        """
        days = np.broadcast_to(np.asarray(days, float), len(self.patients)).copy()
        found = np.zeros((len(days), 2))
        _reader()(days, self.trajectories, self.patients, self.study.parameters(self.draw)[0], found)
        return found[:, PAIN], found[:, DOSE]

    def reported_at(self, days):
        """The pain score that a patient would give, shape (patient,). [0–10]"""
        return np.floor(self.at(days)[0] + 0.5)

    def responds(self, k=0):
        """Whether course ``k`` has an effect on a living patient, partial or complete; latent, shape (patient,)."""
        return (self["response_class"][:, k] >= PARTIAL) & (self["onset"][:, k] < self.death)

    def a_week_before_death(self):
        """Who lives that long, and pain and dose of all then; each of shape (patient,)."""
        return self.death > 7.0, *self.at(self.death - 7.0)

    def repeats(self):
        """What stands at the start of every repeat.

        Returns
        -------
        partial_relief : ndarray of bool, shape (repeat,)
            Whether a partial response, and no complete one, of an earlier course is in force.
        score : ndarray, shape (repeat,)
            Reported pain. [0–10]
        """
        partial, scores = [], []
        for k in range(1, MAX_COURSES):
            given, day = self["n_courses"] > k, self["start"][:, k]
            in_force = (self["onset"][:, :k] <= day[:, None]) & (day[:, None] < self["relapse"][:, :k])
            best = np.where(in_force, self["response_class"][:, :k], 0).max(axis=1)
            partial.append((best == PARTIAL)[given])
            scores.append(self.reported_at(np.where(given, day, 0.0))[given])
        return np.concatenate(partial), np.concatenate(scores)
