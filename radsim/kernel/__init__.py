"""The compiled kernel: simulates one patient's course, then blocks of patients. See ``README.md`` beside this file.

Compilation is paid once per installation. numba's own cache does not notice a changed function in another file, so the machine code
is kept in a folder named by the digest of every source it is made from: an edit anywhere lands in another folder. What is damaged
there counts as absent (see `radsim.code_cache`).

Nothing here loads the compiler: `layout` and `tables` are for everybody, `block` is for those who simulate.
"""

from __future__ import annotations

import functools
import hashlib
from contextlib import contextmanager
from pathlib import Path

from radsim._cache import cache_folder

_PACKAGE = Path(__file__).parent.parent
_SOURCES = ("care.py", "compiled.py", "maths/*.py", "kernel/**/*.py")


@functools.cache
def sources_digest():
    """Digest of every source the machine code is made from."""
    import numba

    files = sorted(file for pattern in _SOURCES for file in _PACKAGE.glob(pattern))
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def own_cache():
    """For a while, numba keeps machine code in our folder, each file behind a checksum."""
    from numba.core import dispatcher

    from radsim.code_cache import cached_in

    usual = dispatcher.FunctionCache
    dispatcher.FunctionCache = cached_in(cache_folder() / f"kernel-{sources_digest()[:16]}")
    try:
        yield
    finally:
        dispatcher.FunctionCache = usual
