"""Points of the unit cube: Sobol, Latin hypercube, random, Saltelli. All but the second go on where they stopped."""

from __future__ import annotations

METHODS = ("sobol", "lhs", "random", "saltelli")
EXTENDABLE = ("sobol", "random", "saltelli")
"""Methods whose first n points stay what they were when there are more."""

LEAST, MOST = 2.0**-40, 1.0 - 2.0**-40
"""Scrambled points can come to lie on 0; an inverse cdf would be infinite there."""


def points(method, n, n_paths, *, seed):
    """Points to take quantiles at.

    Parameters
    ----------
    method : {'sobol', 'lhs', 'random', 'saltelli'}
    n : int
        Points; for ``saltelli`` those of the first matrix, which become n (n_paths + 2). [1]
    n_paths : int
        Dimensions. [1]
    seed : int
        Of the scrambling, or of the points.

    Returns
    -------
    ndarray, shape (point, path)
        In (0, 1). For ``saltelli`` in groups of n_paths + 2: a row of matrix A, of B, and of A with each column from B in turn [1]_.

    References
    ----------
    .. [1] Saltelli A et al., "Variance based sensitivity analysis of model output," Comput Phys Commun 2010;181:259-270.
    """
    import numpy as np

    if method == "saltelli":
        return np.clip(_saltelli(_sobol(n, 2 * n_paths, seed)), LEAST, MOST)
    if method == "random":
        return np.clip(np.random.Generator(np.random.Philox(seed)).random((n, n_paths)), LEAST, MOST)
    if method == "lhs":
        from scipy.stats import qmc

        return np.clip(qmc.LatinHypercube(n_paths, rng=np.random.default_rng(seed)).random(n), LEAST, MOST)
    return np.clip(_sobol(n, n_paths, seed), LEAST, MOST)


def _sobol(n, n_paths, seed):
    import warnings

    import numpy as np
    from scipy.stats import qmc

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # n that is no power of two is the user's choice, and said in the plan
        return qmc.Sobol(n_paths, scramble=True, rng=np.random.default_rng(seed)).random(n)


def _saltelli(both):
    """Rows (A, B, A with column 1 of B, …) for each row of A beside B."""
    import numpy as np

    n, n_paths = len(both), both.shape[1] // 2
    a, b = both[:, :n_paths], both[:, n_paths:]
    rows = np.repeat(a[:, np.newaxis, :], n_paths + 2, axis=1)
    rows[:, 1] = b
    for i in range(n_paths):
        rows[:, 2 + i, i] = b[:, i]
    return rows.reshape(n * (n_paths + 2), n_paths)
