"""Machine code between runs: numba's pair of files for each function, each behind a checksum.

numba loads what it finds: a torn file is an error, and a flipped bit a crash or a wrong number. Here whatever is not what was
written counts as absent, is compiled again and written anew; what cannot be written is compiled again next time. A whole file is
renamed into place, so several processes may do this at once.

numba's own cache does not notice a changed function in another file, so the machine code is kept in a folder named by the digest of
every source it is made from: an edit anywhere lands in another folder.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import pickle
from pathlib import Path

import numba
from numba.core import dispatcher, types
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, UserProvidedCacheLocator

from radsim import first_run
from radsim._cache import cache_folder
from radsim.ordinary_files import open_ordinary

DIGEST_BYTES = hashlib.sha256().digest_size
"""sha256 takes 0.6 ms for the code that a run loads; crc32 half of that, too little to be worth another kind of checksum."""


_PACKAGE = Path(__file__).parent
_SOURCES = ("care/*.py", "compiled.py", "step_compiler.py", "maths/*.py", "kernel/**/*.py")


@functools.cache
def sources_digest():
    """Digest of every source the machine code is made from."""
    files = sorted(file for pattern in _SOURCES for file in _PACKAGE.glob(pattern))
    digest = hashlib.sha256(numba.__version__.encode())
    for file in files:
        digest.update(file.relative_to(_PACKAGE).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def own_cache():
    """For a while, numba keeps machine code in our folder, each file behind a checksum."""
    usual = dispatcher.FunctionCache
    dispatcher.FunctionCache = cached_in(cache_folder() / f"kernel-{sources_digest()[:16]}")
    try:
        yield
    finally:
        dispatcher.FunctionCache = usual


def cached_in(folder):
    """What numba makes of `FunctionCache` while functions are decorated: a class that keeps machine code in a folder.

    Parameters
    ----------
    folder : path
        Named by all that the code is made from. Need not exist, be writable, or have space left.
    """

    class Locator(UserProvidedCacheLocator):
        """Our folder and no other: numba's own choices do not notice a change in a file that the function is not in."""

        def __init__(self, py_func, py_file):
            self._py_file, self._lineno = py_file, py_func.__code__.co_firstlineno
            self._cache_path = os.path.join(folder, self.get_suitable_cache_subpath(py_file))

        @classmethod
        def from_function(cls, py_func, py_file):
            return cls(py_func, py_file)

    class Impl(CompileResultCacheImpl):
        _locator_classes = (Locator,)

    class KernelCache(FunctionCache):
        _impl_class = Impl

        def __init__(self, py_func):
            super().__init__(py_func)
            self._cache_file = CheckedFiles(
                self._cache_path, self._impl.filename_base, self._impl.locator.get_source_stamp()
            )

        def load_overload(self, sig, target_context):
            found = super().load_overload(sig, target_context)
            if found is None:
                first_run.announce(first_run.WITH_CARE if _has_care(sig) else first_run.COMPILING)
            return found

        def save_overload(self, sig, data):
            with contextlib.suppress(OSError):  # a full disk, a folder that cannot be written to
                super().save_overload(sig, data)

    return KernelCache


def _has_care(signature):
    """Whether the kernel is compiled with the care: a workspace says so by its type."""
    fields = [dict(zip(arg.fields, arg.types, strict=True)) for arg in signature if isinstance(arg, types.NamedTuple)]
    return any(each.get("caring") == types.boolean for each in fields)


class CheckedFiles(IndexDataCacheFile):
    """Index and machine code of one function. A fault of either is a miss, and both are written as a whole."""

    def load(self, key):
        """Machine code under a key, None if there is none that is whole and this key's."""
        name = self._load_index().get(key)
        found = None if name is None else self._read(self._data_path(name))
        return found[1] if found is not None and found[0] == key else None

    def save(self, key, data):
        # the key goes with the code: processes of two machines that share the folder may give theirs the same name
        super().save(key, (key, data))

    def _load_index(self):
        found = self._read(self._index_path)
        return found[1] if found is not None and found[0] == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads):
        self._write(self._index_path, ((self._version, self._source_stamp), overloads))

    def _save_data(self, name, data):
        self._write(self._data_path(name), data)

    def _read(self, path):
        """What was written to a file; None if it is not there, or is anything else."""
        try:
            with open_ordinary(path) as file:
                content = file.read()
        except OSError:
            return None
        digest, packed = content[:DIGEST_BYTES], memoryview(content)[DIGEST_BYTES:]
        return pickle.loads(packed) if hashlib.sha256(packed).digest() == digest else None

    def _write(self, path, value):
        packed = self._dump(value)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(packed).digest())
            file.write(packed)
