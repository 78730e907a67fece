"""Joint draws that are kept between runs: to load scipy and the posterior takes longer than a question to the model is simulated.

`radsim compare` always asks for the same draws. They are kept under the digest of all that they hang on, the code that makes them included.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from importlib import metadata
from pathlib import Path

from radsim import _cache

MOST_DRAWS = 200
"""Of more draws a file would be larger than is worth it: with so many it is 1 MB."""
FILES_KEPT = 8

_PACKAGE = Path(__file__).parents[1]


def kept(make, *, registry, seed, n_draws):
    """A table of draws, shape (parameter, draw + 1): as it was kept, or made and kept.

    Parameters
    ----------
    make : callable
        Makes the table; what it raises is raised.
    registry : Registry
        What is drawn from.
    seed, n_draws : int

    Returns
    -------
    ndarray
        The caller's own.
    """
    import numpy as np

    hangs_on = [registry.digest, list(registry), list(registry.own_location), seed, n_draws, _made_by()]
    name = f"draws-{hashlib.sha256(repr(hangs_on).encode()).hexdigest()}.hex"
    text = _cache.load(name)
    if text is not None:
        return np.frombuffer(bytes.fromhex(text)).reshape(len(registry), n_draws + 1).copy()
    table = make()
    _cache.store(name, table.tobytes().hex())
    _cache.keep_newest("draws-*.hex", FILES_KEPT)
    return table


@functools.cache
def _made_by():
    """Libraries, machine and sources that the numbers come from, as text."""
    sources = hashlib.sha256()
    for file in sorted([*_PACKAGE.glob("evidence/*.py"), *_PACKAGE.glob("maths/*.py")]):
        sources.update(file.read_bytes())
    return " ".join([*(metadata.version(name) for name in ("numpy", "scipy")), sys.byteorder, sources.hexdigest()])
