"""What a kind of care can do to a trajectory. It acts by these steps and by nothing else, so that the next one is a row, its numbers and a module.

E1  a stepwise hazard: `multiply_hazard` multiplies the hazard of an event on [start, stop); `time_under` and `time_under_three` find
    the event's time. The time is found by inversion from one unit exponential: a factor that lowers a hazard never advances its event
E2  a level factor: `lower_level` takes a share off the pain on [start, stop); shares multiply, so pain never falls below 0
E3  a spike: `add_spike` raises the pain on [start, stop)
E4  a shift of the response: `shift_response` adds log odds to every course of radiotherapy of the index site
E5  a count: `count_at`, in the module's own `count`
E6  a dose: `set_step` says what is taken from a day on, and what it leaves of the pain

and `add_site` for a painful site elsewhere. Without care none of these is called and no bit of a result changes.
"""

from __future__ import annotations

import math

from radsim.compiled import apart, step
from radsim.kernel.layout import MAX_EDGES, MAX_LEVELS, MAX_SITES, MAX_SPIKES, MAX_STEPS
from radsim.maths.hazard import exponential_time, two_rate_time
from radsim.maths.rng import uniform


@apart
def random_number(seed, draw, number, purpose, occurrence):
    """A uniform in (0, 1) of a kind of care; see `radsim.maths.rng.uniform`."""
    return uniform(seed, draw, number, purpose, occurrence)


@step
def clear_effects(trajectory):
    """No care has acted on a trajectory yet."""
    trajectory.care_changes_pain = 0
    trajectory.n_levels = 0
    trajectory.n_spikes = 0
    trajectory.n_steps = 0
    trajectory.n_index_steps = 0
    trajectory.n_sites = 0
    trajectory.cord_elsewhere = math.inf


@apart
def split(modifiers, day):
    """Index of the interval of the hazard ratios that begins on ``day``: an edge is added where there is none. [1]"""
    n = modifiers.n_edges
    i = 0
    while i < n and modifiers.edges[i] < day:
        i += 1
    if i < n and modifiers.edges[i] == day:
        return i + 1
    if n == MAX_EDGES:  # a test holds that the kinds of care together do not need as many
        return n
    for j in range(n, i, -1):
        modifiers.edges[j] = modifiers.edges[j - 1]
    modifiers.edges[i] = day
    modifiers.n_edges = n + 1
    for hazard in range(modifiers.hazard_ratio.shape[0]):
        for j in range(n + 1, i, -1):
            modifiers.hazard_ratio[hazard, j] = modifiers.hazard_ratio[hazard, j - 1]
    return i + 1


@apart
def multiply_hazard(modifiers, hazard, start, stop, ratio):
    """E1: multiply a hazard on [start, stop).

    Parameters
    ----------
    hazard : int
        Row of `layout.HAZARDS`.
    start, stop : float
        ``stop`` infinite: for good. [d]
    ratio : float
        Hazard ratio, >= 0. [1]
    """
    first = split(modifiers, start) if start > 0.0 else 0
    last = split(modifiers, stop) if stop < math.inf else modifiers.n_edges + 1
    for i in range(first, last):
        modifiers.hazard_ratio[hazard, i] *= ratio


@apart
def hazard_ratio_at(t, modifiers, hazard):
    """What care multiplies a hazard by at ``t``. [1]"""
    i = 0
    while i < modifiers.n_edges and modifiers.edges[i] <= t:
        i += 1
    return modifiers.hazard_ratio[hazard, i]


@step
def time_under(modifiers, hazard, exponential, rate):
    """Time of an event of constant rate under the care of a patient; infinite if it never happens. [d]"""
    if modifiers.n_edges == 0:
        return exponential_time(exponential, rate * modifiers.hazard_ratio[hazard, 0])
    return time_after(0.0, modifiers, hazard, exponential, rate)


@step
def time_after(start, modifiers, hazard, exponential, rate):
    """Time of the first event after ``start``, of constant rate under the care of a patient; infinite if it never happens. [d]"""
    return time_of_three(start, modifiers, hazard, exponential, rate, math.inf, rate, math.inf, rate)


@step
def time_under_two(modifiers, hazard, exponential, early, until, late):
    """Time of an event whose rate changes once, under the care of a patient; infinite if it never happens. [d]"""
    if modifiers.n_edges == 0:
        ratio = modifiers.hazard_ratio[hazard, 0]
        return two_rate_time(exponential, early * ratio, until, late * ratio)
    return time_of_three(0.0, modifiers, hazard, exponential, early, until, late, math.inf, late)


