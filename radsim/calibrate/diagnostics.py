"""Whether chains agree, and how many independent samples they are worth.

References
----------
.. [1] Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner P-C, "Rank-normalization, folding, and localization: an improved R-hat for
   assessing convergence of MCMC," Bayesian Analysis 2021;16:667-718, equations 1-4, 10, 11, 14 and section 4.
"""

from __future__ import annotations

import numpy as np

TAILS = (0.05, 0.95)


def rank_normalised_rhat(chain):
    """Rank-normalised split R-hat [1]_: the larger of that of the values and that of their distances from the median.

    Parameters
    ----------
    chain : array, shape (step, chain, dimension)

    Returns
    -------
    array, shape (dimension,)
        1 where the halves of all chains agree. [1]
    """
    halves = _halves(chain)
    folded = np.abs(halves - np.median(halves, axis=(0, 1)))
    return np.maximum(_rhat(_normal_scores(halves)), _rhat(_normal_scores(folded)))


def effective_size(chain):
    """Effective sample size [1]_: the smaller of that of the bulk (rank-normalised) and that of the 5 % and 95 % quantiles.

    Parameters
    ----------
    chain : array, shape (step, chain, dimension)

    Returns
    -------
    array, shape (dimension,)
        [1]
    """
    halves = _halves(chain)
    tails = [halves <= np.quantile(halves, p, axis=(0, 1)) for p in TAILS]
    return np.minimum.reduce(
        [_size(values) for values in (_normal_scores(halves), *(tail.astype(float) for tail in tails))]
    )


def _halves(chain):
    """Each chain as two."""
    n = len(chain) // 2
    return np.concatenate([chain[:n], chain[-n:]], axis=1)


def _normal_scores(values):
    from scipy.special import ndtri
    from scipy.stats import rankdata

    ranks = rankdata(values.reshape(-1, values.shape[2]), axis=0).reshape(values.shape)
    return ndtri((ranks - 0.375) / (values[:, :, 0].size + 0.25))


def _variances(values):
    """Mean variance within chains, and the marginal variance."""
    n = len(values)
    within = values.var(axis=0, ddof=1).mean(axis=0)
    return within, (n - 1) / n * within + values.mean(axis=0).var(axis=0, ddof=1)


def _rhat(values):
    within, marginal = _variances(values)
    return np.sqrt(marginal / within)


def _size(values):
    """Samples over the autocorrelation time, summed over pairs of lags as long as these are positive, and never rising."""
    from scipy.fft import irfft, next_fast_len, rfft

    n, n_chains, _ = values.shape
    within, marginal = _variances(values)
    marginal = np.where(marginal > 0.0, marginal, 1.0)  # a constant tells nothing of the chains
    transformed = rfft(values - values.mean(axis=0), next_fast_len(2 * n, real=True), axis=0)
    covariance = irfft(np.abs(transformed) ** 2, next_fast_len(2 * n, real=True), axis=0)[:n].mean(axis=1) / n
    correlation = 1.0 - (within - covariance * n / (n - 1)) / marginal
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(n // 2, 2, -1).sum(axis=1)
    pairs = np.minimum.accumulate(pairs, axis=0) * np.logical_and.accumulate(pairs > 0.0, axis=0)
    time = np.maximum(2.0 * pairs.sum(axis=0) - 1.0, 1.0 / np.log10(n * n_chains))
    return n * n_chains / time
