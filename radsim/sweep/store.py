"""The store of a sweep: one Zarr folder, written by one process alone.

``raw/WxB`` holds the integer sums of courses with W schedules and B batches, by course and draw. zarr writes a chunk aside and renames
it, with a checksum behind, so that a torn or altered chunk is noticed when it is read. The named variables stand beside it at the end.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil

from radsim.extras import require
from radsim.storage import UsageFault, target
from radsim.sweep.raw import CHUNK_TRAJECTORIES, MISSING, RawArray, array_name, row_form

STATE = "radsim_sweep"
"""Attribute of the root with what a resumed sweep needs to know: JSON as text, as netCDF takes no dictionary."""

STATE_KEYS = {"version", "design", "digest", "seed", "rows", "files", "failures", "finished"}

STATE_VERSION = 3
"""Of the form of raw sums and of `STATE`; a finished sweep is read without them."""

RAW = "raw"
DESCRIPTION = "zarr.json"
CONSOLIDATED = "consolidated_metadata"
GROUP = {"zarr_format": 3, "node_type": "group"}

CHUNK_BYTES = 16 * 2**20
"""No chunk of raw sums is larger, however few its trajectories: touching new memory takes longer than filling it."""


class DamagedStore(UsageFault):
    """A store that cannot be read."""


class StoreFull(OSError):
    """No space for more of the store."""

    def __init__(self, text, path):
        super().__init__(None, text, str(path))

    def __str__(self):
        return f"{self.filename}: {self.strerror}"


class Store:
    """A sweep's store on disk.

    Parameters
    ----------
    path : path
        Folder, by custom ``NAME.zarr``.
    """

    def __init__(self, path):
        self.path = target(path)
        self.location = (
            self.path.absolute()
        )  # for zarr, which takes the text of a relative path out of the names of files too
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
        described = (self.path / DESCRIPTION).is_file()
        if not described and not _only_leftovers(self.path):
            raise UsageFault(f"{self.path}: is a folder, but not the store of a sweep")
        if even_damaged and (self.path / RAW / DESCRIPTION).is_file():
            return True
        if described and STATE not in self.attributes:
            raise UsageFault(f"{self.path}: a Zarr store, but not that of a sweep")
        return described

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
            raise UsageFault(f"{self.path}: another process is writing this sweep") from None
        except OSError:  # a file system without locks
            return

    def release(self):
        """Let others write again."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def create(self, attributes):
        """Make and claim an empty store in place of what is there.

        The description is removed first and written last: an interrupted removal or creation leaves no half of a sweep.
        """
        if not self.path.parent.is_dir():
            raise UsageFault(f"{self.path}: there is no folder {self.path.parent}")
        if self.path.exists():
            (self.path / DESCRIPTION).unlink(missing_ok=True)
            shutil.rmtree(self.path)
        self.path.mkdir()
        self.set_attributes(attributes)
        self.release()
        self.claim()

    def remove_leftovers(self):
        """Remove what interrupted writes left behind."""
        for leftover in self.path.rglob("*.partial"):
            leftover.unlink(missing_ok=True)

    # -- attributes of the root

    @property
    def attributes(self):
        """Attributes of the root, with `STATE` as a dictionary."""
        try:
            found = {**self._root()["attributes"]}
            return {**found, STATE: json.loads(found[STATE])} if isinstance(found.get(STATE), str) else found
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedStore(f"{self.path}: damaged ({DESCRIPTION}: {error}); --force starts again") from None

    @property
    def state(self):
        """The state of the sweep: its design, digests, failures."""
        found = self.attributes[STATE]
        if not isinstance(found, dict) or not set(found) >= STATE_KEYS:
            raise DamagedStore(f"{self.path}: damaged ({DESCRIPTION}: {STATE} is incomplete); --force starts again")
        return found

    def set_attributes(self, attributes):
        """Replace the attributes of the root; consolidated metadata are removed, as they would be out of date."""
        self._write_root({**GROUP, "attributes": attributes})

    def set_state(self, **changes):
        """Change some entries of `state`; the sweep no longer counts as finished."""
        attributes = self.attributes
        self.set_attributes({**attributes, STATE: {**attributes[STATE], **changes}})

    def _root(self):
        return json.loads((self.path / DESCRIPTION).read_text())

    def _write_root(self, root):
        """Write the description of the store, whole or not at all, and so that it outlasts a failure of the machine."""
        attributes = root["attributes"]
        if STATE in attributes:
            attributes = {**attributes, STATE: json.dumps(attributes[STATE])}
        aside = self.path / f"{DESCRIPTION}.partial"
        with aside.open("w") as file:
            file.write(json.dumps({**root, "attributes": attributes}))
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, self.path / DESCRIPTION)

    # -- raw sums

    def raw(self, mode="r+"):
        """The `RawArray` of each name."""
        folders = sorted(path.parent for path in (self.location / RAW).glob(f"*/{DESCRIPTION}"))
        try:
            return {folder.name: RawArray(self.zarr.open_array(folder, mode=mode), folder) for folder in folders}
        except Exception as error:  # whatever zarr makes of a description that is not what was written
            text = " ".join(str(error).split())
            raise DamagedStore(f"{self.path}: damaged ({RAW}: {text}); --force starts again") from None

    def make_arrays_for(self, plan, study, *, chunk_trajectories=CHUNK_TRAJECTORIES):
        """Arrays that have every course of a plan in every draw: those that are there grow, the new parts empty."""
        arrays, by_name = self.raw(), {}
        for course in plan.courses.values():
            by_name.setdefault(array_name(course), []).append(course)
        for name, courses in by_name.items():
            if name not in arrays:
                self._add_raw(name, courses, plan.n_draws, study, chunk_trajectories)
                continue
            there = arrays[name]
            new = [course.id for course in courses if course.id not in there.index]
            if new or there.n_draws < plan.n_draws:
                there.array.resize((len(there.courses) + len(new), plan.n_draws, there.array.shape[2]))
                there.array.update_attributes({"courses": there.courses + new})

    def _add_raw(self, name, courses, n_draws, study, chunk_trajectories):
        n_schedules, n_batches = map(int, name.split("x"))
        length = row_form(study, n_batches, n_schedules).length
        trajectories = max(1, min(course.n_patients for course in courses)) * n_schedules
        units = max(1, min(chunk_trajectories // trajectories, CHUNK_BYTES // (8 * length)))
        draws = min(n_draws, units)
        self.zarr.create_array(**self.array(
            f"{RAW}/{name}", shape=(len(courses), n_draws, length), dtype="int64", fill_value=MISSING,
            chunks=(min(len(courses), max(1, units // draws)), draws, length),
            attributes={"courses": [course.id for course in courses]},
        ))  # fmt: skip

    # -- arrays

    def array(self, name, **form):
        """What zarr needs to make an array in this store."""
        from zarr.codecs import BloscCodec, Crc32cCodec

        pack = BloscCodec(cname="lz4", clevel=3, shuffle="noshuffle")  # most sums are 0: shuffled they take longer
        return {
            "store": self.location, "name": name, "compressors": [pack, Crc32cCodec()], "config": {"write_empty_chunks": True},
            "chunk_key_encoding": {"name": "default", "separator": "."}, **form,
        }  # fmt: skip

    def remove_named(self):
        """Remove the named variables, if there are any."""
        for child in self.path.iterdir():
            if child.is_dir() and child.name != RAW:
                shutil.rmtree(child)

    def finish(self, attributes):
        """Describe the whole store in one place, as readers expect it: after this the sweep counts as finished."""
        members = {
            str(path.parent.relative_to(self.path)): json.loads(path.read_text())
            for path in sorted(self.path.glob(f"**/{DESCRIPTION}"))
            if path.parent != self.path
        }
        consolidated = {"kind": "inline", "must_understand": False, "metadata": members}
        self._write_root({**GROUP, CONSOLIDATED: consolidated, "attributes": attributes})

    def named_fault(self, *, read=False):
        """What of the named variables is missing or damaged, in words; empty if nothing.

        Parameters
        ----------
        read : bool, optional
            Whether to read every chunk, which checks it; otherwise it has to be there.
        """
        name = DESCRIPTION
        try:
            members = self._root()[CONSOLIDATED]["metadata"]
            arrays = dict(self.zarr.open_group(self.location, mode="r", use_consolidated=True).arrays())
            for name, array in arrays.items():
                if array.nchunks_initialized != array.nchunks:
                    return f"{name}: a chunk is missing"
                if json.loads((self.path / name / DESCRIPTION).read_text()) != members[name]:
                    return f"{name}: described twice, and not the same"
                if read:
                    array[...]
        except Exception as error:  # whatever zarr makes of what is not what was written
            return f"{name}: {getattr(error, 'strerror', None) or ' '.join(str(error).split())}"
        return "" if arrays else "nothing named"

    @contextlib.contextmanager
    def faults_of_the_disk(self):
        """A full disk, with the store in its text."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
                text = f"{error.strerror}; what was written before is kept, and the same command continues"
                raise StoreFull(text, self.path) from error
            raise


def _only_leftovers(path):
    """Whether a folder holds nothing but what an interrupted removal or creation leaves."""
    return all(
        child.name == RAW or child.suffix == ".partial" or (child / DESCRIPTION).is_file() for child in path.iterdir()
    )