@apart
def time_of_three(start, modifiers, hazard, exponential, first, until, second, until_second, third):
    """Time after ``start`` at which a rate that changes twice, times the hazard ratio of the care, has consumed a unit exponential. [d]

    Parameters
    ----------
    first, second, third : float
        Rates before ``until``, from then before ``until_second``, and after it. [d-1]
    """
    t = start
    left = exponential
    i = 0
    while i < modifiers.n_edges and modifiers.edges[i] <= t:
        i += 1
    while True:
        stop = modifiers.edges[i] if i < modifiers.n_edges else math.inf
        rate = first
        if t < until:
            stop = min(stop, until)
        elif t < until_second:
            stop = min(stop, until_second)
            rate = second
        else:
            rate = third
        rate *= modifiers.hazard_ratio[hazard, i]
        if rate > 0.0 and left <= rate * (stop - t):
            return t + left / rate
        if stop == math.inf:
            return math.inf
        if rate > 0.0:
            left -= rate * (stop - t)
        t = stop
        if i < modifiers.n_edges and t == modifiers.edges[i]:
            i += 1


@step
def lower_level(trajectory, start, stop, share):
    """E2: take a share, 0 to 1, off the pain of all sites on [start, stop)."""
    n = trajectory.n_levels
    if n < MAX_LEVELS and start < stop:
        trajectory.level_start[n] = start
        trajectory.level_stop[n] = stop
        trajectory.level_share[n] = share
        trajectory.n_levels = n + 1
        trajectory.care_changes_pain = 1


@step
def add_spike(trajectory, start, stop, rise):
    """E3: raise the pain on [start, stop); only the highest rise in force counts. [points]"""
    n = trajectory.n_spikes
    if n < MAX_SPIKES and start < stop:
        trajectory.spike_start[n] = start
        trajectory.spike_stop[n] = stop
        trajectory.spike_rise[n] = rise
        trajectory.n_spikes = n + 1
        trajectory.care_changes_pain = 1


@step
def shift_response(modifiers, log_odds):
    """E4: add log odds to the response to every course of radiotherapy of the index site."""
    modifiers.response_log_odds += log_odds


@apart
def set_step(trajectory, day, kept, dose, number):
    """E6: from ``day`` on a daily dose is taken, and ``kept`` of the pain is left by it, until the next step.

    Where any step is set, the first on day 0, the steps take the place of titration, escalation, drift and tapering.

    Parameters
    ----------
    kept : float
        0 to 1. [1]
    dose : float
        Oral morphine equivalent. [mg d-1]
    number : int
        What the module calls the step.
    """
    n = trajectory.n_steps
    if n > 0 and trajectory.step_start[n - 1] == day:
        n -= 1
    if n < MAX_STEPS:
        trajectory.step_start[n] = day
        trajectory.step_kept[n] = kept
        trajectory.step_dose[n] = dose
        trajectory.step_number[n] = number
        trajectory.n_steps = n + 1
        trajectory.care_changes_pain = 1


@apart
def keep_index_steps(trajectory):
    """Keep the steps of the index trajectory before a repeat changes them: what is judged as if there were none must not depend on it."""
    trajectory.n_index_steps = trajectory.n_steps
    for i in range(trajectory.n_steps):
        trajectory.index_step_start[i] = trajectory.step_start[i]
        trajectory.index_step_kept[i] = trajectory.step_kept[i]
        trajectory.index_step_dose[i] = trajectory.step_dose[i]


@step
def in_force(t, starts, n):
    """Position of the last of ``n`` starts, in order, that is not after ``t``; -1 if there is none."""
    i = n - 1
    while i >= 0 and starts[i] > t:
        i -= 1
    return i


@apart
def kept_by_steps(t, trajectory, n_courses):
    """What the step in force leaves of the pain, counting the first ``n_courses`` courses. [1]"""
    if n_courses < trajectory.n_courses:
        i = in_force(t, trajectory.index_step_start, trajectory.n_index_steps)
        return trajectory.index_step_kept[i] if i >= 0 else 1.0
    i = in_force(t, trajectory.step_start, trajectory.n_steps)
    return trajectory.step_kept[i] if i >= 0 else 1.0


@apart
def dose_of_steps(t, trajectory, n_courses):
    """Dose of the step in force, counting the first ``n_courses`` courses. [mg d-1]"""
    if n_courses < trajectory.n_courses:
        return trajectory.index_step_dose[max(0, in_force(t, trajectory.index_step_start, trajectory.n_index_steps))]
    return trajectory.step_dose[max(0, in_force(t, trajectory.step_start, trajectory.n_steps))]


