"""The compiled kernel: plays one patient's course, then blocks of patients. See ``README.md`` beside this file.

Compilation is paid once per installation. numba's own cache does not notice a changed function in another file, so the machine code
is kept in a folder named by the digest of every source it is made from: an edit anywhere lands in another folder. What is damaged
there counts as absent (see `radsim.code_cache`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numba
from numba.core import dispatcher

from radsim._cache import cache_folder
from radsim.code_cache import cached_in

_PACKAGE = Path(__file__).parent.parent
_OUTSIDE = ("compiled.py", "rng.py", "hazard.py", "endpoints.py")


def sources_digest():
    """Digest of every source the machine code is made from."""
    files = sorted([*(_PACKAGE / name for name in _OUTSIDE), *(_PACKAGE / "kernel").rglob("*.py")])
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _import_with_own_cache():
    usual = dispatcher.FunctionCache
    dispatcher.FunctionCache = cached_in(cache_folder() / f"kernel-{sources_digest()[:16]}")
    try:
        import radsim.kernel.block  # noqa: F401
    finally:
        dispatcher.FunctionCache = usual


_import_with_own_cache()
