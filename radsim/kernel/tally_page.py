"""Stage 8, tally: what was observed of a page of trajectories, judged and added to the sums (see `radsim.kernel.tally`) by loops over its columns.

Steps with a ``weight`` add a page to the sums of one subgroup and one schedule: the weight of each column times what it shows.
"""

from __future__ import annotations

from radsim.compiled import apart, step
from radsim.kernel.columns import column
from radsim.kernel.layout import (
    COARSE_UNIT,
    COMPLETE,
    F_COMPLETE,
    F_COMPLETE_INCLUDING_RETREATMENT,
    F_CORD_COMPRESSION,
    F_DIED,
    F_FLARE,
    F_FLARE_MISSING_AS_FLARE,
    F_FLARE_MISSING_AS_NONE,
    F_FRACTURE,
    F_LATENT_COMPLETE,
    F_LATENT_RESPONSE,
    F_RESPONDER,
    F_RESPONSE,
    F_RESPONSE_INCLUDING_RETREATMENT,
    F_RETREATMENT,
    FINE_UNIT,
    HEADLINE_DAYS,
    I_DEATHS,
    I_FOLLOW_UP_VISITS,
    L_DAYS_ALIVE,
    L_DAYS_ALIVE_SQUARED,
    L_MORPHINE_AT_START,
    L_PAIN_AT_START,
    L_RESPONDER_DAYS_ALIVE,
    PARTIAL,
    UNSEEN,
    WIDTH,
    whole,
)  # fmt: skip
from radsim.kernel.observe import begin_best, judge, judge_headline, write_best, write_better, write_last_seen
from radsim.kernel.tally import responds_before
from radsim.kernel.trajectory import responded
from radsim.kernel.units import fixed
from radsim.maths.measures import COMPLETE as SEEN_COMPLETE
from radsim.maths.measures import PARTIAL as SEEN_PARTIAL

BEFORE_FIRST = whole(-1)


@step
def weigh(observed, g, s, weight):
    """Weigh every column in the sums of a subgroup and a schedule, +1 from its first schedule on, -1 where it ends; how many count there."""
    n = 0
    for j in range(len(weight)):  # side by side
        begins, ends = observed.since[j] == s, observed.until[j] == s
        here = observed.group[j] == g
        weight[j] = here * (int(begins) - int(ends))
        n += here * (int(begins) + int(ends))
    return n


@step
def next_group(observed, g, after_last):
    """The first subgroup after ``g`` that a column is of; ``after_last`` if there is none."""
    found = after_last
    for j in range(WIDTH):  # side by side
        found = min(found, observed.group[j] if observed.group[j] > g else after_last)
    return found


@step
def tally_flags(page, observed, weight, horizon, flag, g, s):
    """What happened at least once, to the horizon. ``flag``: (group, schedule, flag)."""
    response = complete = response_with_repeats = complete_with_repeats = latent = latent_complete = responder = 0
    retreatment = fracture = cord_compression = flare = missing_as_flare = missing_as_none = died = 0
    for j in range(WIDTH):  # side by side
        w, death = weight[j], page.time_to_death[j]
        end = min(death, horizon)
        response += w * (observed.best_alone[j] >= SEEN_PARTIAL)
        complete += w * (observed.best_alone[j] >= SEEN_COMPLETE)
        response_with_repeats += w * (observed.best_with_repeats[j] >= SEEN_PARTIAL)
        complete_with_repeats += w * (observed.best_with_repeats[j] >= SEEN_COMPLETE)
        latent += w * (observed.latent_class[j] >= PARTIAL)
        latent_complete += w * (observed.latent_class[j] >= COMPLETE)
        responder += w * observed.responds[j]
        retreatment += w * (observed.retreated[j] < end)
        fracture += w * (page.fracture[j] < end)
        cord_compression += w * (page.cord_compression[j] < end)
        flares, missing = page.flare_start[0, j] < death, observed.diary_missing[j] == 1
        flare += w * flares
        missing_as_flare += w * (flares | missing)
        missing_as_none += w * (flares & (not missing))
        died += w * (death < horizon)
    flag[g, s, F_RESPONSE] += response
    flag[g, s, F_COMPLETE] += complete
    flag[g, s, F_RESPONSE_INCLUDING_RETREATMENT] += response_with_repeats
    flag[g, s, F_COMPLETE_INCLUDING_RETREATMENT] += complete_with_repeats
    flag[g, s, F_LATENT_RESPONSE] += latent
    flag[g, s, F_LATENT_COMPLETE] += latent_complete
    flag[g, s, F_RESPONDER] += responder
    flag[g, s, F_RETREATMENT] += retreatment
    flag[g, s, F_FRACTURE] += fracture
    flag[g, s, F_CORD_COMPRESSION] += cord_compression
    flag[g, s, F_FLARE] += flare
    flag[g, s, F_FLARE_MISSING_AS_FLARE] += missing_as_flare
    flag[g, s, F_FLARE_MISSING_AS_NONE] += missing_as_none
    flag[g, s, F_DIED] += died


