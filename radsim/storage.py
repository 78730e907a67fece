"""Files of results: written aside and renamed, so that a file is either whole or not there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path

from radsim.ordinary_files import open_ordinary, read_standard_input

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
SEAL = b"radsim\x001"
BYTES_AT_ONCE = 2**20
LEAST_BYTES_COMPRESSED = 1024
_COMPRESSED = {"compression": "zlib", "complevel": 4, "shuffle": True, "chunk_cache": BYTES_AT_ONCE}
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
    with _aside(path, force=force) as aside, open(aside, "wb") as file:
        file.writelines(parts)


def write_text(text, path, *, force):
    """Write a text file (UTF-8) whole or not at all; see `write_bytes`."""
    write_bytes(text.encode("utf-8"), path, force=force)


def write_netcdf(dataset, path, *, force):
    """Write a Dataset as netCDF-4, compressed, whole or not at all; see `write_parts`.

    The file is never held in memory, where it would be a quarter of what a large run needs. The checksum of its bytes is written behind them: HDF5
    reads no further than its own end, and checks little of what it reads, so that a flipped bit can be a wrong label or an endless loop. A
    program that changes the file cuts the checksum off, and it is then read as it stands.

    Parameters
    ----------
    dataset : xarray.Dataset or radsim.results.Results
        Numbers and text; attributes are text or numbers.
    path : path
        Where.
    force : bool
        Whether an existing file is replaced.
    """
    with _aside(path, force=force) as aside:
        try:
            _write_hdf5_anywhere(dataset, aside)
        except (OSError, RuntimeError):
            _say_why_not_written(aside)
            raise
        with open(aside, "r+b") as file:
            seal = _seal(file, os.path.getsize(aside))
            file.write(seal)


def _seal(file, size):
    """What stands behind so many bytes of a file: the mark of a checksum, and the checksum; the file is left at their end."""
    digest = hashlib.sha256()
    while size > 0 and (part := file.read(min(size, BYTES_AT_ONCE))):
        digest.update(part)
        size -= len(part)
    return SEAL + digest.digest()


def _is_broken(path):
    """Whether a file is not what its checksum says; False without one."""
    with open_ordinary(path) as file:
        expected = _seal(file, os.path.getsize(path) - SEAL_BYTES)
        found = file.read(SEAL_BYTES)
    return found.startswith(SEAL) and found != expected


def _say_why_not_written(path):
    """The machine's own error, as of a full disk, where HDF5 says only that it could not write, or another error."""
    with open(path, "ab", buffering=0) as file:
        file.write(bytes(BYTES_AT_ONCE))
        os.fsync(file.fileno())


def _write_hdf5_anywhere(dataset, path):
    """As `_write_hdf5`, by way of a folder for temporary files where netCDF cannot write a name: a backslash, or no UTF-8."""
    if "\\" not in path and path == path.encode("utf-8", "replace").decode("utf-8"):
        return _write_hdf5(dataset, path)
    with tempfile.TemporaryDirectory() as folder:
        _write_hdf5(dataset, os.path.join(folder, "radsim.nc"))
        shutil.copyfile(os.path.join(folder, "radsim.nc"), path)


def _write_hdf5(dataset, path):
    """A Dataset as a netCDF-4 file, in the place of one that is there.

    Written with netCDF4 itself, whose start-up is a fraction of xarray's own writer; everything is defined before the first value is written, as
    netCDF writes all definitions again after each change of them.
    """
    import netCDF4

    with contextlib.closing(netCDF4.Dataset(path, "w", format="NETCDF4")) as file:
        for name, size in dataset.sizes.items():
            file.createDimension(name, size)
        for name, variable in dataset.variables.items():
            _define_variable(file, name, variable)
        file.setncatts(dataset.attrs)
        beside = [name for name in dataset.coords if name not in dataset.sizes]
        if beside:
            file.setncattr("coordinates", " ".join(beside))  # how xarray knows them from variables
        file.set_auto_maskandscale(False)  # would copy every variable
        for name, variable in dataset.variables.items():
            values = variable.values
            if values.size:
                file.variables[name][...] = values.astype(object) if _is_text(values) else values


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


@contextlib.contextmanager
def _aside(path, *, force):
    """The name of a new file beside the target, put in its place when the context ends well and taken away otherwise."""
    check_output(path, force=force)
    place = target(path)
    try:
        handle, aside = tempfile.mkstemp(prefix=f".{place.name}.", suffix=".part", dir=place.parent)
        try:
            os.close(handle)
            yield aside
            with open(aside, "rb") as file:
                os.fsync(file.fileno())
            os.chmod(aside, 0o666 & ~_umask())  # mkstemp keeps its file private; a result is as open as any other file
            os.replace(aside, place)
        except BaseException:  # an interrupt too must leave nothing
            with contextlib.suppress(OSError):
                os.unlink(aside)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _define_variable(file, name, variable):
    """One variable with its attributes; numbers compressed, unless the index of the parts would be larger than what is saved, text as strings."""
    values = variable.values
    if _is_text(values):
        stored = file.createVariable(name, str, variable.dims)
    else:
        fill = {"fill_value": float("nan")} if values.dtype.kind == "f" else {}
        packing = _COMPRESSED if values.nbytes >= LEAST_BYTES_COMPRESSED else {}
        stored = file.createVariable(name, values.dtype, variable.dims, **packing, **fill)
    stored.setncatts(variable.attrs)


def _is_text(values):
    return values.dtype.kind in "OUTS"


def _umask():
    """The process's file mode mask; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
