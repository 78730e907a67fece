"""The policy of retreatment, put in force before the kernel runs."""

from __future__ import annotations

import math

from radsim.evidence.entries import WILLINGNESS, EvidenceError, refuse


def resolve_policy(values):
    """Put the retreatment policy in force: how willingly a multi-fraction course is repeated.

    Parameters
    ----------
    values : mapping of str to float
        One value per parameter, with or without ``retreatment.willingness_ratio`` w: the odds of an offer
        after non-response, single to multiple.

    Returns
    -------
    dict of str to float
        Without the ratio. Unset, the calibrated offers and delays; else those of ``multiple`` changed to fit.

    Raises
    ------
    EvidenceError
        If the calibrated policy gives no scale to measure the ratio on.

    Notes
    -----
    With w* the calibrated ratio, θ = ln w / ln w*, each logit offer and log delay of ``multiple`` is
    single + θ (multiple − single); θ = 0 gives those of ``single`` exactly (``kernel/README.md``).
    """
    resolved = dict(values)
    ratio = resolved.pop(WILLINGNESS, None)
    if ratio is None:
        return resolved
    theta = 0.0 if ratio == 1.0 else math.log(ratio) / _calibrated_log_ratio(values)
    for kind in ("non_response", "progression", "no_failure"):
        single, multiple = _offer("single", kind), _offer("multiple", kind)
        resolved[multiple] = _between(values[single], values[multiple], theta, scale=_logit, back=_expit)
    single, multiple = "retreatment.delay.single_median_days", "retreatment.delay.multiple_median_days"
    resolved[multiple] = _between(values[single], values[multiple], theta, scale=math.log, back=_exp)
    return resolved


def _offer(fractions, kind):
    return f"retreatment.offer.{fractions}.{kind}"


def _calibrated_log_ratio(values):
    """ln w*: log odds ratio of an offer after non-response, single to multiple."""
    single, multiple = (values[_offer(fractions, "non_response")] for fractions in ("single", "multiple"))
    if single in (0.0, 1.0) or multiple in (0.0, 1.0) or _logit(single) == _logit(multiple):
        raise EvidenceError([
            f"parameters.{WILLINGNESS}: expected different offers after non-response, strictly between 0 and "
            f"1, to measure it on, found {single} (single) and {multiple} (multiple)"
        ])  # fmt: skip
    return _logit(single) - _logit(multiple)


def _between(single, multiple, theta, *, scale, back):
    """single + θ (multiple − single) on a scale; equal ends exactly, also where the scale is infinite."""
    if theta == 0.0 or single == multiple:
        return single
    if scale is _logit and {single, multiple} & {0.0, 1.0}:
        refuse([
            f"parameters.{WILLINGNESS}: expected offers strictly between 0 and 1, found {single} (single) "
            f"and {multiple} (multiple)"
        ])  # fmt: skip
    return back(scale(single) + theta * (scale(multiple) - scale(single)))


def _logit(p):
    return math.log(p / (1.0 - p))


def _expit(x):
    return 1.0 / (1.0 + _exp(-x))


def _exp(x):
    return math.exp(min(x, 700.0))  # a delay of 1e304 days is never; math.exp would raise
