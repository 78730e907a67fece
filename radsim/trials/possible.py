"""Figures of a trial that no patients can have given, whatever the treatment did: asked when a trial is loaded, by whoever loads it."""

from __future__ import annotations

TOO_RARE = 1e-6
"""A count that chance brings so seldom contradicts the share that the file states: one trial in a million is refused wrongly."""

ROUNDING = 0.005
"""Published shares are rounded to whole per cent."""


def impossible(trial):
    """What contradicts itself in a trial.

    Parameters
    ----------
    trial : Trial

    Returns
    -------
    list of (tuple, str, str)
        Path, what was expected and what was found.

    Notes
    -----
    No denominator is larger than its arm. A response is judged at visits, so that neither those assessable nor, of all randomised, the
    responders can be more than who was seen: once, or, of a single visit, at that visit. Events are known of everybody. An actuarial
    estimate fills in who is missing, and may be above the share seen, unless nobody was.
    """
    faults = []
    for o, outcome in enumerate(trial.outcomes):
        if not outcome.observed:  # proposed, and not done yet
            continue
        for a, (arm, figure) in enumerate(zip(trial.arms, outcome.observed, strict=True)):
            path = ("outcomes", o, "observed", a)
            if arm.randomised is not None and figure.n > arm.randomised:
                expected = f"at most the {arm.randomised} randomised to {arm.name}"
                faults.append(((*path, "n"), expected, str(figure.n)))
            elif outcome.is_response:
                faults += _unseen(trial, outcome, arm, figure, path)
    return faults + _complete_above_overall(trial)


def share_seen(trial, outcome):
    """The largest share of all randomised who can have been judged, as stated by the trial; 1 if not stated. [1]"""
    seen = trial.observation
    once = seen.ever_seen if seen.ever_seen is not None else 1.0 - (seen.never_returns or 0.0)
    one_visit = outcome.when.week is not None and seen.attendance is not None
    return once * seen.attendance if one_visit else once


def _unseen(trial, outcome, arm, figure, path):
    """Responders, or patients assessed, beyond who can have been seen."""
    share = share_seen(trial, outcome)
    seen = f"at most about {100 * share:.3g} % of all randomised can have been seen (observation)"
    responders = round(figure.value * figure.n)
    if outcome.denominator == "randomised" and _too_many(responders, figure.n, share):
        return [(path, f"no more responders than patients seen: {seen}", f"{responders} of {figure.n}")]
    if outcome.denominator == "assessable" and arm.randomised and _too_many(figure.n, arm.randomised, share):
        return [((*path, "n"), f"no more assessable than seen: {seen}", f"{figure.n} of {arm.randomised}")]
    if outcome.denominator == "actuarial" and share == 0.0 and responders:
        return [(path, f"no response: {seen}", f"{responders} of {figure.n}")]
    return []


def _too_many(count, n, share):
    """Whether so many of ``n`` are beyond what chance makes of a share."""
    if count == 0 or share == 1.0:
        return False
    if share == 0.0:
        return True
    from scipy.special import betainc

    return bool(betainc(count, n - count + 1, share) < TOO_RARE)  # P(X >= count), X binomial


def _complete_above_overall(trial):
    """Complete responses beyond all responses of the same patients, by the same measure, at the same time."""
    faults = []
    overall = {_asked(each): each for each in trial.outcomes if each.outcome == "overall_response"}
    for o, outcome in enumerate(trial.outcomes):
        every = overall.get(_asked(outcome)) if outcome.outcome == "complete_response" else None
        for a, figure in enumerate(outcome.observed if every else ()):
            most = every.observed[a]
            if most.n == figure.n and figure.value > most.value + ROUNDING:
                expected = f"no more complete responses than responses ({most.value:.3g})"
                faults.append((("outcomes", o, "observed", a), expected, f"{figure.value:.3g}"))
    return faults


def _asked(outcome):
    return outcome.measure, outcome.when, outcome.denominator, outcome.from_