@step
def tally_visits(category, measures, weight, visit, g, s):
    """Categories at each visit. ``visit``: (group, schedule, visit, measure, visit count)."""
    for v in range(visit.shape[2]):
        for m in range(len(measures)):
            if measures[m]:
                row = category[v, m]
                assessable = overall = complete = 0
                for j in range(len(weight)):  # side by side
                    w, shown = weight[j], row[j]
                    assessable += w * (shown > UNSEEN)
                    overall += w * (shown >= SEEN_PARTIAL)
                    complete += w * (shown >= SEEN_COMPLETE)
                visit[g, s, v, m, 0] += assessable
                visit[g, s, v, m, 1] += overall
                visit[g, s, v, m, 2] += complete


@step
def tally_first_responses(category, seen, measures, observed, weight, visit, g, s):
    """First responses and those still at risk of one, at each visit up to the last seen, for the actuarial estimate."""
    write_last_seen(seen, observed)
    for m in range(len(measures)):
        if measures[m]:
            begin_best(observed)
            for v in range(visit.shape[2]):
                row = category[v, m]
                at_risk_overall = first_overall = at_risk_complete = first_complete = 0
                for j in range(len(weight)):  # side by side
                    shown, before = row[j], observed.best[j]
                    w = weight[j] * (v <= observed.last_seen[j])
                    at_risk_overall += w * (before < SEEN_PARTIAL)
                    first_overall += w * ((before < SEEN_PARTIAL) & (shown >= SEEN_PARTIAL))
                    at_risk_complete += w * (before < SEEN_COMPLETE)
                    first_complete += w * ((before < SEEN_COMPLETE) & (shown >= SEEN_COMPLETE))
                visit[g, s, v, m, 3] += at_risk_overall
                visit[g, s, v, m, 4] += first_overall
                visit[g, s, v, m, 5] += at_risk_complete
                visit[g, s, v, m, 6] += first_complete
                write_better(row, observed)


@step
def tally_endpoints(category, endpoints, observed, weight, endpoint, g, s):
    """Best category over the visits of each declared endpoint: rows (measure, first visit, last visit)."""
    for r in range(len(endpoints)):
        write_best(category, endpoints[r, 0], endpoints[r, 1], endpoints[r, 2], observed)
        assessable = overall = complete = 0
        for j in range(len(weight)):  # side by side
            w, result = weight[j], observed.best[j]
            assessable += w * (result > UNSEEN)
            overall += w * (result >= SEEN_PARTIAL)
            complete += w * (result >= SEEN_COMPLETE)
        endpoint[g, s, r, 0] += assessable
        endpoint[g, s, r, 1] += overall
        endpoint[g, s, r, 2] += complete


