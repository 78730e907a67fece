"""The emulator: each target's logit as a quadratic in the normal scores of the parameters.

Constant, linear and square terms are fitted freely; products of two parameters are shrunk (ridge), by as much as minimises the
leave-one-out error, target by target.
"""

from __future__ import annotations

import numpy as np

PENALTIES = np.geomspace(1.0, 1e6, 13)  # of the products; the last all but removes them


class Emulator:
    """A fitted emulator.

    Parameters
    ----------
    scores : array, shape (point, parameter)
        Normal scores. [1]
    logits : array, shape (point, row)
        Simulated there.
    centre, scale : array, shape (parameter,), optional
        Of the points, so that terms are of a similar size wherever they lie. [1]

    Attributes
    ----------
    leave_out_error : array, shape (row,)
        Root mean square of leave-one-out residuals, the random error of the bank included.
    explained : array, shape (row,)
        Share of the variance over the prior that is explained, leaving one out. [1]

    Notes
    -----
    Of a linear smoother with hat matrix H the residual without point i is (y − ŷ)_i / (1 − H_ii).
    """

    def __init__(self, scores, logits, centre=0.0, scale=1.0):
        self.centre, self.scale = centre, scale
        scores, logits = (np.asarray(scores, float) - centre) / scale, np.asarray(logits, float)
        self.pairs = np.triu_indices(scores.shape[1], k=1)
        free, products = self._terms(scores)
        q, r = np.linalg.qr(free)
        rest = products - q @ (q.T @ products)
        u, s, vt = np.linalg.svd(rest, full_matrices=False)
        fitted_free, along = q @ (q.T @ logits), u.T @ logits
        best = np.full(logits.shape[1], np.inf)
        product_weights = np.zeros((products.shape[1], logits.shape[1]))
        for penalty in PENALTIES:
            shrink = s**2 / (s**2 + penalty)
            leverage = (q**2).sum(axis=1) + (u**2 * shrink).sum(axis=1)
            residual = (logits - fitted_free - u @ (shrink[:, None] * along)) / (1.0 - leverage)[:, None]
            error = (residual**2).mean(axis=0)
            better = error < best
            weights = vt.T @ ((s / (s**2 + penalty))[:, None] * along)
            product_weights[:, better] = weights[:, better]
            best = np.minimum(best, error)
        self.free_weights = np.linalg.solve(r, q.T @ (logits - products @ product_weights))
        self.product_weights = product_weights
        self.leave_out_error = np.sqrt(best)
        self.explained = 1.0 - best / logits.var(axis=0)

    def with_slopes(self, scores):
        """Logits at some scores, and how slopes along the logits become slopes along the scores.

        Parameters
        ----------
        scores : array, shape (point, parameter)

        Returns
        -------
        logits : array, shape (point, row)
        back : callable
            From slopes of shape (point, row) to slopes of shape (point, parameter).
        """
        scores = (scores - self.centre) / self.scale
        n = scores.shape[1]
        constant, linear, squares = np.split(self.free_weights, [1, 1 + n])
        if "_quadratic" not in self.__dict__:
            matrix = np.zeros((n, n, squares.shape[1]))
            matrix[self.pairs] = self.product_weights / 2.0
            matrix = matrix + matrix.transpose(1, 0, 2)
            matrix[np.arange(n), np.arange(n)] = squares
            self.__dict__["_quadratic"] = matrix.reshape(n, -1), matrix.transpose(2, 0, 1).reshape(len(squares.T), -1)
        forward, backward = self._quadratic
        bent = (scores @ forward).reshape(len(scores), n, -1)
        logits = constant - squares.sum(axis=0) + scores @ linear + np.einsum("pi,pir->pr", scores, bent)

        def back(slopes):
            matrices = (slopes @ backward).reshape(len(slopes), n, n)
            return (slopes @ linear.T + 2.0 * np.einsum("pij,pj->pi", matrices, scores)) / self.scale

        return logits, back

    def _terms(self, scores):
        i, j = self.pairs
        free = np.concatenate([np.ones((len(scores), 1)), scores, scores**2 - 1.0], axis=1)
        return free, scores[:, i] * scores[:, j]

    def __call__(self, scores):
        """Logits of the targets, shape (point, row), at some normal scores, shape (point, parameter)."""
        free, products = self._terms((np.asarray(scores, float) - self.centre) / self.scale)
        return free @ self.free_weights + products @ self.product_weights

    def gradient(self, scores, step=1e-3):
        """Slopes of the logits at one point, shape (parameter, row)."""
        n = len(scores)
        moved = np.concatenate([scores + step * np.eye(n), scores - step * np.eye(n)])
        both = self(moved)
        return (both[:n] - both[n:]) / (2.0 * step)
