"""Files of results: written aside and renamed, so that a file is either whole or not there.

A netCDF file is built in memory first: a full disk is then an ordinary error of one write, not a broken HDF5
file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from radsim.ordinary_files import open_ordinary, read_standard_input

COMPRESSION_LEVEL = 4
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
SEAL = b"radsim\x001"
BYTES_AT_ONCE = 2**20
SEAL_BYTES = len(SEAL) + hashlib.sha256().digest_size


class UsageFault(Exception):
    """The command was asked for something it must not or cannot do; one clear line, exit code 2."""


def target(path):
    """Where an output goes: a symbolic link is followed, so that what it leads to is written and the link stays.

    Parameters
    ----------
    path : path
        As it was given; what it leads to need not exist.

    Returns
    -------
    pathlib.Path
        The path itself if it is no link.

    Raises
    ------
    UsageFault
        If the link leads back to itself.
    """
    if not os.path.islink(path):
        return Path(path)
    found = os.path.realpath(path)
    if os.path.islink(found):
        raise UsageFault(f"{path}: is a symbolic link that leads back to itself")
    return Path(found)


def check_output(path, *, force, inputs=()):
    """Refuse an output that could not be written, before any work is done for it.

    Parameters
    ----------
    path : path
        File to be written later.
    force : bool
        Whether an existing file may be replaced.
    inputs : sequence of path
        Files that are read, and may not be replaced even with ``force``.

    Raises
    ------
    UsageFault
        If the file exists, is a folder or an input, or its folder is missing or not writable; of a link, what it leads to.
    """
    path = Path(path)
    if path.exists() and not path.is_file():
        kind = "a folder" if path.is_dir() else "no ordinary file"
        raise UsageFault(f"{path}: is {kind}, expected the name of a file")
    path = target(path)
    if not path.parent.is_dir():
        raise UsageFault(f"{path}: there is no folder {path.parent}")
    if any(path.exists() and Path(other).exists() and path.samefile(other) for other in inputs):
        raise UsageFault(f"{path}: is read by this command and will not be replaced")
    if path.exists() and not force:
        raise UsageFault(f"{path}: exists already; --force replaces it")
    if not os.access(path.parent, os.W_OK):
        raise UsageFault(f"{path}: the folder {path.parent} is not writable")


def write_bytes(content, path, *, force):
    """Write a file whole or not at all; see `write_parts`."""
    write_parts([content], path, force=force)


def write_parts(parts, path, *, force):
    """Write a file whole or not at all.

    Parameters
    ----------
    parts : sequence of bytes-like
        What the file shall hold, one after the other.
    path : path
        Where.
    force : bool
        Whether an existing file is replaced.

    Raises
    ------
    UsageFault
        If the file exists and may not be replaced.
    OSError
        If the machine cannot write it; nothing is left behind.
    """
    check_output(path, force=force)
    try:
        _write_aside_and_rename(parts, target(path))
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def write_text(text, path, *, force):
    """Write a text file (UTF-8) whole or not at all; see `write_bytes`."""
    write_bytes(text.encode("utf-8"), path, force=force)


def write_netcdf(dataset, path, *, force):
    """Write a Dataset as netCDF-4, compressed, whole or not at all; see `write_bytes`.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
        Numbers and text; attributes are text or numbers.
    path : path
        Where.
    force : bool
        Whether an existing file is replaced.
    """
    check_output(path, force=force)
    write_parts(sealed(to_netcdf_bytes(dataset)), path, force=force)


def sealed(content):
    """Bytes of a netCDF-4 file and their checksum, to be written behind them: HDF5 reads no further than its own end.

    It checks little of what it reads: a flipped bit can be a wrong label, or an endless loop. A program that changes the file cuts the
    checksum off, and it is then read as it stands.
    """
    return content, SEAL + hashlib.sha256(content).digest()


def _is_broken(path):
    """Whether a file is not what its checksum says; False without one."""
    digest, left = hashlib.sha256(), os.path.getsize(path) - SEAL_BYTES
    with open_ordinary(path) as file:
        while left > 0 and (part := file.read(min(left, BYTES_AT_ONCE))):
            digest.update(part)
            left -= len(part)
        seal = file.read(SEAL_BYTES)
    return seal.startswith(SEAL) and seal != SEAL + digest.digest()


def to_netcdf_bytes(dataset):
    """A Dataset as the bytes of a netCDF-4 file.

    Written with netCDF4 itself: it writes into memory, and its start-up is a fraction of xarray's own writer.
    """
    import netCDF4

    with contextlib.ExitStack() as stack:
        file = netCDF4.Dataset("radsim.nc", "w", format="NETCDF4", memory=1024)
        stack.callback(lambda: file.isopen() and file.close())
        file.set_auto_maskandscale(False)  # would copy every variable
        for name, size in dataset.sizes.items():
            file.createDimension(name, size)
        for name, variable in dataset.variables.items():
            _write_variable(file, name, variable)
        file.setncatts(dataset.attrs)
        beside = [name for name in dataset.coords if name not in dataset.sizes]
        if beside:
            file.setncattr("coordinates", " ".join(beside))  # how xarray knows them from variables
        return file.close()


def read_netcdf(path):
    """Read a Dataset into memory.

    Parameters
    ----------
    path : path
        A file that radsim wrote.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    UsageFault
        If the file is missing or is not netCDF-4.
    """
    with opened_netcdf(path) as dataset, _told_of_damage(path):
        return dataset.load()


@contextlib.contextmanager
def opened_netcdf(path):
    """As `read_netcdf`, variables read when they are used; open as long as the context."""
    import xarray

    if not is_netcdf(path):
        raise UsageFault(f"{path}: not a result of radsim (netCDF-4)")
    if _is_broken(path):
        raise UsageFault(f"{path}: damaged: it is not what was written (its checksum differs)")
    with _told_of_damage(path):
        found = xarray.open_dataset(path, engine="netcdf4", decode_times=False)
    with found as dataset:
        yield dataset


@contextlib.contextmanager
def _told_of_damage(path):
    try:
        yield
    except (OSError, ValueError, RuntimeError) as error:
        raise UsageFault(f"{path}: damaged, or not a result of radsim ({error})") from error


def is_netcdf(path):
    """Whether a file starts like netCDF-4; UsageFault if it cannot be read."""
    try:
        with open_ordinary(path) as file:
            return file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    except OSError as error:
        raise UsageFault(f"{path}: cannot be read: {error.strerror}") from error


def read_text(path):
    """A text file (UTF-8), or standard input under the name of ``-``.

    Raises
    ------
    UsageFault
        If it cannot be read, is no ordinary file, or no UTF-8.
    """
    try:
        if path == "-":
            return read_standard_input().decode("utf-8-sig")
        with open_ordinary(path) as file:
            return file.read().decode("utf-8-sig")
    except OSError as error:
        raise UsageFault(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise UsageFault(f"{path}: expected UTF-8 text, found other bytes") from None


def read_json(path, *, expected):
    """The object that a JSON file, or standard input (``-``), holds.

    Parameters
    ----------
    path : path
    expected : str
        What it should be, for the message.

    Returns
    -------
    dict

    Raises
    ------
    UsageFault
        If it cannot be read, or is anything else.
    """
    text, name = read_text(path), "<stdin>" if path == "-" else path
    try:
        found = json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise UsageFault(f"{name}: expected {expected}, found no JSON ({error})") from None
    if not isinstance(found, dict):
        raise UsageFault(f"{name}: expected {expected}, found JSON of another kind")
    return found


def _not_json(name):
    raise ValueError(f"{name} is not JSON")


def _write_aside_and_rename(parts, path):
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o666 & ~_umask())  # mkstemp keeps its file private; a result is as open as any other file
        os.replace(aside, path)
    except BaseException:  # an interrupt too must leave nothing
        with contextlib.suppress(OSError):
            os.unlink(aside)
        raise


def _write_variable(file, name, variable):
    """One variable with its attributes; numbers compressed, text as strings."""
    values = variable.values
    if values.dtype.kind in "OUTS":
        stored = file.createVariable(name, str, variable.dims)
        values = values.astype(object)
    else:
        fill = {"fill_value": float("nan")} if values.dtype.kind == "f" else {}
        stored = file.createVariable(
            name,
            values.dtype,
            variable.dims,
            compression="zlib",
            complevel=COMPRESSION_LEVEL,
            shuffle=True,
            **fill,
        )
    stored.setncatts(variable.attrs)
    if values.size:
        stored[...] = values


def _umask():
    """The process's file mode mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