@apart
def add_site(trajectory, start, pain, onset, relapse, level):
    """Another painful site: ``pain`` from ``start`` on, but ``level`` on [onset, relapse), the relief by a course there."""
    n = trajectory.n_sites
    if n < MAX_SITES:
        trajectory.site_start[n] = start
        trajectory.site_pain[n] = pain
        trajectory.site_onset[n] = onset
        trajectory.site_relapse[n] = relapse
        trajectory.site_level[n] = level
        trajectory.n_sites = n + 1


@apart
def kept_by_care(t, trajectory, n_courses):
    """What the care leaves of the pain at ``t``, counting the first ``n_courses`` courses. [1]"""
    kept = 1.0
    for i in range(trajectory.n_levels):
        now = (trajectory.level_start[i] <= t) & (t < trajectory.level_stop[i])
        kept *= 1.0 - trajectory.level_share[i] * now
    return kept * kept_by_steps(t, trajectory, n_courses)


@apart
def rise_by_care(t, trajectory):
    """Highest rise of the spikes of the care in force at ``t``. [points]"""
    rise = 0.0
    for i in range(trajectory.n_spikes):
        now = (trajectory.spike_start[i] <= t) & (t < trajectory.spike_stop[i])
        rise = max(rise, trajectory.spike_rise[i] * now)
    return rise


@apart
def pain_of_other_sites(t, trajectory):
    """Highest pain of the sites elsewhere at ``t``, before analgesics. [0-10]"""
    worst = 0.0
    for i in range(trajectory.n_sites):
        relieved = (trajectory.site_onset[i] <= t) & (t < trajectory.site_relapse[i])
        pain = min(trajectory.site_pain[i], trajectory.site_level[i]) if relieved else trajectory.site_pain[i]
        worst = max(worst, pain * (trajectory.site_start[i] <= t))
    return worst


@apart
def hurts_elsewhere(t, trajectory):
    """Does another site hurt at ``t`` without relief? A minor response, which takes one point off the pain, is no relief, as at the index site."""
    hurts = False
    for i in range(trajectory.n_sites):
        relieved = (trajectory.site_onset[i] <= t) & (t < trajectory.site_relapse[i])
        relieved &= trajectory.site_level[i] < trajectory.site_pain[i] - 1.0
        hurts |= (trajectory.site_start[i] <= t) & (not relieved)
    return hurts


@step
def period_of(t, period_ends):
    """Index of the period that holds ``t``, which is before the horizon."""
    period = 0
    while t >= period_ends[period]:
        period += 1
    return period


@apart
def count_at(t, end, period_ends, count, g, s, item):
    """E5: count one of an item at ``t``, if that is before ``end``."""
    if t < end:
        count[g, s, period_of(t, period_ends), item] += 1


@apart
def count_days(start, stop, period_ends, count, g, s, item):
    """E5: count the days on [start, stop), which ends at the latest with the last period; whole days, none of them twice."""
    if not start < stop:
        return
    period = period_of(start, period_ends)
    t = start
    while t < stop:
        edge = min(stop, period_ends[period])
        count[g, s, period, item] += int(edge) - int(t)
        t = edge
        period += 1


@apart
def same_effects(trajectory, other):
    """Has the care acted on two trajectories of one patient in the same way?"""
    if (
        trajectory.n_levels != other.n_levels
        or trajectory.n_spikes != other.n_spikes
        or trajectory.n_steps != other.n_steps
        or trajectory.n_sites != other.n_sites
        or trajectory.cord_elsewhere != other.cord_elsewhere
        or trajectory.worsening != other.worsening
        or trajectory.titration != other.titration
        or trajectory.escalation != other.escalation
    ):
        return False
    same = True
    for i in range(trajectory.n_levels):
        same &= trajectory.level_start[i] == other.level_start[i]
        same &= trajectory.level_stop[i] == other.level_stop[i]
        same &= trajectory.level_share[i] == other.level_share[i]
    for i in range(trajectory.n_spikes):
        same &= trajectory.spike_start[i] == other.spike_start[i]
        same &= trajectory.spike_stop[i] == other.spike_stop[i]
        same &= trajectory.spike_rise[i] == other.spike_rise[i]
    for i in range(trajectory.n_steps):
        same &= trajectory.step_start[i] == other.step_start[i]
        same &= trajectory.step_kept[i] == other.step_kept[i]
        same &= trajectory.step_dose[i] == other.step_dose[i]
    for i in range(trajectory.n_sites):
        same &= trajectory.site_start[i] == other.site_start[i]
        same &= trajectory.site_pain[i] == other.site_pain[i]
        same &= trajectory.site_onset[i] == other.site_onset[i]
        same &= trajectory.site_relapse[i] == other.site_relapse[i]
        same &= trajectory.site_level[i] == other.site_level[i]
    return same
