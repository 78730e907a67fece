"""What a kind of care can do to a trajectory. It acts by these steps and by nothing else, so that the next one is a row, its numbers and a module.

E1  a stepwise hazard: `multiply_hazard` multiplies the hazard of an event on [start, stop); `time_under` and `time_under_three` find
    the event's time. The time is found by inversion from one unit exponential: a factor that lowers a hazard never advances its event
E2  a level factor: `lower_level` takes a share off the pain on [start, stop); shares multiply, so pain never falls below 0
E3  a spike: `add_spike` raises the pain on [start, stop)
E4  a shift of the response: `shift_response` adds log odds to every course of radiotherapy of the index site; `miss` takes away all that
    radiotherapy adds to the natural course
E5  a count: `count_at`, in the module's own `count`
E6  a dose: `set_step` says what is taken from a day on, and what it leaves of the pain
E7  a local relief: `relieve_site` takes a share off the pain of the index site alone on [start, stop), as a procedure there does; shares
    multiply. The response to the radiotherapy is judged as if it were not there. `treat_site` says that the site is treated on a day that
    depends on the course; the reliefs that follow from it are taken back if a repeat comes before that day

and `add_site` for a painful site elsewhere. `multiply_death_hazard` is for systemic therapy alone, in its `survive`. Without care none of these is called and no bit of a result changes.
"""

from __future__ import annotations

import math

from radsim.compiled import apart, step
from radsim.kernel.layout import INDEX_ALONE, MAX_EDGES, MAX_LEVELS, MAX_RELIEFS, MAX_SITES, MAX_SPIKES, MAX_STEPS
from radsim.maths.hazard import exponential_time, two_rate_time
from radsim.maths.rng import LANES, uniform, uniforms


@apart
def random_number(seed, draw, number, purpose, occurrence):
    """A uniform in (0, 1) of a kind of care; see `radsim.maths.rng.uniform`."""
    return uniform(seed, draw, number, purpose, occurrence)


