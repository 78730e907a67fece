"""A folder for what is slow to make and safe to lose: parsed evidence, machine code.

Nothing here may fail a run. A folder that cannot be written to is passed over, a damaged entry counts as
absent, and a full disk means that the same work is done again next time.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path


def cache_folder():
    """A folder of this user that can be written to.

    Returns
    -------
    pathlib.Path
        The first that can be made and written of: ``RADSIM_CACHE``; ``radsim`` in ``XDG_CACHE_HOME``, or in
        ``~/.cache`` without it; a private folder in the folder for temporary files. It exists.

    Notes
    -----
    Asked for anew at each call: the environment may change within a process. The last resort is removed when
    the process ends.
    """
    for candidate in _candidates():
        if _usable(candidate):
            return candidate
    shared = Path(tempfile.gettempdir()) / f"radsim-cache-{_user()}"
    return shared if _usable(shared, mode=0o700) and _private(shared) else _throwaway_folder()


def load(name):
    """Text kept under a name.

    Parameters
    ----------
    name : str
        Name of the entry, fit for a file name. Whoever stores puts the digest of what the entry was made
        from into it.

    Returns
    -------
    str or None
        None if there is no such entry, or it does not carry the checksum of its own text.
    """
    try:
        checksum, _, text = (cache_folder() / name).read_bytes().partition(b"\n")
    except OSError:
        return None
    if checksum.decode("ascii", "replace") != hashlib.sha256(text).hexdigest():
        return None
    return text.decode("utf-8")


def store(name, text):
    """Keep a text under a name, whole or not at all; a failure is silent.

    Parameters
    ----------
    name : str
        As for `load`.
    text : str
        What to keep.
    """
    content = text.encode("utf-8")
    write_whole(cache_folder() / name, hashlib.sha256(content).hexdigest().encode("ascii") + b"\n" + content)


def write_whole(path, content):
    """Write a file of the cache, whole or not at all, by renaming; a failure is silent.

    Parameters
    ----------
    path : pathlib.Path
        Its folder is made where it is not there.
    content : bytes
    """
    aside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(aside, path)
    except OSError:
        _discard(aside)


def keep_newest(pattern, n):
    """Remove the files of the cache whose names match, but for the ``n`` written last; a failure is silent."""
    try:
        found = sorted(cache_folder().glob(pattern), key=lambda path: path.stat().st_mtime_ns)
    except OSError:  # another process removed one meanwhile
        return
    for path in found[:-n]:
        _discard(path)


def _candidates():
    chosen = os.environ.get("RADSIM_CACHE")
    if chosen:
        yield Path(os.path.abspath(os.path.expanduser(chosen)))
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):  # the XDG specification: a relative path is to be ignored
        yield Path(shared) / "radsim"
        return
    home = os.path.expanduser("~")
    if os.path.isabs(home):  # without a home, expanduser returns "~" as it was
        yield Path(home) / ".cache" / "radsim"


def _usable(folder, *, mode=0o777):
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def _private(folder):
    """Whether a folder where everyone can write is ours alone: machine code is loaded from the cache."""
    if not hasattr(os, "getuid"):
        return True  # Windows gives each user a folder for temporary files
    found = os.lstat(folder)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


def _user():
    return os.getuid() if hasattr(os, "getuid") else "user"


@functools.cache
def _throwaway_folder():
    folder = tempfile.mkdtemp(prefix="radsim-cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def _discard(path):
    if path is not None:
        try:
            os.unlink(path)
        except OSError:
            return
