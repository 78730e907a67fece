"""The posterior and its sampling.

The unknowns are normal scores: of the parameters under their priors, and of three between-trial standard deviations, τ = scale · |score|
(half-normal). Under the prior all are independent standard normal, which is all that a sampler needs to know of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radsim.calibrate.bank import REACH
from radsim.calibrate.targets import discount

ESTIMATED = ("response", "complete", "retreatment")
"""Between-trial standard deviations that are estimated: `between_trial.<name>` of the registry."""

NOT_FITTED = 1e6
"""Variance of a target that informs nothing."""

THIN = 10
"""Steps between those kept: a tenth of the time in which the ensemble forgets, so nothing is lost but memory."""


@dataclass(frozen=True)
class Likelihood:
    """How far simulated logits may lie from observed ones.

    Attributes
    ----------
    observed : array, shape (row,)
        Logits.
    covariance : array, shape (row, row)
        Sampling error (discounted), emulator, misfit of form, and the fixed effects of studies on events.
    loading : array, shape (study, row, effect)
        What a study's own shift of the cut-points and of the offers does to its rows, 0 for rows of other studies. [1]
    scales : array, shape (effect,)
        Scales of the between-trial standard deviations.
    """

    observed: np.ndarray
    covariance: np.ndarray
    loading: np.ndarray
    scales: np.ndarray

    def __post_init__(self):
        precision = np.linalg.inv(self.covariance)
        pull = np.einsum("rq,sqe->rse", precision, self.loading)
        information = np.einsum("sre,rsf->sef", self.loading, pull)
        constant = np.linalg.slogdet(self.covariance)[1] + len(self.observed) * np.log(2.0 * np.pi)
        self.__dict__.update(_precision=precision, _pull=pull, _information=information, _constant=constant)

    @property
    def variance(self):
        """Variance of each row before the shifts of studies, shape (row,)."""
        return np.diag(self.covariance)

    def deviations(self, scores):
        """Between-trial standard deviations, shape (point, effect), of scores of that shape."""
        return np.abs(scores) * self.scales

    def total_covariance(self, deviations):
        """Covariance with the shifts of studies, shape (row, row), of standard deviations of shape (effect,)."""
        shifts = self.loading * deviations
        return self.covariance + np.einsum("sre,sqe->rq", shifts, shifts)

    def __call__(self, simulated, deviations):
        """Log-likelihood, the shifts of studies integrated out.

        Parameters
        ----------
        simulated : array, shape (point, row)
            Logits.
        deviations : array, shape (point, effect)

        Returns
        -------
        array, shape (point,)

        Notes
        -----
        With C the covariance, A a study's loadings times its standard deviations and M = 1 + AᵀC⁻¹A, the quadratic form is
        rᵀC⁻¹r − (AᵀC⁻¹r)ᵀ M⁻¹ (AᵀC⁻¹r) and the determinant |C| |M|, study by study (Woodbury).
        """
        residual = self.observed - simulated
        quadratic = ((residual @ self._precision) * residual).sum(axis=1)
        n_studies, _, n_effects = self.loading.shape
        pull = (residual @ self._pull.reshape(len(self.observed), -1)).reshape(-1, n_studies, n_effects)
        pull = pull * deviations[:, None]
        grown = self._information * (deviations[:, :, None] * deviations[:, None, :])[:, None] + np.eye(n_effects)
        gained, determinant = _solve_three(grown, pull)
        return -0.5 * (quadratic - gained.sum(axis=1) + determinant.sum(axis=1) + self._constant)

    def draw(self, simulated, deviations, rng):
        """Fake observed logits, shape (row,), around simulated ones, by the same assumptions."""
        return rng.multivariate_normal(simulated, self.total_covariance(deviations), method="cholesky")


def _solve_three(matrix, vector):
    """bᵀ M⁻¹ b and ln |M| of many symmetric positive definite 3 × 3 matrices, by Cholesky written out."""
    a, b, c = (matrix[..., i, 0] for i in range(3))
    d, e, f = matrix[..., 1, 1], matrix[..., 2, 1], matrix[..., 2, 2]
    l00 = np.sqrt(a)
    l10, l20 = b / l00, c / l00
    l11 = np.sqrt(d - l10**2)
    l21 = (e - l20 * l10) / l11
    l22 = np.sqrt(f - l20**2 - l21**2)
    y0 = vector[..., 0] / l00
    y1 = (vector[..., 1] - l10 * y0) / l11
    y2 = (vector[..., 2] - l20 * y0 - l21 * y1) / l22
    return y0**2 + y1**2 + y2**2, 2.0 * np.log(l00 * l11 * l22)


def make_likelihood(targets, emulator, prior, settings):
    """The likelihood of the targets.

    Notes
    -----
    The emulator's error enters as its leave-one-out error, which holds the luck of one point of the bank as well: that is
    too much rather than too little. Studies differ in events by a fixed deviation, shared by the rows of one study and outcome.
    """
    rows = targets.rows
    sampling = targets.sampling_variance * discount(rows, settings.row_correlation)
    variance = sampling + emulator.leave_out_error**2 + settings.row_sd**2
    variance[~targets.fitted(settings.leave_out)] = NOT_FITTED
    covariance = np.diag(variance)
    events = [(row.study, row.outcome) if row.effect == "event" else None for row in rows]
    together = np.array([[a is not None and a == b for b in events] for a in events])
    covariance += together * settings.between_trial.event**2
    studies = list(dict.fromkeys(row.study for row in rows))
    of_study = np.array([[row.study == study for row in rows] for study in studies], float)
    loading = of_study[:, :, None] * shift_effects(emulator, prior)
    scales = np.array([getattr(settings.between_trial, name) for name in ESTIMATED])
    return Likelihood(targets.observed, covariance, loading, scales)


def shift_effects(emulator, prior):
    """What a study's own shifts do to its rows: slopes of the emulator at the middle of the prior, shape (row, effect).

    Notes
    -----
    The shifts are those of `between_trial.response` (of both cut-points), `.complete` (of that of complete response, further)
    and `.retreatment` (of the log-odds of every offer). A shift upward of a cut-point makes response rarer.
    """
    middle = np.zeros(len(prior.names))
    slopes = emulator.gradient(middle)
    step = 1e-3
    moved = [prior.values(sign * step * np.eye(len(middle))) for sign in (1.0, -1.0)]
    per_score = {name: (moved[0][i, i] - moved[1][i, i]) / (2 * step) for i, name in enumerate(prior.names)}
    value = dict(zip(prior.names, prior.values(middle[None])[0], strict=True))

    def slope(name, per_unit=1.0):
        """Slope of the rows along a parameter, or along a transform whose derivative is given."""
        if name not in prior.names:
            return np.zeros(slopes.shape[1])
        return slopes[prior.names.index(name)] / (per_score[name] * per_unit)

    complete = slope("response.cut_complete")
    offers = [name for name in prior.names if name.startswith("retreatment.offer.")]
    retreatment = sum((slope(name, 1.0 / (value[name] * (1.0 - value[name]))) for name in offers), 0.0 * complete)
    return np.stack([slope("response.cut_overall") + complete, complete, retreatment], axis=1)


@dataclass(frozen=True)
class Sample:
    """What the sampler found.

    Attributes
    ----------
    scores : array, shape (sample, dimension)
        Normal scores of parameters and standard deviations, after the burn-in; in a random order.
    autocorrelation : array, shape (dimension,)
        Integrated time. [steps]
    acceptance : float
        Share of moves accepted. [1]
    chain_length : int
        Samples of all walkers after the burn-in. [1]
    """

    scores: np.ndarray
    autocorrelation: np.ndarray
    acceptance: float
    chain_length: int

    @property
    def effective_size(self):
        """Independent samples that the chain is worth, shape (dimension,). [1]"""
        return self.chain_length / self.autocorrelation


def posterior(likelihood, emulator):
    """Log posterior as a function of scores, shape (point, dimension)."""

    def log_posterior(scores):
        parameters, deviations = scores[:, :-3], likelihood.deviations(scores[:, -3:])
        found = likelihood(emulator(parameters), deviations) - 0.5 * (scores**2).sum(axis=1)
        return np.where((np.abs(scores) < REACH).all(axis=1), found, -np.inf)

    return log_posterior


def sample(log_posterior, n_dimensions, *, walkers, steps, burn_in, seed, keep, progress=None):
    """Sample a posterior with an ensemble of walkers that learn their steps from each other.

    Parameters
    ----------
    log_posterior : callable
        Of scores, shape (point, dimension).
    n_dimensions, walkers, steps, burn_in, seed : int
    keep : int
        Samples to return.
    progress : callable, optional
        Called as ``progress(steps_done, steps_in_all)``.

    Returns
    -------
    Sample

    Notes
    -----
    emcee [1]_ with moves of differential evolution, which mix better than stretches in thirty dimensions.

    References
    ----------
    .. [1] Foreman-Mackey et al., "emcee: The MCMC hammer," PASP 2013;125:306, DOI 10.1086/670067.
    """
    import emcee
    from threadpoolctl import threadpool_limits

    walkers = max(walkers, 2 * n_dimensions + 2)
    walkers += walkers % 2
    rng = np.random.default_rng(seed)
    start = np.clip(0.5 * rng.normal(size=(walkers, n_dimensions)), -REACH + 0.1, REACH - 0.1)
    moves = emcee.moves.DEMove(gamma0=0.2)  # accepts a quarter; the usual 0.29 a tenth
    ensemble = emcee.EnsembleSampler(walkers, n_dimensions, log_posterior, moves=moves, vectorize=True)
    state = emcee.State(start, random_state=np.random.RandomState(seed % 2**32).get_state())
    with threadpool_limits(1):  # small matrices: threads of the linear algebra cost eight times what they save
        state = ensemble.run_mcmc(state, burn_in // THIN, thin_by=THIN, store=False) if burn_in >= THIN else state
        for done, _ in enumerate(ensemble.sample(state, iterations=-(-steps // THIN), thin_by=THIN), 1):
            if progress is not None:
                progress(done * THIN, steps)
    chain = ensemble.get_chain()
    chain[..., -3:] = np.abs(chain[..., -3:])  # either sign of a deviation's score is the same
    time = THIN * np.maximum(emcee.autocorr.integrated_time(chain, tol=0), 1.0)
    flat = chain.reshape(-1, n_dimensions)
    chosen = rng.choice(len(flat), size=min(keep, len(flat)), replace=False)
    return Sample(flat[chosen], time, float(ensemble.acceptance_fraction.mean()), THIN * len(flat))
