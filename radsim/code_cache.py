"""Machine code between runs: a file for each entry of the kernel and each form of its arguments, behind a checksum.

What is not to the byte what was written counts as absent, is compiled again and written anew: a flipped bit of machine code would be a crash or
a wrong number. What cannot be written is compiled again next time. A whole file is renamed into place, so several processes may do this at once.

Files lie in a folder named by the digest of everything that they are made from: the sources, the compiler, the processor. An edit anywhere lands in
another folder.
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path

from radsim import _cache
from radsim.ordinary_files import open_ordinary

DIGEST_BYTES = hashlib.sha256().digest_size
"""sha256 takes 0.6 ms for the code that a run loads; crc32 half of that, too little to be worth another kind of checksum."""

_PACKAGE = Path(__file__).parent
_SOURCES = (
    "care/*.py",
    "compiled.py",
    "step_compiler.py",
    "entry_compiler.py",
    "native.py",
    "maths/*.py",
    "kernel/**/*.py",
)
_OF_NO_CONSEQUENCE = {"NUMBA_NUM_THREADS", "NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT"}


@functools.cache
def sources_digest():
    """Digest of every source the machine code is made from."""
    digest = hashlib.sha256()
    for file in sorted(file for pattern in _SOURCES for file in _PACKAGE.glob(pattern)):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@functools.cache
def made_from():
    """Everything that machine code hangs on but the entry and the form of its arguments, as text."""
    import llvmlite.binding as llvm

    settings = sorted(
        f"{name}={value}"
        for name, value in os.environ.items()
        if name.startswith("NUMBA_") and name not in _OF_NO_CONSEQUENCE
    )
    versions = [f"{name} {metadata.version(name)}" for name in ("numba", "llvmlite")]
    processor = [llvm.get_process_triple(), llvm.get_host_cpu_name(), _features(llvm)]
    return "\n".join([sources_digest(), platform.python_version(), *versions, *processor, *settings])


def load(name, form):
    """Machine code of an entry for one form of its arguments.

    Parameters
    ----------
    name : str
        Of the entry, fit for a file name.
    form : str
        What numba would compile anew for.

    Returns
    -------
    bytes or None
        None if there is none that is whole, and made for this name and form.
    """
    try:
        with open_ordinary(_path(name, form)) as file:
            content = file.read()
    except OSError:
        return None
    checksum, rest = content[:DIGEST_BYTES], memoryview(content)[DIGEST_BYTES:]
    asked, code = rest[:DIGEST_BYTES], rest[DIGEST_BYTES:]
    whole = len(code) > 0 and hashlib.sha256(rest).digest() == checksum and asked == _key(name, form)
    return bytes(code) if whole else None


def store(name, form, code):
    """Keep machine code, whole or not at all; a failure is silent. See `load`."""
    rest = _key(name, form) + code
    path = _path(name, form)
    _cache.write_whole(path, hashlib.sha256(rest).digest() + rest)


def folder():
    """Where the machine code of this version of radsim, on this machine, is kept."""
    return _cache.cache_folder() / f"kernel-{hashlib.sha256(made_from().encode()).hexdigest()[:16]}"


def _path(name, form):
    return folder() / f"{name}-{_key(name, form).hex()[:16]}.bin"


@functools.cache
def _key(name, form):
    """All that the code hangs on goes with it: the names of folder and file are abridged."""
    return hashlib.sha256("\n".join([made_from(), name, form]).encode()).digest()


def _features(llvm):
    try:
        return llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # not known of every kind of processor
        return ""
