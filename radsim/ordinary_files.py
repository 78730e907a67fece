"""Files that are read: ordinary ones. A device never ends, and a pipe without a writer never begins."""

from __future__ import annotations

import errno
import os
import stat
import sys


def open_ordinary(path):
    """Open a file to read its bytes.

    Parameters
    ----------
    path : path

    Returns
    -------
    binary file

    Raises
    ------
    OSError
        If it cannot be opened, or is a folder, device, pipe or socket, with a reason in words.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    kind = os.fstat(handle).st_mode
    if stat.S_ISREG(kind):
        return open(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    raise OSError(errno.EINVAL, "a device or pipe, no ordinary file", path)


def read_standard_input():
    """All bytes of standard input.

    Raises
    ------
    OSError
        If it is closed.
    """
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    content = getattr(sys.stdin, "buffer", sys.stdin).read()
    return content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
