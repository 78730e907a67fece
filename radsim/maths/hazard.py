"""Times to events by inverse cdf: one uniform or one unit exponential in, one time out.

Every function is monotone in its random argument and in each rate, so that under common random numbers a change that can only
help can harm nobody.
"""

from __future__ import annotations

import math

import numpy as np

from radsim.compiled import apart, step
from radsim.maths.elementary import erfc, log, log1p, power

SQRT_HALF = math.sqrt(0.5)


@step
def normal_cdf(x):
    """Standard normal cdf, by the complementary error function. [1]"""
    return 0.5 * erfc(-x * SQRT_HALF)


# fmt: off
CENTRE_ABOVE, CENTRE_BELOW = np.array((
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
))
TAIL_ABOVE, TAIL_BELOW = np.array((
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
))
FAR_ABOVE, FAR_BELOW = np.array((
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
))
# fmt: on
"""Coefficients of the three ratios of PPND16, of the highest power first, and 1."""
FAR = 2e-11  # a tail probability below those of the uniforms, above exp(-25) where the far tail begins


@step
def polynomial(r, choice, one, other):
    """One or the other polynomial at r: their coefficients are chosen, without a branch."""
    value = one[0] if choice else other[0]
    for k in range(1, len(one)):
        value = value * r + (one[k] if choice else other[k])
    return value


@step
def depth(u):
    """How far out in its tail a probability lies. [1]"""
    return math.sqrt(-log(u if u < 0.5 else 1.0 - u))


@step
def normal_score(u):
    """Standard normal quantile of a uniform of `radsim.maths.rng`, or of any other probability from 2e-11 to 1 - 2e-11. [1]

    Notes
    -----
    `normal_quantile` without the far tails, to the same last bit: it has no branch.
    """
    q = u - 0.5
    central = abs(q) <= 0.425
    r = 0.180625 - q * q if central else depth(u) - 1.6
    above = polynomial(r, central, CENTRE_ABOVE, TAIL_ABOVE)
    below = polynomial(r, central, CENTRE_BELOW, TAIL_BELOW)
    return (q if central else -1.0 if q < 0.0 else 1.0) * (above / below)


@apart
def normal_quantile(u):
    """Standard normal quantile.

    Parameters
    ----------
    u : float
        Probability, in [0, 1]. [1]

    Returns
    -------
    float
        x with Φ(x) = u; relative error below 1e-15. [1]

    Notes
    -----
    Rational approximations PPND16 [1]_: one for the centre, two for the tails.

    References
    ----------
    .. [1] Wichura MJ, "Algorithm AS 241: the percentage points of the normal distribution," Applied Statistics 37, 1988,
       477–484, doi:10.2307/2347330.
    """
    if FAR < u < 1.0 - FAR:
        return normal_score(u)
    r = depth(u)
    x = math.inf
    if r < math.inf:
        near = r <= 5.0
        r -= 1.6 if near else 5.0
        x = polynomial(r, near, TAIL_ABOVE, FAR_ABOVE) / polynomial(r, near, TAIL_BELOW, FAR_BELOW)
    return -x if u < 0.5 else x


@step
def logit(u):
    """Quantile of the standard logistic distribution, ln(u / (1 - u)). [1]"""
    return log(u / (1.0 - u))


@step
def exponential_time(exponential, rate):
    """Time at which a constant hazard has consumed a unit exponential; infinite for a rate of zero. [d]"""
    return exponential / rate if rate > 0.0 else math.inf


@step
def two_rate_time(exponential, early_rate, until, late_rate):
    """Time at which a hazard that changes once has consumed a unit exponential.

    Parameters
    ----------
    exponential : float
        Unit exponential. [1]
    early_rate, late_rate : float
        Hazard on [0, until) and on [until, ∞). [d-1]
    until : float
        Time of the change. [d]

    Returns
    -------
    float
        Time of the event, infinite if it never happens. [d]
    """
    early = early_rate * until
    if exponential < early:
        return exponential / early_rate
    return until + exponential_time(exponential - early, late_rate)


@step
def survival_at_hazard_ratio(u, v, hazard_ratio):
    """Survival probability at an event whose hazard is multiplied, coupled with the event without: most stay as they were.

    Parameters
    ----------
    u : float
        Survival probability at the event without: a uniform. [1]
    v : float
        Another uniform: whether, and how far, the event moves. [1]
    hazard_ratio : float
        [1]

    Returns
    -------
    float
        S with P(S <= s) = s ** ``hazard_ratio``: ``u`` itself with a probability of about 1 - |``hazard_ratio`` - 1|. Decreasing hazards
        never bring the event forward, increasing ones never postpone it. [1]

    Notes
    -----
    Above 1 an excess hazard competes with the first event. Below 1 an event is kept with the ratio as its probability, and else awaited
    anew from its time on.
    """
    if hazard_ratio > 1.0:
        if hazard_ratio <= 2.0 and v <= u:  # a power of 1 or more of v is not above v: half of them need not be taken
            return u
        return max(u, power(v, 1.0 / (hazard_ratio - 1.0)))
    if hazard_ratio == 1.0 or v < hazard_ratio:
        return u
    return u * power((v - hazard_ratio) / (1.0 - hazard_ratio), 1.0 / hazard_ratio)


@step
def interrupted_time(exponential, rate, start, stop, rate_between):
    """Time at which a constant hazard, replaced by another on [start, stop), has consumed a unit exponential. [d]"""
    before = rate * start
    if exponential < before:
        return exponential / rate
    if stop == math.inf:
        return start + exponential_time(exponential - before, rate_between)
    between = rate_between * (stop - start)
    if exponential < before + between:
        return start + (exponential - before) / rate_between
    return stop + exponential_time(exponential - before - between, rate)


@step
def gompertz_time(exponential, rate, slope):
    """Time at which a Gompertz hazard rate·exp(slope·t) has consumed a unit exponential.

    Parameters
    ----------
    exponential : float
        Unit exponential. [1]
    rate : float
        Hazard at time zero. [d-1]
    slope : float
        Relative increase of the hazard, > 0. [d-1]
    """
    return log1p(exponential * slope / rate) / slope
