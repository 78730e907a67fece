"""Parameters that come from one fit: their correlation, and joint draws of them."""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

SMALLEST_PIVOT = 1e-9  # of a Cholesky factor, squared: below it a matrix is singular within rounding


class Joint(NamedTuple):
    """A block of parameters that are drawn together by a Gaussian copula.

    Parameters
    ----------
    names : tuple of str
        At least two.
    correlation : tuple of tuple of float
        Of the normal scores of their uncertainties; symmetric, positive definite. [1]
    source : str
        Where the correlations come from.
    """

    names: tuple
    correlation: tuple
    source: str


def as_joint(fields):
    """A block from its fields in a file or in the cache."""
    rows = tuple(tuple(float(number) for number in row) for row in fields["correlation"])
    return Joint(tuple(fields["names"]), rows, str(fields["source"]))


def correlated(block, uniforms):
    """Uniforms of a block, correlated.

    Parameters
    ----------
    block : Joint
    uniforms : array, shape (name, draw)
        Independent, in (0, 1). [1]

    Returns
    -------
    ndarray, shape (name, draw)
        Uniform each; their normal scores have the correlation of the block.
    """
    import numpy as np
    from scipy.special import ndtr, ndtri

    return ndtr(np.array(factor(block.correlation)) @ ndtri(uniforms))


def factor(correlation):
    """Cholesky factor of a matrix as rows, or None if it is not positive definite."""
    rows = [[0.0] * len(correlation) for _ in correlation]
    for i, row in enumerate(correlation):
        for j in range(i + 1):
            rest = row[j] - sum(rows[i][k] * rows[j][k] for k in range(j))
            if i == j:
                if rest <= SMALLEST_PIVOT:
                    return None
                rows[i][i] = rest**0.5
            else:
                rows[i][j] = rest / rows[j][j]
    return rows


def form_faults(found):
    """What is wrong with the list of blocks of one file by itself, as (place, fault)."""
    if not isinstance(found, list) or not found:
        return [("joint", "expected a list of blocks")]
    return [(f"joint[{i}]", fault) for i, block in enumerate(found) for fault in _block_faults(block)]


def _block_faults(block):
    if not isinstance(block, dict) or set(block) != {"names", "correlation", "source"}:
        return ["expected names, correlation and source, and nothing else"]
    names, faults = block["names"], []
    if not isinstance(names, list) or len(names) < 2 or not all(isinstance(name, str) for name in names):
        return ["names: expected two names of parameters or more"]
    if not isinstance(block["source"], str) or not block["source"].strip():
        faults.append(f"source: expected text, found {block['source']!r}")
    return faults + [f"correlation: {fault}" for fault in _matrix_faults(block["correlation"], len(names))]


def _matrix_faults(rows, n):
    square = isinstance(rows, list) and len(rows) == n and all(isinstance(row, list) and len(row) == n for row in rows)
    if not square or not all(isinstance(x, Real) and not isinstance(x, bool) for row in rows for x in row):
        return [f"expected {n} rows of {n} numbers, as many as there are names"]
    if any(rows[i][i] != 1 for i in range(n)) or any(rows[i][j] != rows[j][i] for i in range(n) for j in range(i)):
        return ["expected a symmetric matrix with 1 on the diagonal"]
    return [] if factor(rows) is not None else ["expected a positive definite matrix"]


def naming_faults(blocks, uncertainty):
    """What is wrong with the names of all blocks, as (file, fault).

    Parameters
    ----------
    blocks : list of (str, Joint)
        By file.
    uncertainty : mapping of str to str
        Family of the uncertainty of every parameter that is known.
    """
    faults, seen = [], set()
    for file, block in blocks:
        for name in block.names:
            if name in seen:
                faults.append((file, f"joint: {name}: expected once, found again"))
            elif name not in uncertainty:
                faults.append((file, f"joint: {name}: expected the name of a parameter, found an unknown one"))
            elif uncertainty[name] == "fixed":
                faults.append((file, f"joint: {name}: expected a parameter with an uncertainty, found a fixed one"))
            seen.add(name)
    return faults
