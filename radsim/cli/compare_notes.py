"""Sentences of the page of `radsim compare`: what must be said first, what is traded, what the numbers rest on."""

from __future__ import annotations

from radsim.cli.tables import paragraph
from radsim.cord import ELSEWHERE, SPINE
from radsim.outcomes import format
from radsim.outcomes.frequencies import HUNDRED
from radsim.presentation import cord
from radsim.presentation.caveats import EVIDENCE, may_be_irradiated_later
from radsim.presentation.words import capital

HOW_LONG_AGO = "How long ago decides on the limits of the spinal cord: --prior 30Gy/10@20w says both and shows them."


def evidence_lines(found):
    """What trials there are of patients who differ from those of most trials: it must come before the numbers."""
    said = [
        paragraph(f"{capital(caveat.about)}: {caveat.text}.") for caveat in found.caveats if caveat.beside == EVIDENCE
    ]
    return said


def footnotes(found):
    """Sentences that belong to rows of the tables."""
    notes = {}
    for each in found.outcomes.values():
        if each.outcome.note:
            notes.setdefault(each.outcome.note, each.outcome.label)
    return [f"{label}: {note[0].lower()}{note[1:]}" for note, label in notes.items()]


def which_trade_offs(found):
    """Pairs of schedules of which days and repeats may be weighed: none where a schedule is no choice, its own dose forbids the repeat, or it has no radiotherapy at the start but later, which is no repeat."""
    cannot = {each.schedule for each in found.cord if each.verdict == cord.BEYOND or not each.repeats_left}
    if may_be_irradiated_later(found.config.none_may_be_irradiated, found.config.schedules):
        cannot |= {schedule.name for schedule in found.config.schedules if schedule.none}
    return [each for each in found.trade_offs if not cannot.intersection(each.schedules)]


def trade_off_sentence(each):
    """How many days at the hospital an avoided repeat must be worth; empty where nothing is traded."""
    other = each.schedules[0] if each.longer == each.schedules[1] else each.schedules[1]
    if each.verdict == "both":
        return f"{each.longer} takes more days at the hospital than {other} and spares no repeat treatment."
    if each.verdict != "trade":
        return ""
    days = format.interval(*each.days_per_repeat.with_ends).replace(" (", " (95 % ")
    against = f" against {other}" if len(each.schedules) > 2 else ""
    return f"{each.longer} is worth it{against} only if avoiding one repeat treatment is worth {days} more days at the hospital."


def cord_verdict_lines(found):
    """What the rule of the spinal cord says of each schedule: before any figure."""
    return [paragraph(sentence) for sentence in (*cord.earlier_lines(found.cord), *cord.lines(found.cord))]


def prior_lines(found):
    """That the time since an earlier course is missing, which decides on the limits of the cord."""
    prior = found.given.get("prior_schedule", "none")
    if found.reirradiation is not None or prior == "none":
        return []
    return [paragraph(f"Irradiated before: {prior if isinstance(prior, str) else 'mixed'}. {HOW_LONG_AGO}")]


def reirradiation_lines(found):
    """Options after earlier courses, at the spine with the totals of the cord."""
    about = found.reirradiation
    if about is None:
        return []
    lines = ["Irradiated before: " + "; ".join(f"{each.name}, {each.weeks_ago:g} weeks ago" for each in about.earlier)]
    if about.where == ELSEWHERE:
        names = ", ".join(option.schedule for option in about.options if not option.asked)
        asked = ", ".join(option.schedule for option in about.options if option.asked)
        also = f" Other usual repeats: {names}." if names else ""
        return [*lines, paragraph(f"No cord in the field: no limit of the spinal cord for {asked}.{also}")]
    return lines + cord_lines(about, found.provisional)


def cord_lines(about, provisional):
    """The table of the cord: BED at an alpha/beta of 2 by course and in all, against the limits, and which of those are provisional."""
    where = "" if about.where == SPINE else " if the site is the spine"
    limits = about.limits
    lines = [paragraph(
        f"Spinal cord{where}, BED at alpha/beta 2: so far {about.prior_gy2:g} Gy2. Limits: {limits.late:g} in all and {limits.course:g} a course, "
        f"stated for courses at least {limits.early_within:g} weeks apart; {limits.early:g} in all within {limits.early_within:g} weeks, which "
        f"they do not cover; at least {limits.least_interval:g} weeks between."
    ), f"  {'course':<14}{'Gy2':>7}{'in all':>9}   verdict"]  # fmt: skip
    for option in about.options:
        name = option.schedule if option.asked else f"({option.schedule})"
        lines.append(f"  {name:<14}{option.course_gy2:>7.1f}{option.total_gy2:>9.1f}   {cord.MARKS[option.verdict]}")
    if any(not option.asked for option in about.options):
        lines.append("  In brackets: usual repeats that were not asked about.")
    unchecked = [name for name in about.rests_on if name in provisional]
    return [*lines, paragraph(f"Provisional among these limits: {', '.join(unchecked)}.")] if unchecked else lines


def femur_lines(found):
    """A word on a femur that is said to be at high risk of fracture."""
    if not found.high_risk_femur:
        return []
    return [paragraph(
        f"Cortical involvement of {found.given['cortical_involvement_mm']:g} mm: at or above the {found.high_risk_mm:g} mm that mark a femur "
        "at high risk of fracture (--impending-fracture if it may break)."
    )]  # fmt: skip


def method(found):
    """How the numbers and their intervals came about, and what an interval is not."""
    size = f"{found.config.cohort.size:,} simulated patients"
    chance = f"{HUNDRED * found.simulation_error:.1f} of 100"
    if found.n_draws < 2:
        return (
            f"From {size} and one set of parameters: no interval, and no saying how sure (--draws). Simulation error: up to {chance} "
            "(one standard error)."
        )
    return (
        f"Means over {found.n_draws} draws of the parameters with {size} each, who meet the same random numbers under every schedule. Intervals hold 95 % of "
        "the draws, Monte Carlo variance removed as far as it is known: they say how sure the evidence in the model is of the "
        "average, not how patients differ, nor whether the model is right. Beside them stands a simulation error of the means of up to "
        f'{chance} (one standard error). What is "assumed" was not drawn, so that the draws say nothing of it; what stands as "by the fractions" follows from the schedules. Otherwise '
        "97 v 3 counts the draws with that direction and with the other."
    )


def sources_line(found):
    """Which evidence and survival the numbers come from."""
    era = {"modern": "that of today (era modern)", "1990s": "that of the trials (era 1990s)"}[found.config.cohort.era]
    return f"Survival: {era}. Evidence set: {found.config.evidence}."


def provisional(found):
    """The provisional numbers that the answer follows most closely, by name; the others by their number."""
    n = len(found.provisional)
    others = f"{len(found.provisional_covariates)} covariates of the population" if found.provisional_covariates else ""
    if not found.most_influential:
        return f"Provisional: {n} parameters{' and ' + others if others else ''} (radsim evidence shows which)."
    names = ", ".join(each.parameter for each in found.most_influential)
    rest = f"{n - len(found.most_influential)} more" + (f" and {others}" if others else "")
    return f"Provisional numbers that move this answer most: {names}; and {rest} (radsim evidence shows which)."
