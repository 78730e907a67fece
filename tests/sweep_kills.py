"""Kills sweeps at random moments and compares what comes of it, file by file. As a script: ``sweep_kills.py KIND [N] [SEED]``.

KIND is process, worker or scheduler: what is killed with signal 9, N times, after the first chunk and before the last.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLAN = {
    "base": {"radsim": 1, "seed": 3, "cohort": {"size": 1000}, "schedules": ["8Gy/1", "20Gy/5"]},
    "sample": {"n": 120, "over": {"parameters.flare.probability": {"uniform": {"low": 0.1, "high": 0.5}}}},
}
CHUNK_TRAJECTORIES = 10_000  # five scenarios
N_CHUNKS = 24
IN_FLIGHT = 8  # chunks that Dask workers may have done before the kill arrives

PROGRAM = """
import sys
from radsim import provenance
provenance.source_digest = lambda: "0" * 64  # whoever edits the sources meanwhile is not what is tested
from radsim.sweep import run
try:
    run({plan!r}, {store!r}, chunk_trajectories={chunk_trajectories}, **{options!r})
except OSError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
"""

DASK = """
import sys
from radsim import provenance
provenance.source_digest = lambda: "0" * 64
from distributed.cli.dask_{kind} import main
main(sys.argv[1:])
"""


def start(store, **options):
    """Start a sweep in a process of its own."""
    text = PROGRAM.format(plan=PLAN, store=str(store), options=options, chunk_trajectories=CHUNK_TRAJECTORIES)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", f"if __name__ == '__main__':\n    exec({text!r})"], **quiet)


def chunks(store):
    """Chunks of raw sums that are whole."""
    return sum(1 for path in Path(store).glob("raw/*/c.*.0"))


def wait_for(condition, process, seconds=120):
    """Wait until something holds; whether it does before the process ends."""
    end = time.monotonic() + seconds
    while not condition():
        if process.poll() is not None:
            return False
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.002)
    return True


def moments(n, *, seed, last=N_CHUNKS - 1):
    """When to kill: chunks written by then, before ``last``, and a fraction of a chunk's time to wait on top."""
    stream = random.Random(seed)
    return [(count, stream.uniform(0, 0.1)) for count in sorted(stream.sample(range(1, last), n))]


def contents(store):
    """Every file of a store, but what a write that was killed has left."""
    files = [path for path in sorted(Path(store).rglob("*")) if path.is_file() and path.suffix != ".partial"]
    return {str(path.relative_to(store)): path.read_bytes() for path in files}


def children(pid):
    """Workers that a process has started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            text = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == pid and b"spawn_main" in text:
            found.append(int(path.parent.name))
    return found


def finish(store, **options):
    """Let a sweep run to its end."""
    process = start(store, **options)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said


def kill_process(store, times, *, seed):
    """Kill the whole process; each following one goes on from there. Returns the chunks at each kill."""
    seen = []
    for count, pause in moments(times, seed=seed):
        process = start(store, threads=1 + len(seen) % 2)
        if wait_for(lambda count=count: chunks(store) >= count, process):
            time.sleep(pause)
        process.kill()
        process.communicate()
        seen.append(chunks(store))
    finish(store, threads=2)
    return seen


def kill_worker(store, times, *, seed):
    """Kill one of two Dask workers at a time; the sweep goes on by itself."""
    process, seen = start(store, workers=2), []
    for count, pause in moments(times, seed=seed, last=N_CHUNKS - IN_FLIGHT):
        assert wait_for(lambda count=count: chunks(store) >= count, process), process.communicate()[1]
        time.sleep(pause)
        alive = children(process.pid)
        if alive:
            os.kill(random.Random(seed + count).choice(alive), signal.SIGKILL)
            seen.append(chunks(store))
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return seen


class Cluster:
    """A Dask scheduler and two workers, each a process."""

    def __init__(self, folder):
        self.file = Path(folder) / f"scheduler-{time.monotonic_ns()}.json"
        self.scheduler = self._start(
            "scheduler", "--scheduler-file", self.file, "--port", 0, "--no-dashboard", "--host", "127.0.0.1"
        )
        end = time.monotonic() + 60
        while not self.file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        options = (
            "--scheduler-file",
            self.file,
            "--nthreads",
            1,
            "--no-dashboard",
            "--local-directory",
            folder,
            "--host",
            "127.0.0.1",
        )
        self.workers = [self._start("worker", *options, "--no-nanny") for _ in range(2)]

    def _start(self, kind, *arguments):
        command = [sys.executable, "-c", DASK.format(kind=kind), *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @property
    def address(self):
        import json

        return json.loads(self.file.read_text())["address"]

    def close(self):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def kill_scheduler(store, times, *, seed):
    """Kill the scheduler of a cluster: the sweep ends with a clear line, and goes on with the next cluster."""
    seen = []
    for count, pause in moments(times, seed=seed, last=N_CHUNKS - IN_FLIGHT):
        cluster = Cluster(Path(store).parent)
        try:
            process = start(store, scheduler=cluster.address)
            if wait_for(lambda count=count: chunks(store) >= count, process):
                time.sleep(pause)
                cluster.scheduler.kill()
            _, said = process.communicate(timeout=120)
            gone = (
                "scheduler is gone" in said or "expected a Dask scheduler, found none" in said
            )  # before it was connected
            assert process.returncode == 1 and gone, (process.returncode, said)
            seen.append(chunks(store))
        finally:
            cluster.close()
    finish(store, threads=1)
    return seen


KINDS = {"process": kill_process, "worker": kill_worker, "scheduler": kill_scheduler}


def compare(kind, times, *, seed=1):
    """Kill a sweep some times and compare it with one that ran undisturbed; returns the chunks at each kill."""
    with tempfile.TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "a" / "s.zarr", Path(folder) / "b" / "s.zarr"
        for store in (whole, killed):
            store.parent.mkdir()
        finish(whole, threads=2)
        seen = KINDS[kind](killed, times, seed=seed)
        one, other = contents(whole), contents(killed)
        assert set(one) == set(other), sorted(set(one) ^ set(other))
        assert not [name for name in one if one[name] != other[name]]
        assert not list(killed.rglob("*.partial"))
    return seen


if __name__ == "__main__":
    arguments = sys.argv[1:] + ["10", "1"][len(sys.argv) - 2 :]
    print(
        f"{arguments[0]}: killed at chunks {compare(arguments[0], int(arguments[1]), seed=int(arguments[2]))} of {N_CHUNKS}"
    )
