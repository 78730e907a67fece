"""The compiled kernel: plays one patient's course, then blocks of patients. See ``README.md`` beside this file.

Compilation is paid once per installation. numba's own cache does not notice a changed function in another file, so the machine code
is kept in a folder named by the digest of every source it is made from: an edit anywhere lands in another folder.

Nothing here loads the compiler: `layout` and `tables` are for everybody, `block` is for those who simulate.
"""

from __future__ import annotations

import functools
import hashlib
from contextlib import contextmanager
from pathlib import Path

from radsim._cache import cache_folder

_PACKAGE = Path(__file__).parent.parent
_OUTSIDE = ("compiled.py", "rng.py", "philox.py", "hazard.py", "endpoints.py", "measures.py")


@functools.cache
def sources_digest():
    """Digest of every source the machine code is made from."""
    import numba

    files = sorted([*(_PACKAGE / name for name in _OUTSIDE), *(_PACKAGE / "kernel").rglob("*.py")])
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def own_cache():
    """For a while, numba keeps machine code in our folder."""
    import numba

    usual = numba.config.CACHE_DIR
    folder = cache_folder()
    if folder is not None:
        numba.config.CACHE_DIR = str(folder / f"kernel-{sources_digest()[:16]}")
    try:
        yield
    finally:
        numba.config.CACHE_DIR = usual
