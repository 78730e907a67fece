"""The part of a result that a figure shows: one subgroup, one scenario, the schedules asked for."""

from __future__ import annotations

import numpy as np

from radsim.cord import BEYOND, NOT_COVERED
from radsim.figures.style import OUTSIDE, shown_names
from radsim.outcomes.estimates import estimate
from radsim.presentation.caveats import EQUAL
from radsim.presentation.cord import MARKS
from radsim.storage import UsageFault

ALL_PATIENTS = "all"
MOST_LISTED = 12
MOST_LINES = 3
SAME_LINE = f"Schedules on one line do not differ at all; {EQUAL}."


class View:
    """What a figure draws.

    Attributes
    ----------
    dataset : xarray.Dataset
        Without the dimensions `subgroup` and `scenario`, with the schedules asked for.
    names : list of str
        Schedules as labels show them.
    styles : list of int
        Position of each schedule in the whole result: it keeps its colour in every figure. `OUTSIDE` for one beyond the limits of the
        spinal cord, which is no equal choice.
    about : str
        Which patients or scenario, empty for all of them.
    """

    def __init__(self, dataset, names, styles, about=""):
        self.dataset, self.names, self.styles, self.about = dataset, names, styles, about

    @property
    def n_draws(self):
        """Draws of the parameters beyond the base case."""
        return self.dataset.sizes.get("draw", 1) - 1

    def estimate(self, name):
        """Estimate of a variable, schedules first."""
        return estimate(self.dataset, name)

    def groups(self, *estimates):
        """Positions of the schedules that cannot be told apart in any of these estimates, in order."""
        is_choice = [style != OUTSIDE for style in self.styles]
        return groups_of(
            len(self.names), lambda a, b: is_choice[a] == is_choice[b] and all(_equal(e, a, b) for e in estimates)
        )

    def group_name(self, group):
        """`8Gy/1`, a few names below each other, or `all 4 schedules`."""
        if len(group) > 2 and len(group) == len(self.names):
            return f"all {len(group)} schedules"
        return group_of_names([self.names[s] for s in group])

    def band_note(self):
        """What the bands are."""
        if self.n_draws > 1:
            return f"Bands hold 95 % of the {self.n_draws:,} draws of the parameters: how sure the evidence is of the average, Monte Carlo variance removed."
        if self.n_draws == 1:
            return "A single draw of the parameters: no band."
        return "Bands are the Monte Carlo error (95 %), which says how many patients were simulated, not how sure the evidence is."

    def titled(self, title):
        """A title with the patients it is about."""
        return f"{title}; {self.about}" if self.about else title


def make_view(dataset, *, subgroup=None, schedules=None, scenario=None):
    """Choose what of a result is shown.

    Parameters
    ----------
    dataset : xarray.Dataset
    subgroup : str, optional
        Label along `subgroup`; all patients by default.
    schedules : sequence of str, optional
        Names in the order wanted; all by default.
    scenario : int, optional
        Position along `scenario`, counted from 0; needed if there are several.

    Returns
    -------
    View

    Raises
    ------
    UsageFault
        If the result has no such label, or several scenarios of which none was chosen.
    """
    dataset, words = _chosen_scenario(dataset, scenario)
    dataset, group = chosen_subgroup(dataset, subgroup)
    names, positions = chosen_schedules(dataset, schedules)
    marks = _outside(dataset)
    labels = [f"{name}\n{mark}" if mark else name for name, mark in zip(shown_names(names), marks, strict=True)]
    styles = [OUTSIDE if marks[s] == MARKS[BEYOND] else s for s in positions]
    if positions != list(range(len(names))):
        dataset = dataset.isel(schedule=positions)
    return View(dataset, [labels[s] for s in positions], styles, ", ".join(part for part in (group, words) if part))


def _outside(dataset):
    """What stands below the name of each schedule that the rule of the spinal cord does not find within its limits."""
    if "cord_verdict" not in dataset:
        return [""] * dataset.sizes["schedule"]
    return [MARKS[str(v)] if v in (BEYOND, NOT_COVERED) else "" for v in dataset["cord_verdict"].values]


def groups_of(n, equal):
    """Positions 0 … n - 1 in groups of equal ones, in order; ``equal`` is called with two of them."""
    found = []
    for position in range(n):
        same = next((group for group in found if equal(group[0], position)), None)
        if same is None:
            found.append([position])
        else:
            same.append(position)
    return found


def group_of_names(names):
    """Names one below the other, no more than three lines."""
    more = [f"and {len(names) - MOST_LINES + 1} more"]
    return "\n".join(names if len(names) <= MOST_LINES else names[: MOST_LINES - 1] + more)


def _equal(estimate, one, other):
    return all(np.array_equal(part[one], part[other], equal_nan=True) for part in estimate.with_ends)


def _chosen_scenario(dataset, scenario):
    """One scenario of a sweep, and its number in words."""
    if "scenario" not in dataset.dims:
        return dataset, ""
    n = dataset.sizes["scenario"]
    if scenario is None and n > 1:
        raise UsageFault(
            f"holds {n} scenarios: choose one with --scenario 0 … {n - 1}, or show all with --kind sweep-map or sweep-line"
        )
    position = scenario or 0
    if not 0 <= position < n:
        raise UsageFault(f"--scenario {position}: expected 0 … {n - 1}")
    return dataset.isel(scenario=position), f"scenario {position}"


def chosen_subgroup(dataset, subgroup):
    """A result without `subgroup`, of the one asked for or of all patients; and its name, empty for all."""
    if "subgroup" not in dataset.dims:
        if subgroup not in (None, ALL_PATIENTS):
            raise UsageFault(f"--subgroup {subgroup}: the result has no subgroups")
        return dataset, ""
    labels = [str(label) for label in dataset["subgroup"].values]
    wanted = ALL_PATIENTS if subgroup is None and ALL_PATIENTS in labels else subgroup or labels[0]
    position = _position(wanted, labels, "--subgroup")
    return dataset.isel(subgroup=position), "" if wanted == ALL_PATIENTS else wanted


def chosen_schedules(dataset, schedules):
    """Names of all schedules, and the positions of those asked for in the order wanted; all by default."""
    names = [str(name) for name in dataset["schedule"].values]
    return names, [_position(name, names, "--schedule") for name in (names if schedules is None else schedules)]


def _position(label, labels, option):
    if label not in labels:
        more = f" … ({len(labels)} in all)" if len(labels) > MOST_LISTED else ""
        raise UsageFault(f"{option} {label}: expected {', '.join(labels[:MOST_LISTED])}{more}")
    return labels.index(label)
