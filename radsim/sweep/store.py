"""The store of a sweep: one Zarr v3 folder, written by one process alone.

``raw/K`` holds the integer sums of segment K, a row a unit, a chunk at a time: renamed into place when whole, and with a
checksum, so that what is torn or altered says so when it is read. The named variables stand beside it once all is played.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from types import MappingProxyType

import numpy as np

from radsim.extras import require
from radsim.storage import UsageFault, target
from radsim.sweep.units import segment_description, segment_from
from radsim.sweep.zarr_form import ArrayForm, checked, chunk_keys

STATE = "radsim_sweep"
"""Attribute of the root with what a resumed sweep needs to know: JSON as text, as netCDF takes no dictionary."""

STATE_KEYS = {"version", "design", "digest", "seed", "rows", "files", "failures", "finished"}

STATE_VERSION = 2
"""Of the form of raw sums and of `STATE`; a finished sweep is read without them."""

RAW = "raw"
DESCRIPTION = "zarr.json"
GROUP = {"zarr_format": 3, "node_type": "group", "attributes": {}}

MISSING = -1
"""What the array holds where no chunk is; chunks of zeros are written like any other."""


class DamagedStore(UsageFault):
    """A store whose own description cannot be read."""


class Store:
    """A sweep's store on disk.

    Parameters
    ----------
    path : path
        Folder, by custom ``NAME.zarr``.
    """

    def __init__(self, path):
        self.path = target(path)
        require("numcodecs", extra="sweep")
        self._handle = None

    # -- the store as a whole

    def exists(self, *, even_damaged=False):
        """Whether there is a sweep; UsageFault if there is something else, or, unless they will do, the remains of one."""
        if not self.path.exists():
            return False
        if not self.path.is_dir():
            raise UsageFault(f"{self.path}: is a file, expected the folder of a sweep")
        if not any(self.path.iterdir()):
            return False
        if not (self.path / DESCRIPTION).is_file() and not _only_leftovers(self.path):
            raise UsageFault(f"{self.path}: is a folder, but not the store of a sweep")
        if even_damaged and (self.path / RAW / DESCRIPTION).is_file():
            return True
        return (self.path / DESCRIPTION).is_file() and self._check_ours()

    def _check_ours(self):
        if STATE not in self._root_attributes():
            raise UsageFault(f"{self.path}: a Zarr store, but not that of a sweep")
        return True

    def _root_attributes(self):
        try:
            found = {**json.loads((self.path / DESCRIPTION).read_text())["attributes"]}
            return {**found, STATE: json.loads(found[STATE])} if isinstance(found.get(STATE), str) else found
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedStore(f"{self.path}: damaged ({DESCRIPTION}: {error}); --force starts again") from None

    def claim(self):
        """Keep other processes from writing until `release`; UsageFault if one does already."""
        try:
            import fcntl
        except ImportError:  # not everywhere; two writers would write the same bytes
            return
        self._handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageFault(f"{self.path}: another process is at work on this sweep") from None
        except OSError:  # a file system without locks
            return

    def release(self):
        """Let others write again."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def create(self, attributes, *, replace=False):
        """Make and claim an empty store; its description comes last, so that it is there whole or not at all.

        Parameters
        ----------
        attributes : dict
            Of the root.
        replace : bool, optional
            Whether to remove a store that is there.
        """
        if not self.path.parent.is_dir():
            raise UsageFault(f"{self.path}: there is no folder {self.path.parent}")
        with self._machine_faults():
            if replace:
                self.remove()
            if self.path.exists():
                shutil.rmtree(self.path)  # empty, or what an interrupted removal left
            self.path.mkdir()
            self.write_root({**GROUP, "attributes": _as_text(attributes)})
        self.release()
        self.claim()

    def remove(self):
        """Remove the store, its description first: what is left of an interrupted removal is no sweep."""
        with self._machine_faults():
            (self.path / DESCRIPTION).unlink(missing_ok=True)
            shutil.rmtree(self.path)

    def sweep_out(self):
        """Remove what interrupted writes left behind."""
        for leftover in self.path.rglob("*.partial"):
            leftover.unlink(missing_ok=True)

    @property
    def attributes(self):
        """Attributes of the root."""
        return self._root_attributes()

    @property
    def state(self):
        """What the sweep says of itself: design, digests, extents, failures."""
        found = self._root_attributes()[STATE]
        if not isinstance(found, dict) or not set(found) >= STATE_KEYS:
            raise DamagedStore(f"{self.path}: damaged ({DESCRIPTION}: {STATE} is not whole); --force starts again")
        return found

    def set_attributes(self, attributes):
        """Replace attributes of the root, all in one write; consolidated metadata goes, as it would be out of date."""
        document = json.loads((self.path / DESCRIPTION).read_text())
        document["attributes"] = _as_text(attributes)
        document.pop("consolidated_metadata", None)
        self.write_root(document)

    def write_root(self, document):
        """Write the description of the store, so that it outlasts a failure of the machine too."""
        self._write(DESCRIPTION, _json(document), lasting=True)

    def set_state(self, **changes):
        """Change some entries of `state`."""
        attributes = self._root_attributes()
        attributes[STATE] = {**attributes[STATE], **changes}
        self.set_attributes(attributes)

    # -- raw sums

    def segments(self):
        """Segments in the order they were added."""
        found = []
        while (self.path / RAW / str(len(found)) / DESCRIPTION).is_file():
            document = (self.path / RAW / str(len(found)) / DESCRIPTION).read_text()
            try:
                found.append(segment_from(json.loads(document)["attributes"]))
            except (ValueError, KeyError, TypeError) as error:
                raise DamagedStore(
                    f"{self.path}: damaged ({RAW}/{len(found)}: {error}); --force starts again"
                ) from None
        return found

    def add_segment(self, segment, row_length):
        """Make room for the sums of a segment."""
        number = len(self.segments())
        sizes = segment.n_units, segment.chunk_units
        self._write(f"{RAW}/{DESCRIPTION}", _json(GROUP))
        self.add_array(f"{RAW}/{number}", _raw_form(*sizes, row_length, attributes=segment_description(segment)))

    def write_chunk(self, number, c, rows, chunk_units):
        """Write the sums of a chunk, whole or not at all."""
        self.write_packed(number, c, pack(rows, chunk_units))

    def write_packed(self, number, c, content):
        """Write a chunk that `pack` made, here or elsewhere, whole or not at all."""
        self._write(f"{RAW}/{number}/{_chunk_file(c)}", content)

    def chunk_path(self, number, c):
        """File of a chunk."""
        return self.path / RAW / str(number) / _chunk_file(c)

    def read_chunk(self, number, segment, c):
        """Sums of a chunk, shape (unit, integer); None if it is missing or damaged."""
        try:
            content = self.chunk_path(number, c).read_bytes()
            row_length = json.loads((self.path / RAW / str(number) / DESCRIPTION).read_text())["shape"][1]
            return _raw_form(segment.n_units, segment.chunk_units, row_length).decode(content)[: len(segment.chunk(c))]
        except (OSError, ValueError, RuntimeError):  # not there, or not what was written
            return None

    def missing_chunks(self, number, segment, progress=None):
        """Chunks that have to be played: not there, or damaged. Every one is read for that."""
        found = []
        for c in range(segment.n_chunks):
            if self.read_chunk(number, segment, c) is None:
                found.append(c)
            if progress is not None:
                progress()
        return found

    # -- arrays

    def add_array(self, name, form):
        """Describe an array; its chunks follow."""
        self._write(f"{name}/{DESCRIPTION}", _json(form.description))

    def fill(self, name, form, values, first=0):
        """Write values of an array, from chunk ``first`` along its first axis on."""
        if values.size:
            for key, part in form.pieces(values, first):
                self._write(f"{name}/{key}", form.encode(part))

    def _write(self, name, content, *, lasting=False):
        """Write a file whole or not at all; one that is not ``lasting`` may go with the machine, and is then made again."""
        path = self.path / name
        aside = path.with_name(f"{path.name}.partial")
        with self._machine_faults():
            try:
                with _opened(aside) as file:
                    file.write(content)
                    if lasting:
                        file.flush()
                        os.fsync(file.fileno())
                os.replace(aside, path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise

    def finish(self, attributes, beside):
        """Describe the whole store in one place, as readers expect it: after this the sweep counts as finished.

        Parameters
        ----------
        attributes : dict
            Of the root.
        beside : sequence of str
            Coordinates that are no dimensions.
        """
        members = {
            str(path.parent.relative_to(self.path)): json.loads(path.read_text())
            for path in sorted(self.path.glob(f"**/{DESCRIPTION}"))
            if path.parent != self.path
        }
        inline = {"kind": "inline", "must_understand": False, "metadata": members}
        attributes = {**_as_text(attributes), "coordinates": " ".join(sorted(beside))}
        self.write_root({**GROUP, "attributes": attributes, "consolidated_metadata": inline})

    def named_are_whole(self):
        """Whether every chunk of every named variable is there and what was written; each is read for that."""
        return not self.named_fault(look=lambda path: checked(path.read_bytes()))

    def named_fault(self, *, look=os.stat):
        """What of the named variables is not there or not what was written, in words; empty if nothing.

        Parameters
        ----------
        look : callable
            Called with the path of every chunk; OSError or ValueError if it is not whole. By default it has to be there.
        """
        try:
            document = json.loads((self.path / DESCRIPTION).read_text())
            members = document["consolidated_metadata"]["metadata"]
            named = {name: member for name, member in members.items() if name.partition("/")[0] != RAW}
            return next(
                (fault for item in named.items() if (fault := self._fault_of(*item, look))),
                "" if named else "nothing named",
            )
        except (OSError, ValueError, RecursionError) as error:
            return f"{DESCRIPTION}: {error}"
        except (KeyError, TypeError, AttributeError):
            return f"{DESCRIPTION}: not the description of a finished sweep"

    def _fault_of(self, name, description, look):
        folder = self.path / name
        try:
            if json.loads((folder / DESCRIPTION).read_text()) != description:
                return f"{name}: described twice, and not the same"
            for key in chunk_keys(description["shape"], description["chunk_grid"]["configuration"]["chunk_shape"]):
                look(folder / key)
        except (OSError, ValueError) as error:
            return f"{name}: {getattr(error, 'strerror', None) or error}"
        return ""

    @contextlib.contextmanager
    def _machine_faults(self):
        """A full disk, with the store in its text."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
                text = f"{error.strerror}; what was written before is kept, and the same command continues"
                raise StoreFull(text, self.path) from error
            raise


class StoreFull(OSError):
    """No room for more of the store."""

    def __init__(self, text, path):
        super().__init__(None, text, str(path))

    def __str__(self):
        return f"{self.filename}: {self.strerror}"


def _only_leftovers(path):
    """Whether a folder holds nothing but what an interrupted removal or creation leaves."""
    return all(
        child.name == RAW or child.suffix == ".partial" or (child / DESCRIPTION).is_file() for child in path.iterdir()
    )


def pack(rows, chunk_units):
    """Bytes of a chunk of raw sums; the last of a segment may have fewer rows than the others."""
    return _raw_form(len(rows), chunk_units, rows.shape[1]).encode(rows)


def _raw_form(n_units, chunk_units, row_length, *, attributes=MappingProxyType({})):
    """The array of the sums of a segment."""
    shape, chunks = (n_units, row_length), (chunk_units, row_length)
    return ArrayForm(shape, chunks, None, np.dtype(np.int64), MISSING, dict(attributes))


def _opened(path):
    """A file to write, in a folder that is made if it is not there."""
    try:
        return path.open("wb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


def _chunk_file(c):
    return f"c.{c}.0"


def _as_text(attributes):
    """Attributes of the root as xarray can write them to any format."""
    return {**attributes, STATE: json.dumps(attributes[STATE])} if STATE in attributes else attributes


def _json(document):
    return json.dumps(document, indent=2).encode()
