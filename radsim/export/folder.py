"""A folder of files that is there whole or not at all, and that replaces nothing but an earlier one of its kind."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from radsim.storage import UsageFault, target

MARK = "README.txt"
FIRST_LINE = "Results of radsim as tables."


def check_folder(path, *, force, inputs=()):
    """Refuse a folder that could not be written, before any work is done for it."""
    path = _whole(path)
    if not path.parent.is_dir():
        raise UsageFault(f"{path}: there is no folder {path.parent}")
    if path.exists() and not path.is_dir():
        raise UsageFault(f"{path}: is a file, expected the name of a folder")
    if any(Path(other).exists() and _lies_in(Path(other), path) for other in inputs):
        raise UsageFault(f"{path}: is read by this command and will not be replaced")
    if path.is_dir() and any(path.iterdir()):
        if not is_ours(path):
            raise UsageFault(f"{path}: is a folder that radsim export did not make, and will not be replaced")
        if not force:
            raise UsageFault(f"{path}: exists already; --force replaces it")
    if not os.access(path.parent, os.W_OK):
        raise UsageFault(f"{path}: the folder {path.parent} is not writable")


def _whole(path):
    """A path without `.` and links, so that what lies around it is known."""
    return Path(os.path.realpath(target(path)))


def _lies_in(other, folder):
    return folder == other.resolve() or folder in other.resolve().parents


def is_ours(path):
    """Whether a folder is an export and holds nothing else: no folder, and no file of another ending."""
    found = list(Path(path).iterdir())
    if any(not one.is_file() or one.suffix not in (".csv", ".parquet", ".json", ".txt") for one in found):
        return False
    try:
        with open(Path(path) / MARK, encoding="utf-8") as file:
            return file.readline().strip() == FIRST_LINE
    except (OSError, UnicodeDecodeError):
        return False


@contextlib.contextmanager
def written_aside(path, *, force):
    """A folder to fill, which takes its place when all went well and leaves nothing behind otherwise."""
    path = _whole(path)
    check_folder(path, force=force)
    aside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        yield aside
        os.chmod(aside, _mode_of_new_folders(aside))
        _put_in_place(aside, path, force=force)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_in_place(aside, path, *, force):
    """Rename; an earlier export is put aside for that moment and removed after."""
    if not path.exists() or not any(path.iterdir()):
        os.replace(aside, path)
        return
    check_folder(path, force=force)
    earlier = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
    os.replace(path, earlier)
    try:
        os.replace(aside, path)
    except OSError:
        os.replace(earlier, path)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _mode_of_new_folders(aside):
    """What a folder made the ordinary way is open to: mkdtemp keeps its own private."""
    probe = aside / ".probe"
    probe.mkdir()
    mode = probe.stat().st_mode & 0o777
    probe.rmdir()
    return mode
