"""What a recorded trajectory says at a moment: the one place of the verification scripts that reads trajectories."""

from __future__ import annotations

import numpy as np

from radsim.engine import record_trajectories
from radsim.kernel.layout import MAX_COURSES, PARTIAL
from radsim.trials.individuals import read_on


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

    def reading(self, days):
        """`radsim.trials.individuals.Reading` of every patient on a day of the patient's own."""
        return read_on(self.study, self.patients, self.trajectories, days, draw=self.draw)

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
        found = self.reading(days)
        return found.pain, found.morphine_equivalent

    def reported_at(self, days):
        """The pain score that a patient states, shape (patient,). [0–10]"""
        return self.reading(days).stated

    def responds(self, k=0):
        """Whether course ``k`` has an effect on a living patient, partial or complete; latent, shape (patient,)."""
        in_time = self["onset"][:, k] < np.minimum(self.death, self["relapse"][:, k])
        return (self["response_class"][:, k] >= PARTIAL) & in_time

    def a_week_before_death(self):
        """Who lives that long, and pain and dose of all then; each of shape (patient,)."""
        return self.death > 7.0, *self.at(self.death - 7.0)

    def repeats(self):
        """What stands at the start of every repeat.

        Returns
        -------
        partial_relief : ndarray of bool, shape (repeat,)
            Whether a partial response, and no complete one, of an earlier course is in force; complete relief that has passed is partial.
        score : ndarray, shape (repeat,)
            Reported pain. [0–10]
        """
        partial, scores = [], []
        for k in range(1, MAX_COURSES):
            given, day = self["n_courses"] > k, self["start"][:, k]
            found = self.reading(np.where(given, day, 0.0))
            partial.append((found.response == PARTIAL)[given])
            scores.append(found.stated[given])
        return np.concatenate(partial), np.concatenate(scores)
