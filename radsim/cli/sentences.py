"""The sentences of an answer: whom it is about, what it trades, what it rests on, and what must not mislead."""

from __future__ import annotations

from radsim.cli.tables import paragraph
from radsim.cord import ELSEWHERE, SPINE
from radsim.presentation import cord
from radsim.presentation.caveats import EVIDENCE
from radsim.presentation.frequencies import HUNDRED
from radsim.presentation.words import capital

HOW_LONG_AGO = "How long ago decides on the limits of the spinal cord: --prior 30Gy/10@20w says both and shows them."


def patient_lines(found):
    """What was asked, what was not said, and what was assumed of survival."""
    said = ", ".join(f"{_words(name)} {_plain(value)}" for name, value in found.given.items()) or "nobody in particular"
    lines = [paragraph(f"{' or '.join(found.schedules)}: {said}.")]
    if found.drawn:
        lines.append(
            paragraph(f"Not specified; averaged over the default population: {', '.join(map(_words, found.drawn))}.")
        )
    era = {"modern": "that of today (era modern)", "1990s": "that of the trials (era 1990s)"}[found.config.cohort.era]
    weeks = f"half of such patients live longer than about {found.median_survival_weeks:.0f} weeks"
    if found.prognosis is not None:
        era, weeks = "scaled to your estimate", f"a median of {found.prognosis.weeks:g} weeks"
    return [*lines, paragraph(f"Survival is {era}: {weeks}. Evidence set: {found.config.evidence}.")]


def evidence_lines(found):
    """What trials there are of patients who differ from those of most trials: it must come before the numbers."""
    said = [
        paragraph(f"{capital(caveat.about)}: {caveat.text}.") for caveat in found.caveats if caveat.beside == EVIDENCE
    ]
    return ["", *said] if said else []


def footnotes(found):
    """Sentences that belong to rows of the table; that of the headline stands in the table."""
    sentences = {"retreatment": "Treated again at this site: {}.", "mean_pain": "Mean pain is {}."}
    notes = [sentences[caveat.key].format(caveat.text) for caveat in found.caveats if caveat.key in sentences]
    return [
        *notes,
        *(f"{line}." for line in cord.no_repeat_lines(found.cord)),
        "Relief counts that of repeats too; the dead are not in relief.",
    ]


def break_even_lines(found):
    """What one repeat avoided is traded for, in days; nothing where a schedule is no choice or its own dose forbids the repeat."""
    cannot = {each.schedule for each in found.cord if each.verdict == cord.BEYOND or not each.repeats_left}
    trades = [each for each in found.break_even if not cannot.intersection(each.schedules)]
    sentences = (break_even_sentence(each) for each in trades)
    return [paragraph(sentence) for sentence in sentences if sentence]


def break_even_sentence(each):
    """In the reader's terms; empty where nothing is traded."""
    other = each.schedules[0] if each.longer == each.schedules[1] else each.schedules[1]
    days, spared = f"{each.extra_days:.1f}", f"{HUNDRED * abs(each.repeats_spared):.0f}"
    if each.verdict == "both":
        return f"{each.longer} takes {days} more days at the hospital than {other} and spares no repeats."
    if each.verdict != "trade":
        return ""
    interval = interval_text(each.days_per_repeat, 0, 1).replace(" (", " (95 % ")
    return (
        f"{each.longer} takes {days} more days at the hospital than {other}, those of repeats counted, and spares {spared} repeats per "
        f"100 patients. {each.longer} is better only if avoiding one repeat is worth more than {each.days_per_repeat.value:.0f} "
        f"days at the hospital{interval}."
    )


def cord_verdict_lines(found):
    """What the rule of the spinal cord says of each schedule: before any figure."""
    return [paragraph(sentence) for sentence in (*cord.earlier_lines(found.cord), *cord.lines(found.cord))]


def reirradiation_lines(found):
    """Options after earlier courses, at the spine with the totals of the cord."""
    about = found.reirradiation
    if about is None:
        prior = found.given.get("prior_schedule", "none")
        return [] if prior == "none" else [paragraph(f"Irradiated before: {_plain(prior)}. {HOW_LONG_AGO}")]
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
        f'{chance} (one standard error). What is assumed equal is an assumption, not a finding; what stands as "by repeats alone" or "by the fractions" follows from how the model is built.'
    )


def provisional(found):
    """The unchecked numbers that the answer follows most, by name; the others by their number."""
    n = len(found.provisional)
    others = f"{len(found.provisional_covariates)} covariates of the population" if found.provisional_covariates else ""
    if not found.leans_on:
        return f"Provisional: {n} parameters{' and ' + others if others else ''} (radsim evidence shows which)."
    names = ", ".join(lean.parameter for lean in found.leans_on)
    rest = f"{n - len(found.leans_on)} more" + (f" and {others}" if others else "")
    return f"Provisional numbers that move this answer most: {names}; and {rest} (radsim evidence shows which)."


def interval_text(figure, digits, scale):
    """` (57 to 74)`; nothing without an interval."""
    if figure.low95 != figure.low95:
        return ""
    return f" ({scale * figure.low95:.{digits}f} to {scale * figure.high95:.{digits}f})"


def _words(name):
    return name.removesuffix("_mm").replace("_", " ")


def _plain(value):
    return f"{value:g}" if isinstance(value, float) else value if isinstance(value, str) else "mixed"