@step
def tally_times(page, at_times, classes, times, observed, weight, time_count, time_sum, g, s):
    """What has happened by each time, and the state of those who live. Shapes (group, schedule, time, …)."""
    for i in range(len(times)):
        t, rows, of_class = times[i], at_times[i], classes[i]
        living = retreated = fractured = compressed = relieved = completely = 0
        pain = pain_squared = dose = dose_squared = 0
        for j in range(WIDTH):  # side by side
            w = weight[j]
            alive = w * (page.time_to_death[j] > t)
            living += alive
            retreated += w * (observed.retreated[j] <= t)
            fractured += w * (page.fracture[j] <= t)
            compressed += w * (page.cord_compression[j] <= t)
            relieved += alive * (of_class[j] >= PARTIAL)
            completely += alive * (of_class[j] >= COMPLETE)
            pain += alive * rows[j]
            pain_squared += alive * rows[WIDTH + j]
            dose += alive * rows[2 * WIDTH + j]
            dose_squared += alive * rows[3 * WIDTH + j]
        time_count[g, s, i, 0] += living
        time_count[g, s, i, 1] += retreated
        time_count[g, s, i, 2] += fractured
        time_count[g, s, i, 3] += compressed
        time_count[g, s, i, 4] += relieved
        time_count[g, s, i, 8] += completely
        time_sum[g, s, i, 0] += pain
        time_sum[g, s, i, 1] += pain_squared
        time_sum[g, s, i, 2] += dose
        time_sum[g, s, i, 3] += dose_squared


@step
def tally_at_risk(page, times, observed, weight, time_count, g, s):
    """The living to whom an event has not happened yet, at each time, for the actuarial estimate."""
    for i in range(len(times)):
        t = times[i]
        retreatment = fracture = cord_compression = 0
        for j in range(len(weight)):  # side by side
            alive = weight[j] * (page.time_to_death[j] > t)
            retreatment += alive * (observed.retreated[j] > t)
            fracture += alive * (page.fracture[j] > t)
            cord_compression += alive * (page.cord_compression[j] > t)
        time_count[g, s, i, 5] += retreatment
        time_count[g, s, i, 6] += fracture
        time_count[g, s, i, 7] += cord_compression


@step
def tally_patient(page, observed, weight, horizon, sums, g, s):
    """Sums over whole trajectories. ``sums``: (group, schedule, patient sum)."""
    days = days_squared = pain = dose = responder_days = 0
    for j in range(WIDTH):  # side by side
        w, end = weight[j], min(page.time_to_death[j], horizon)
        days += w * fixed(end, FINE_UNIT)
        days_squared += w * fixed(end * end, COARSE_UNIT)
        pain += w * fixed(page.pain[j], FINE_UNIT)
        dose += w * fixed(page.dose_at_start[j], FINE_UNIT)
        responder_days += w * observed.responds[j] * fixed(end, FINE_UNIT)
    sums[g, s, L_DAYS_ALIVE] += days
    sums[g, s, L_DAYS_ALIVE_SQUARED] += days_squared
    sums[g, s, L_PAIN_AT_START] += pain
    sums[g, s, L_MORPHINE_AT_START] += dose
    sums[g, s, L_RESPONDER_DAYS_ALIVE] += responder_days


@step
def tally_deaths(page, period_ends, weight, count, g, s):
    """Deaths, by period."""
    start = 0.0
    for period in range(len(period_ends)):
        stop, died = period_ends[period], 0
        for j in range(len(weight)):  # side by side
            died += weight[j] * ((start <= page.time_to_death[j]) & (page.time_to_death[j] < stop))
        count[g, s, period, I_DEATHS] += died
        start = stop


@step
def tally_follow_up(visit_days, seen, period_ends, weight, count, g, s):
    """Questionnaires that came back, by period; none comes back from the dead."""
    for v in range(len(visit_days)):
        start, period, later, days, returned = 0.0, 0, 1, visit_days[v], seen[v]
        while later > 0 and period < len(period_ends):
            stop, came, later = period_ends[period], 0, 0
            for j in range(len(weight)):  # side by side
                came += weight[j] * returned[j] * ((start <= days[j]) & (days[j] < stop))
                later += days[j] >= stop
            count[g, s, period, I_FOLLOW_UP_VISITS] += came
            start = stop
            period += 1


