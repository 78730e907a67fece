"""Expected value of partial perfect information, by regression of net benefits on parameters.

What it would be worth to know some parameters follows from the draws of a probabilistic analysis alone: the mean net benefit given the
parameters is a regression of net benefit on them [1]_, which also averages out the chance among patients.

The regression is linear in each parameter, plus those curves (cubic splines) and products of two that stand out of the noise. Each
coefficient is shrunk by a variance of its own (`sklearn.linear_model.ARDRegression`), so that parameters without influence drop out
instead of drawing the others towards zero. Measured with 1,000 draws: with one variance for all (ridge), the value of a group of thirty
parameters, of which ten mattered, came out at a third of the truth, here within 3 %; boosted trees gave a parameter without influence a
ninth of the value of the most important one, here 0; a Gaussian process of five parameters took 8 s, and the cube of the draws, here
0.04 s.

The standard error has four parts: the finite number of draws, the posterior of the coefficients, a shape of up to three standard errors
of a slope that the noise hides, and the distance from what choosing by the regression gains in draws that it has not seen, which tells
of a sharp shape that was smoothed and of chance that was taken for knowledge. With the first two alone 79 of 100 decisions of known
value lay within 1.96 errors (`tests/evppi_cases.py`, among them steps, corners and waves); with all four, of three sets of a hundred, 95, 91 and 94.

.. [1] Strong M, Oakley JE, Brennan A, "Estimating multiparameter partial expected value of perfect information from a probabilistic
   sensitivity analysis sample," Med Decis Making 2014;34:311-326. doi:10.1177/0272989X13505910
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from radsim.decision.evpi import evpi
from radsim.decision.net_benefit import best_on_average
from radsim.extras import require
from radsim.maths import ties

KNOTS = (5, 10)  # of a curve, the fewest and the most; one to so many draws between them
DRAWS_PER_KNOT = 100
MOST_PRODUCTS = 20
FALSE_SHAPES = 0.05  # curves, and products, expected to be found in a group that has none
DRAWS_PER_FEATURE = 5
AT_ONCE = 1000
LEAST_SIZE = 1e-8  # relative: singular values below are rounding
MOST_ITERATIONS = 100
LEAST_DRAWS = 20
POSTERIOR_SAMPLES = 200
UNSEEN = 3.0  # standard errors of a slope that a shape may have and stay unseen, as it is tested among several
MOST_LEAVES = 16
LEAST_LEAF = 5
DRAWS_FOR_ERROR = 2000
ERROR_SEED = 20140401  # only the standard error is drawn at random; the same draws give the same one


class Evppi(NamedTuple):
    """Value of knowing some parameters.

    Attributes
    ----------
    value : float
        In [0, EVPI]. [currency]
    se : float
        Standard error: of the regression, and of the finite number of draws. [currency]
    """

    value: float
    se: float


def evppi(net_benefit, parameters):
    """Expected value of knowing some parameters, per patient.

    Parameters
    ----------
    net_benefit : ndarray, shape (draw, schedule)
        Of parameter draws. [currency]
    parameters : ndarray, shape (draw, parameter) or (draw,)
        Their values in the same draws, in any unit; those that do not vary are worth nothing.

    Returns
    -------
    Evppi

    Raises
    ------
    ValueError
        If the draws do not match, are fewer than `LEAST_DRAWS`, or hold a number that is not finite.
    UsageFault
        If scikit-learn is not installed.

    Notes
    -----
    Never above the EVPI of the same draws, which bounds it in theory; with few draws a regression can overshoot, and is cut
    there. A parameter that joins a group can lower the estimate by no more than a few standard errors: a larger group is smoothed
    more.
    """
    net_benefit, parameters = _checked(net_benefit, parameters)
    net_benefit = net_benefit[:, [group[0] for group in ties.groups(net_benefit)]]  # equal schedules are one choice
    relative = ties.difference(net_benefit, net_benefit[:, :1])
    varying = parameters[:, np.ptp(parameters, axis=0) > 0.0]
    bound = float(evpi(net_benefit))
    if varying.shape[1] == 0 or bound == 0.0:  # one schedule is best in every draw: nothing to learn
        return Evppi(0.0, 0.0)
    with require("threadpoolctl", extra="economics").threadpool_limits(1):  # on matrices this small, threads only wait
        fitted, errors, *unseen = fit(relative, varying)
    value, some = float(evpi(fitted)), fitted[_some_draws(len(fitted))]
    reached = max(0.0, *(policy_value(relative, predicted) for predicted in unseen))
    of_fit = np.sqrt(np.mean([(float(evpi(some + error)) - float(evpi(some))) ** 2 for error in errors]))
    error = np.sqrt(_sampling_error(fitted) ** 2 + of_fit**2 + (value - min(reached, bound)) ** 2)
    return Evppi(min(value, bound), float(error))


def policy_value(relative, predicted):
    """What choosing by a prediction gains over one choice for all, in draws that the prediction has not seen.

    Parameters
    ----------
    relative, predicted : ndarray, shape (draw, schedule)
        Net benefits, and what was predicted of them from other draws.

    Returns
    -------
    float
        Not above the value of the parameters in expectation, and near it as soon as the prediction has the right sign: it tells what a
        regression has missed of a sharp shape, and what it has made of chance. [currency]
    """
    chosen = np.take_along_axis(relative, ties.first_best(predicted)[:, np.newaxis], axis=1)[:, 0]
    return float(np.mean(ties.difference(chosen, relative[:, int(best_on_average(relative))])))


def _checked(net_benefit, parameters):
    net_benefit, parameters = np.asarray(net_benefit, float), np.asarray(parameters, float)
    parameters = parameters.reshape(len(parameters), -1)
    if len(parameters) != len(net_benefit):
        raise ValueError(
            f"expected as many draws of the parameters as of net benefit ({len(net_benefit)}), found {len(parameters)}"
        )
    if len(net_benefit) < LEAST_DRAWS:
        raise ValueError(f"expected at least {LEAST_DRAWS} draws for a regression, found {len(net_benefit)}")
    if not (np.all(np.isfinite(net_benefit)) and np.all(np.isfinite(parameters))):
        raise ValueError("expected finite net benefits and parameters")
    return net_benefit, parameters


def fit(relative, parameters):
    """Mean net benefits given the parameters.

    Parameters
    ----------
    relative : ndarray, shape (draw, schedule)
        Net benefits less those of the first schedule.
    parameters : ndarray, shape (draw, parameter)
        That vary.

    Returns
    -------
    fitted : ndarray, shape (draw, schedule)
    errors : ndarray, shape (sample, some draws, schedule)
        Samples of what the fit may be wrong by, at `_some_draws`.
    smooth, sharp : ndarray, shape (draw, schedule)
        Predicted from the other half of the draws: by the regression, and by it and a tree of what it leaves.
    """
    fitted, smooth, sharp = (np.zeros_like(relative) for _ in range(3))
    errors = np.zeros((POSTERIOR_SAMPLES, len(relative[_some_draws(len(relative))]), relative.shape[1]))
    noise = np.random.default_rng(ERROR_SEED)
    for schedule in range(1, relative.shape[1]):
        outcome = relative[:, schedule]
        if np.ptp(outcome) == 0.0:
            fitted[:, schedule] = smooth[:, schedule] = sharp[:, schedule] = outcome
            continue
        features = shape_features(outcome, parameters)
        fitted[:, schedule], errors[:, :, schedule] = _relevance_regression(features, outcome, noise)
        smooth[:, schedule], sharp[:, schedule] = _from_other_half(features, parameters, outcome)
    return fitted, errors, smooth, sharp


def _from_other_half(features, parameters, outcome):
    """Predictions of each half of the draws by what was fitted to the other half, smooth and sharp; shape (2, draw)."""
    tree = require("sklearn.tree", extra="economics").DecisionTreeRegressor
    scale, half = outcome.std(), np.arange(len(outcome)) % 2 == 0
    predicted = np.empty((2, len(outcome)))
    for seen in (half, ~half):
        model = _regression().fit(features[seen], outcome[seen] / scale)
        smooth = scale * model.predict(features)
        leaf = max(LEAST_LEAF, int(seen.sum()) // MOST_LEAVES)
        left = tree(max_leaf_nodes=MOST_LEAVES, min_samples_leaf=leaf, random_state=0)
        left.fit(parameters[seen], (outcome - smooth)[seen])
        predicted[:, ~seen] = smooth[~seen], (smooth + left.predict(parameters))[~seen]
    return predicted


def _regression():
    return require("sklearn.linear_model", extra="economics").ARDRegression(max_iter=MOST_ITERATIONS)


def shape_features(outcome, parameters):
    """What to regress on: every parameter, and those curves and products that stand out of the noise.

    Parameters
    ----------
    outcome : ndarray, shape (draw,)
    parameters : ndarray, shape (draw, parameter)

    Returns
    -------
    ndarray, shape (draw, feature)

    Notes
    -----
    Curves are judged by what the lines leave, products by what lines and curves leave; each at a level corrected for the number that
    is looked at (Bonferroni).
    """
    lines = _standard(parameters)
    curved = np.hstack([lines, *curves(outcome, lines)])
    return np.hstack([curved, products(outcome, lines, curved)])


def curves(outcome, lines):
    """Splines of the parameters on which an outcome depends otherwise than in a line: list of (draw, feature)."""
    from scipy.special import chdtrc

    n, n_parameters = lines.shape
    basis = _basis(lines)
    left = _standard(_without(outcome[:, np.newaxis], basis))
    found = []
    for column in lines.T:
        bends = _bends(column, basis)
        explained = float(np.sum((bends.T @ left) ** 2))  # of unit variance, so about chi-squared by chance
        if bends.shape[1] and chdtrc(bends.shape[1], explained) < FALSE_SHAPES / n_parameters:
            found.append(bends * np.sqrt(n))
    room = max(n // DRAWS_PER_FEATURE - n_parameters, 0) // _n_knots(n)
    return found[:room]


def _n_knots(n_draws):
    return min(max(n_draws // DRAWS_PER_KNOT, KNOTS[0]), KNOTS[1])


def _bends(column, basis):
    """Orthonormal splines of one parameter, without what a basis explains; shape (draw, feature)."""
    knots = np.unique(np.quantile(column, np.linspace(0.0, 1.0, _n_knots(len(column)))))
    if len(knots) < 3:  # a parameter of two values has no bends
        return np.zeros((len(column), 0))
    transformer = require("sklearn.preprocessing", extra="economics").SplineTransformer
    splines = transformer(degree=3, knots=knots[:, np.newaxis], extrapolation="linear").fit_transform(
        column[:, np.newaxis]
    )
    left, size, _ = np.linalg.svd(_without(splines, basis), full_matrices=False)
    return left[:, size > LEAST_SIZE * max(size[0], 1.0)]


def products(outcome, lines, features):
    """Products of two parameters that explain what other features leave; shape (draw, feature)."""
    from scipy.special import ndtri

    n, n_parameters = lines.shape
    first, second = np.triu_indices(n_parameters, 1)
    room = min(MOST_PRODUCTS, n // DRAWS_PER_FEATURE - features.shape[1])
    if len(first) == 0 or room < 1:
        return np.zeros((n, 0))
    basis = _basis(features)
    left = _standard(_without(outcome[:, np.newaxis], basis))[:, 0]
    score = np.empty(len(first))
    for start in range(0, len(first), AT_ONCE):  # a hundred parameters have five thousand products
        part = slice(start, start + AT_ONCE)
        candidates = _standard(_without(lines[:, first[part]] * lines[:, second[part]], basis))
        score[part] = np.abs(candidates.T @ left) / np.sqrt(n)
    strongest = np.argsort(-score, kind="stable")[:room]
    chosen = strongest[score[strongest] > -ndtri(FALSE_SHAPES / (2.0 * len(first)))]
    return _standard(_without(lines[:, first[chosen]] * lines[:, second[chosen]], basis))


def _basis(features):
    """Orthonormal columns that span a constant and some features."""
    left, size, _ = np.linalg.svd(np.column_stack([np.ones(len(features)), features]), full_matrices=False)
    return left[:, size > LEAST_SIZE * size[0]]


def _without(columns, basis):
    """Columns less their regression on an orthonormal basis."""
    return columns - basis @ (basis.T @ columns)


def _relevance_regression(features, outcome, noise):
    """Fitted values, shape (draw,), and samples of their error, shape (sample, some draws)."""
    scale = outcome.std()
    model = _regression().fit(features, outcome / scale)
    active = (features - features.mean(axis=0))[:, model.lambda_ < model.threshold_lambda][_some_draws(len(features))]
    values, vectors = np.linalg.eigh(model.sigma_)
    spread = vectors * np.sqrt(np.maximum(values, 0.0))
    of_slopes = noise.standard_normal((POSTERIOR_SAMPLES, len(values))) @ spread.T @ active.T
    of_one = 1.0 / np.sqrt(model.alpha_ * len(outcome))  # standard error of the mean, and of any one slope
    of_mean = of_one * noise.standard_normal((POSTERIOR_SAMPLES, 1))
    of_missed = UNSEEN * of_one * noise.standard_normal((POSTERIOR_SAMPLES, 1)) * _unseen_shape(active.shape[0])
    return scale * model.predict(features), scale * (of_slopes + of_mean + of_missed)


def _unseen_shape(n_draws):
    """A shape of unit variance that no feature has: what lies in it stays unseen as long as it is of the size of the noise."""
    from scipy.special import ndtri

    return np.random.default_rng(ERROR_SEED).permutation(ndtri((np.arange(n_draws) + 0.5) / n_draws))


def _some_draws(n_draws):
    """Evenly spread draws, enough to say how the error of the coefficients carries over."""
    return slice(None, None, max(1, n_draws // DRAWS_FOR_ERROR))


def _sampling_error(fitted):
    """Standard error of the value of given fitted values for the finite number of draws."""
    best = int(best_on_average(fitted))
    return float(ties.difference(fitted.max(axis=1), fitted[:, best]).std(ddof=1) / np.sqrt(len(fitted)))


def _standard(columns):
    """Columns of mean 0 and standard deviation 1; those that do not vary are 0."""
    spread = columns.std(axis=0)
    return (columns - columns.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
