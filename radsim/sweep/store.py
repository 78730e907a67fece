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
import warnings
from pathlib import Path

from radsim.extras import require
from radsim.storage import UsageFault
from radsim.sweep.units import segment_description, segment_from

STATE = "radsim_sweep"
"""Attribute of the root with what a resumed sweep needs to know."""

STATE_VERSION = 1
RAW = "raw"
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
        self.path = Path(path)
        self.zarr = require("zarr", extra="sweep")
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
        if not (self.path / "zarr.json").is_file() and not _only_leftovers(self.path):
            raise UsageFault(f"{self.path}: is a folder, but not the store of a sweep")
        if even_damaged and (self.path / RAW / "zarr.json").is_file():
            return True
        return (self.path / "zarr.json").is_file() and self._check_ours()

    def _check_ours(self):
        if STATE not in self._root_attributes():
            raise UsageFault(f"{self.path}: a Zarr store, but not that of a sweep")
        return True

    def _root_attributes(self):
        try:
            return json.loads((self.path / "zarr.json").read_text()).get("attributes", {})
        except (OSError, ValueError, AttributeError) as error:
            raise DamagedStore(f"{self.path}: damaged (zarr.json: {error}); --force starts again") from None

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
            self.zarr.create_group(self.path, zarr_format=3, attributes=attributes)
        self.release()
        self.claim()

    def remove(self):
        """Remove the store, its description first: what is left of an interrupted removal is no sweep."""
        with self._machine_faults():
            (self.path / "zarr.json").unlink(missing_ok=True)
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
        return self._root_attributes()[STATE]

    def set_attributes(self, attributes):
        """Replace attributes of the root, all in one write; consolidated metadata goes, as it would be out of date."""
        document = json.loads((self.path / "zarr.json").read_text())
        document["attributes"] = attributes
        document.pop("consolidated_metadata", None)
        self.write_json("zarr.json", document)

    def write_json(self, name, document):
        """Write a small file of the store whole or not at all."""
        from radsim.storage import write_text

        with self._machine_faults():
            write_text(json.dumps(document, indent=2), self.path / name, force=True)

    def set_state(self, **changes):
        """Change some entries of `state`."""
        attributes = self._root_attributes()
        attributes[STATE] = {**attributes[STATE], **changes}
        self.set_attributes(attributes)

    # -- raw sums

    def segments(self):
        """Segments in the order they were added."""
        found = []
        while (self.path / RAW / str(len(found)) / "zarr.json").is_file():
            document = (self.path / RAW / str(len(found)) / "zarr.json").read_text()
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
        with self._machine_faults(), _quiet():
            group = self.zarr.open_group(self.path, mode="r+")
            group.require_group(RAW)
            group.create_array(
                f"{RAW}/{number}",
                shape=(segment.n_units, row_length),
                chunks=(segment.chunk_units, row_length),
                dtype="int64",
                compressors=self.codecs(),
                fill_value=MISSING,
                config={"write_empty_chunks": True},
                attributes=segment_description(segment),
                overwrite=True,
            )

    def codecs(self):
        """Compression and, around it, a checksum. Half the time of zstd, which would make half the bytes."""
        from zarr.codecs import BloscCodec, Crc32cCodec

        return [BloscCodec(cname="lz4", clevel=1, shuffle="shuffle"), Crc32cCodec()]

    def array(self, number):
        """The raw sums of a segment, to read."""
        return self.zarr.open_array(self.path, path=f"{RAW}/{number}", mode="r")

    def write_chunk(self, number, segment, c, rows):
        """Write the sums of a chunk, whole or not at all."""
        units = segment.chunk(c)
        with self._machine_faults():
            array = self.zarr.open_array(self.path, path=f"{RAW}/{number}", mode="r+")
            array = array.with_config({"write_empty_chunks": True})
            array[units.start : units.stop] = rows

    def chunk_path(self, number, c):
        """File of a chunk."""
        return self.path / RAW / str(number) / "c" / str(c) / "0"

    def read_chunk(self, number, segment, c):
        """Sums of a chunk, shape (unit, integer); None if it is missing or damaged."""
        if not self.chunk_path(number, c).is_file():
            return None
        units = segment.chunk(c)
        try:
            return self.array(number)[units.start : units.stop]
        except Exception:  # the codecs raise whatever they find; all of it means that the chunk is not what was written
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

    # -- named variables

    def create_named(self, group, name, *, shape, chunks, dims, attributes, dtype):
        """An empty array for a named variable or a coordinate."""
        with self._machine_faults(), _quiet():
            return group.create_array(
                name, shape=shape, chunks=chunks, dtype=dtype, dimension_names=dims, attributes=attributes,
                compressors=self.codecs() if shape else None, overwrite=True,
                fill_value=float("nan") if dtype is not str and dtype.kind == "f" else None,
                config={"write_empty_chunks": True},
            )  # fmt: skip

    def fill(self, array, where, values):
        """Write a part of a named variable."""
        with self._machine_faults(), _quiet():
            array[where] = values

    def finish(self, attributes, beside):
        """Describe the whole store in one place, as readers expect it: after this the sweep counts as finished.

        Parameters
        ----------
        attributes : dict
            Of the root.
        beside : sequence of str
            Coordinates that are no dimensions.
        """
        with self._machine_faults(), _quiet():
            self.zarr.consolidate_metadata(self.path, zarr_format=3)
        document = json.loads((self.path / "zarr.json").read_text())
        document["attributes"] = {**attributes, "coordinates": " ".join(sorted(beside))}
        self.write_json("zarr.json", document)

    def named_are_whole(self):
        """Whether every chunk of every named variable is there and what was written; each is read for that."""
        document = json.loads((self.path / "zarr.json").read_text())
        members = document.get("consolidated_metadata", {}).get("metadata", {})
        names = [name for name, member in members.items() if "/" not in name and member["node_type"] == "array"]
        try:
            return bool(names) and all(
                self._is_whole(self.zarr.open_array(self.path, path=name, mode="r")) for name in names
            )
        except Exception:  # the codecs raise whatever they find
            return False

    def _is_whole(self, array):
        step = array.chunks[0] if array.shape else 1
        for first in range(0, array.shape[0] if array.shape else 1, step):
            array[first : first + step] if array.shape else array[...]
        return array.nchunks_initialized == array.nchunks

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
        child.name == RAW or child.suffix == ".partial" or (child / "zarr.json").is_file() for child in path.iterdir()
    )


@contextlib.contextmanager
def _quiet():
    """Without zarr's remarks on parts of the format that it deems young; what we write is read back by tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