@apart
def four_random_numbers(seed, draw, number, purpose, occurrence):
    """Those of ``purpose``, a multiple of four, and of the three after it, at the price of one; see `radsim.maths.rng.uniforms`."""
    return uniforms(seed, draw, number, purpose // LANES, occurrence)


@step
def clear_effects(trajectory):
    """No care has acted on a trajectory yet."""
    trajectory.care_changes_pain = 0
    trajectory.n_levels = 0
    trajectory.n_spikes = 0
    trajectory.n_steps = 0
    trajectory.n_index_steps = 0
    trajectory.n_sites = 0
    trajectory.n_reliefs = 0
    trajectory.treated = math.inf
    trajectory.cord_elsewhere = math.inf


@apart
def take_over_effects(modifiers, trajectory):
    """What care does to a patient under every schedule, written into a trajectory that no care has acted on."""
    trajectory.care_changes_pain = (modifiers.n_levels > 0) | (modifiers.n_spikes > 0) | (modifiers.n_reliefs > 0)
    trajectory.n_levels = modifiers.n_levels
    for i in range(modifiers.n_levels):
        trajectory.level_start[i] = modifiers.level_start[i]
        trajectory.level_stop[i] = modifiers.level_stop[i]
        trajectory.level_share[i] = modifiers.level_share[i]
    trajectory.n_spikes = modifiers.n_spikes
    for i in range(modifiers.n_spikes):
        trajectory.spike_start[i] = modifiers.spike_start[i]
        trajectory.spike_stop[i] = modifiers.spike_stop[i]
        trajectory.spike_rise[i] = modifiers.spike_rise[i]
    take_over_reliefs(modifiers, trajectory)
    trajectory.n_sites = modifiers.n_sites
    for i in range(modifiers.n_sites):
        trajectory.site_start[i] = modifiers.site_start[i]
        trajectory.site_pain[i] = modifiers.site_pain[i]
        trajectory.site_onset[i] = modifiers.site_onset[i]
        trajectory.site_relapse[i] = modifiers.site_relapse[i]
        trajectory.site_level[i] = modifiers.site_level[i]
    trajectory.cord_elsewhere = modifiers.cord_elsewhere


@apart
def take_over_reliefs(other, trajectory):
    """The local reliefs of a patient, or of another trajectory."""
    trajectory.n_reliefs = other.n_reliefs
    for i in range(other.n_reliefs):
        trajectory.relief_start[i] = other.relief_start[i]
        trajectory.relief_stop[i] = other.relief_stop[i]
        trajectory.relief_share[i] = other.relief_share[i]


@apart
def take_over_steps(other, trajectory):
    """The steps of the same course under another schedule, and the treatment of the site that it led to."""
    trajectory.care_changes_pain = other.care_changes_pain
    trajectory.treated = other.treated
    trajectory.escalation = other.escalation
    take_over_reliefs(other, trajectory)
    trajectory.n_index_steps = other.n_index_steps
    for i in range(other.n_index_steps):
        trajectory.index_step_start[i] = other.index_step_start[i]
        trajectory.index_step_kept[i] = other.index_step_kept[i]
        trajectory.index_step_dose[i] = other.index_step_dose[i]
    trajectory.n_steps = other.n_steps
    for i in range(other.n_steps):
        trajectory.step_start[i] = other.step_start[i]
        trajectory.step_kept[i] = other.step_kept[i]
        trajectory.step_dose[i] = other.step_dose[i]
        trajectory.step_number[i] = other.step_number[i]


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
def intervals_of(modifiers, start, stop):
    """First interval of the hazard ratios on [start, stop), and the one after the last. [1]"""
    first = split(modifiers, start) if start > 0.0 else 0
    last = split(modifiers, stop) if stop < math.inf else modifiers.n_edges + 1
    return first, last


@step
def multiply_on(modifiers, hazard, first, last, ratio):
    """E1 on the intervals from ``first`` up to before ``last``, by `intervals_of`: they hold until an edge is added."""
    for i in range(first, last):
        modifiers.hazard_ratio[hazard, i] *= ratio


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
    first, last = intervals_of(modifiers, start, stop)
    multiply_on(modifiers, hazard, first, last, ratio)


@step
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
def multiply_death_hazard(modifiers, ratio):
    """Multiply the hazard of death from the disease, for good. [1]"""
    modifiers.death_hazard_ratio *= ratio


@step
def lower_level(modifiers, start, stop, share):
    """E2: take a share, 0 to 1, off the pain of all sites on [start, stop)."""
    n = modifiers.n_levels
    if n < MAX_LEVELS and start < stop:
        modifiers.level_start[n] = start
        modifiers.level_stop[n] = stop
        modifiers.level_share[n] = share
        modifiers.n_levels = n + 1


@step
def add_spike(modifiers, start, stop, rise):
    """E3: raise the pain on [start, stop); only the highest rise in force counts. [points]"""
    n = modifiers.n_spikes
    if n < MAX_SPIKES and start < stop:
        modifiers.spike_start[n] = start
        modifiers.spike_stop[n] = stop
        modifiers.spike_rise[n] = rise
        modifiers.n_spikes = n + 1


@step
def shift_response(modifiers, log_odds):
    """E4: add log odds to the response to every course of radiotherapy of the index site."""
    modifiers.response_log_odds += log_odds


@step
def miss(modifiers):
    """E4 at its most: the index course is answered as `none`, whatever the schedule, and no repeat is answered."""
    modifiers.misses = 1


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
    """Keep the steps of the index trajectory before a repeat, or another treatment of the site, first changes them: what is judged as if there
    were none must not depend on it."""
    if trajectory.n_index_steps > 0:
        return
    trajectory.n_index_steps = trajectory.n_steps
    for i in range(trajectory.n_steps):
        trajectory.index_step_start[i] = trajectory.step_start[i]
        trajectory.index_step_kept[i] = trajectory.step_kept[i]
        trajectory.index_step_dose[i] = trajectory.step_dose[i]


@step
def relieve_site(modifiers, start, stop, share):
    """E7: take a share, 0 to 1, off the pain of the index site on [start, stop); what follows from the response to radiotherapy does not see it."""
    n = modifiers.n_reliefs
    if n < MAX_RELIEFS and start < stop and share > 0.0:
        modifiers.relief_start[n] = start
        modifiers.relief_stop[n] = stop
        modifiers.relief_share[n] = share
        modifiers.n_reliefs = n + 1


@apart
def treat_site(trajectory, day):
    """E7: the index site is treated on ``day``; `relieve_site` of the trajectory says what comes of it."""
    trajectory.treated = day
    trajectory.care_changes_pain = 1


@apart
def take_back_treatment(trajectory, modifiers):
    """A treatment of the site that did not come to pass, since a repeat came before it."""
    trajectory.treated = math.inf
    trajectory.n_reliefs = modifiers.n_reliefs


@step
def in_force(t, starts, n):
    """Position of the last of ``n`` starts, in order, that is not after ``t``; -1 if there is none."""
    i = n - 1
    while i >= 0 and starts[i] > t:
        i -= 1
    return i


@step
def kept_by_steps(t, trajectory, n_courses):
    """What the step in force leaves of the pain, counting the first ``n_courses`` courses. [1]"""
    if n_courses < trajectory.n_courses and trajectory.n_index_steps > 0:
        i = in_force(t, trajectory.index_step_start, trajectory.n_index_steps)
        return trajectory.index_step_kept[i] if i >= 0 else 1.0
    i = in_force(t, trajectory.step_start, trajectory.n_steps)
    return trajectory.step_kept[i] if i >= 0 else 1.0


@step
def dose_of_steps(t, trajectory, n_courses):
    """Dose of the step in force, counting the first ``n_courses`` courses. [mg d-1]"""
    if n_courses < trajectory.n_courses and trajectory.n_index_steps > 0:
        return trajectory.index_step_dose[max(0, in_force(t, trajectory.index_step_start, trajectory.n_index_steps))]
    return trajectory.step_dose[max(0, in_force(t, trajectory.step_start, trajectory.n_steps))]


@step
def add_site(modifiers, start, pain, onset, relapse, level):
    """Another painful site: ``pain`` from ``start`` on, but ``level`` on [onset, relapse), the relief by a course there."""
    n = modifiers.n_sites
    if n < MAX_SITES:
        modifiers.site_start[n] = start
        modifiers.site_pain[n] = pain
        modifiers.site_onset[n] = onset
        modifiers.site_relapse[n] = relapse
        modifiers.site_level[n] = level
        modifiers.n_sites = n + 1


@step
def kept_by_levels(t, trajectory):
    """What the care leaves of the pain at ``t`` before the step of the dose. [1]"""
    kept = 1.0
    for i in range(trajectory.n_levels):
        now = (trajectory.level_start[i] <= t) & (t < trajectory.level_stop[i])
        kept *= 1.0 - trajectory.level_share[i] * now
    return kept


@step
def kept_here(t, trajectory, n_courses):
    """What local reliefs leave of the pain of the index site at ``t``; all of it where the index course is looked at alone. [1]"""
    kept = 1.0
    if n_courses != INDEX_ALONE:
        for i in range(trajectory.n_reliefs):
            now = (trajectory.relief_start[i] <= t) & (t < trajectory.relief_stop[i])
            kept *= 1.0 - trajectory.relief_share[i] * now
    return kept


@step
def kept_by_care(t, trajectory, n_courses):
    """What the care leaves of the pain at ``t``, counting the first ``n_courses`` courses. [1]"""
    return kept_by_levels(t, trajectory) * kept_by_steps(t, trajectory, n_courses)


@step
def rise_by_care(t, trajectory):
    """Highest rise of the spikes of the care in force at ``t``. [points]"""
    rise = 0.0
    for i in range(trajectory.n_spikes):
        now = (trajectory.spike_start[i] <= t) & (t < trajectory.spike_stop[i])
        rise = max(rise, trajectory.spike_rise[i] * now)
    return rise


@step
def pain_of_other_sites(t, trajectory):
    """Highest pain of the sites elsewhere at ``t``, before analgesics. [0-10]"""
    worst = 0.0
    for i in range(trajectory.n_sites):
        relieved = (trajectory.site_onset[i] <= t) & (t < trajectory.site_relapse[i])
        pain = min(trajectory.site_pain[i], trajectory.site_level[i]) if relieved else trajectory.site_pain[i]
        worst = max(worst, pain * (trajectory.site_start[i] <= t))
    return worst


@step
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
def count_every(day, every, stop, end, period_ends, count, g, s, item):
    """E5: count one of an item on ``day`` and every so many days after it, before ``stop`` and ``end``."""
    last = min(stop, end)
    if not day < last:
        return
    period = period_of(day, period_ends)
    so_far = 0
    while True:
        edge = min(last, period_ends[period])
        until_edge = int(math.ceil((edge - day) / every))
        count[g, s, period, item] += until_edge - so_far
        so_far = until_edge
        if edge == last:
            return
        period += 1


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
def same_steps(trajectory, other):
    """Are the steps of the dose and the local reliefs of two trajectories of one patient the same? All else that care does is so under every schedule."""
    same = (trajectory.n_steps == other.n_steps) & (trajectory.n_reliefs == other.n_reliefs)
    same &= trajectory.n_index_steps == other.n_index_steps
    for i in range(min(trajectory.n_reliefs, other.n_reliefs)):
        same &= trajectory.relief_start[i] == other.relief_start[i]
        same &= trajectory.relief_stop[i] == other.relief_stop[i]
        same &= trajectory.relief_share[i] == other.relief_share[i]
    for i in range(min(trajectory.n_steps, other.n_steps)):
        same &= trajectory.step_start[i] == other.step_start[i]
        same &= trajectory.step_kept[i] == other.step_kept[i]
        same &= trajectory.step_dose[i] == other.step_dose[i]
    return same