@step
def look_at_index_response(page, horizon, last, observed):
    """The true response of each column to the index course: latent class in the headline window, and whether there is one before the horizon.

    If so also its day and how many days it lasts, up to the ``last`` that is counted: to relapse, or to death, retreatment or horizon.
    """
    for j in range(WIDTH):  # side by side
        one = column(page, j)
        end = min(one.time_to_death, horizon)
        counts = responded(one) & (one.onset[0] <= HEADLINE_DAYS) & (one.onset[0] < observed.surgery[j])
        observed.latent_class[j] = int(one.response_class[0]) * counts
        responds = responds_before(one, end)
        onset = one.onset[0] if responds else 0.0
        stop = min(end, observed.retreated[j])
        relapsed = one.relapse[0] < stop
        observed.responds[j], observed.relapsed[j] = responds, responds & relapsed
        observed.onset_day[j] = int(min(onset, last))
        observed.days_lasted[j] = int(min((one.relapse[0] if relapsed else max(stop, onset)) - onset, last))


@step
def tally_durations(n, observed, onset, relapse, censor):
    """Histograms by whole days of the time to response and of its duration, censored at death, retreatment and horizon."""
    n_schedules = onset.shape[1]
    for j in range(n):
        g, responds, relapsed = observed.group[j], observed.responds[j], observed.relapsed[j]
        day, days = observed.onset_day[j], observed.days_lasted[j]
        s, w = observed.since[j], 1
        while s < n_schedules:
            onset[g, s, day] += w * responds
            relapse[g, s, days] += w * relapsed
            censor[g, s, days] += w * (responds - relapsed)
            s, w = observed.until[j] if w > 0 else n_schedules, -1


@apart
def tally_page(n, protocol, readings, sums):
    """Add the first ``n`` trajectories of a page, all of which has been read: from the first schedule of each on, and no longer where it ends."""
    page, observed, weight, category = readings.page[0], readings.observed[0], readings.weight, readings.category
    period_ends, n_schedules, n_groups = protocol.period_ends, len(protocol.schedules), len(sums.flag)
    horizon = period_ends[-1]
    for j in range(n, WIDTH):
        observed.since[j] = observed.until[j] = n_schedules  # nobody
    judge(
        page, readings.scores, readings.visit_doses, readings.visit_days, readings.seen, protocol.measures, observed, category
    )  # fmt: skip
    judge_headline(category, protocol.n_headline, observed)
    look_at_index_response(page, horizon, float(sums.onset_histogram.shape[2] - 1), observed)
    tally_durations(n, observed, sums.onset_histogram, sums.relapse_histogram, sums.censor_histogram)
    g = BEFORE_FIRST
    for _ in range(n_groups):
        g = next_group(observed, g, n_groups)
        if g == n_groups:
            return
        for s in range(n_schedules):
            if weigh(observed, g, s, weight) > 0:
                tally_flags(page, observed, weight, horizon, sums.flag, g, s)
                tally_deaths(page, period_ends, weight, sums.count, g, s)
                tally_follow_up(readings.visit_days, readings.seen, period_ends, weight, sums.count, g, s)
                tally_patient(page, observed, weight, horizon, sums.patient, g, s)
                tally_visits(category, protocol.measures, weight, sums.visit, g, s)
                tally_endpoints(category, protocol.endpoints, observed, weight, sums.endpoint, g, s)
                tally_times(
                    page, readings.at_times, readings.classes, protocol.times, observed, weight, sums.time_count, sums.time_sum, g, s
                )  # fmt: skip
                if protocol.actuarial:
                    tally_first_responses(
                        category, readings.seen, protocol.measures, observed, weight, sums.visit, g, s
                    )
                    tally_at_risk(page, protocol.times, observed, weight, sums.time_count, g, s)
