"""Seeded cases at every door of radsim: configurations, trials, cohorts, prices, sweeps, options, schedules, damaged results.

``python tests/verification/fuzz.py --cases 20000 --seed 1 [--family NAME...]`` prints counts by family and outcome, and every failure with what
repeats it: ``--family NAME --only NUMBER --seed SEED``. Exit code 3 if any case failed. A case fails on a traceback or internal error, an exit
code other than 0, 2, 3, a hang or crash, a number that is not finite, a control character on a stream, a file left behind or half written, an accepted
configuration that `show` does not give back, or a known contradiction that is accepted.

Cases run in a process of their own, many one after another, which is started again if it crashes or hangs. ``--processes N`` runs each
N-th case as a process of `radsim` too.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import faulthandler
import functools
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

from fuzzing import families
from fuzzing.judge import examine

LONGEST = 20  # seconds of processor time that a case may take
SILENT = 600  # seconds until a case counts as hanging, on a machine however busy
MEMORY = 12 * 2**30  # bytes of address space
SHOWN = 1500  # bytes of an input that a failure prints


def case_of(seed, family, number, folder):
    """The case of a family by its number: the same in every run."""
    make, _ = families.FAMILIES[family]
    return make(Random(f"{seed}/{family}/{number}"), folder)


def plan(cases, names):
    """Pairs of family and number, families by their shares and in turns."""
    total = sum(families.FAMILIES[name][1] for name in names)
    counts = {name: round(cases * families.FAMILIES[name][1] / total) for name in names}
    return sorted(
        ((name, n) for name in names for n in range(counts[name])), key=lambda pair: pair[1] / counts[pair[0]]
    )


# --- the process that runs cases ------------------------------------------------------------------------------


def work(seed, folder):
    """Run the cases that stdin names, a line each; a line of JSON on stdout for each."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    crash = open(folder / "crash", "w")  # noqa: SIM115  as long as the process
    faulthandler.enable(file=crash)
    faulthandler.register(signal.SIGPROF, file=crash, chain=True)  # then ends the process
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print("ready", file=answers)
    for i, line in enumerate(sys.stdin):
        if i == 0:
            without_measuring()
            gc.freeze()  # what is loaded stays, and need not be looked through again
        family, number = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, LONGEST if i else SILENT)  # the model may have to be compiled first
        outcome, faults = examine(case_of(seed, family, number, folder))
        print(json.dumps([outcome, faults]), file=answers)


def without_measuring():
    """What each command does anew and cases need once only: the measurement of ``sweep --plan``, half a second, and reading all trials."""
    from radsim.sweep import estimate
    from radsim.trials import validate

    estimate.estimate = lambda plan, *, threads=None: (1.0, 1.0, threads or 1)
    validate.shipped_trials = functools.cache(validate.shipped_trials)


class Worker:
    """A process that runs cases, started again when it is lost."""

    def __init__(self, seed, folder):
        self.seed, self.folder, self.process = seed, folder, None

    def run(self, family, number):
        """Outcome and faults of a case."""
        if self.process is None:
            self.start()
        with contextlib.suppress(BrokenPipeError):  # it is gone, which the answer shows
            self.process.stdin.write(json.dumps([family, number]) + "\n")
            self.process.stdin.flush()
        line = self._line()
        if line:
            return json.loads(line)
        code = self.process.wait()
        self.close()
        how = "took too long" if code in (-signal.SIGABRT, -signal.SIGPROF) else f"the process ended with {code}"
        return "failed", [f"{how}: {(self.folder / 'crash').read_text()[:1500]}"]

    def start(self):
        """Start the process and wait until it listens."""
        command = [sys.executable, str(Path(__file__).resolve()), "--work", str(self.folder), "--seed", str(self.seed)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self._line():
            raise RuntimeError("the process that runs cases does not start")

    def _line(self):
        """The next line, empty if the process is gone; a process that says nothing for so long is ended, with a trace of where it was."""
        watch = threading.Timer(SILENT, self.process.send_signal, [signal.SIGABRT])
        watch.start()
        try:
            return self.process.stdout.readline()
        finally:
            watch.cancel()

    def close(self):
        """End the process, if there is one, with its streams."""
        if self.process is not None:
            with contextlib.suppress(BrokenPipeError), self.process:
                self.process.stdin.close()
            self.process.stdout.close()
            self.process = None


# --- a process of radsim itself -------------------------------------------------------------------------------


def as_process(case):
    """Run a case as users do; what is wrong with its exit code and streams."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for name, content in case.files.items():
            (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / name).write_bytes(content)
        command = [sys.executable, "-m", "radsim", *case.arguments]
        try:
            done = subprocess.run(command, cwd=folder, input=case.stdin, capture_output=True, timeout=SILENT)
        except subprocess.TimeoutExpired:
            return [f"as a process: took longer than {SILENT} s"]
        except (UnicodeEncodeError, ValueError):  # no such command line can be typed
            return []
        if done.returncode not in (0, 2, 3) or b"Traceback" in done.stderr:
            return [f"as a process: exit code {done.returncode}: {done.stderr[-600:].decode(errors='replace')}"]
    return []


# --- counts and failures --------------------------------------------------------------------------------------


def fuzz(cases, *, seed, folder, names, only=None, processes=0):
    """Run cases; returns counts by family and outcome, and the failures printed."""
    counts, spent = collections.defaultdict(collections.Counter), collections.Counter()
    worker = Worker(seed, folder)
    wanted = plan(cases, names) if only is None else [(name, only) for name in names]
    with contextlib.suppress(KeyboardInterrupt):  # the counts so far
        for i, (family, number) in enumerate(wanted):
            if i % 100 == 0:
                print(f"\r{i:,} of {len(wanted):,}", end="", file=sys.stderr, flush=True)
            before = time.monotonic()
            outcome, faults = worker.run(family, number)
            if processes and i % processes == 0:
                faults += as_process(case_of(seed, family, number, folder))
                outcome = "failed" if faults else outcome
            counts[family][outcome] += 1
            spent[family] += time.monotonic() - before
            if faults:
                show_failure(seed, family, number, case_of(seed, family, number, folder), faults)
    worker.close()
    show_counts(counts, spent)
    return counts


def show_failure(seed, family, number, case, faults):
    """A failure with all that repeats it."""
    print(f"\nFAILED --family {family} --only {number} --seed {seed}: radsim {' '.join(map(ascii, case.arguments))}")
    for fault in faults:
        print(f"  * {fault.encode('ascii', 'backslashreplace').decode()}")
    for name, content in case.files.items():
        if len(content) <= SHOWN:
            print(f"  {name}: {content!r}")
    sys.stdout.flush()


def show_counts(counts, spent):
    """A line a family, and the sum."""
    outcomes = ("accepted", "refused", "failed")
    total, seconds = sum(counts.values(), collections.Counter()), sum(spent.values())
    print(f"\n{'family':16}" + "".join(f"{outcome:>10}" for outcome in outcomes) + f"{'seconds':>10}")
    for name, found in {**counts, "all": total}.items():
        print(
            f"{name:16}"
            + "".join(f"{found[outcome]:>10,}" for outcome in outcomes)
            + f"{spent.get(name, seconds):>10,.0f}"
        )
    print(f"{sum(total.values()):,} cases, {total['failed']:,} failed")


def main():
    """Exit code 0, or 3 if any case failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--family",
        nargs="+",
        choices=list(families.FAMILIES),
        default=list(families.FAMILIES),
        metavar="NAME",
        help=", ".join(families.FAMILIES),
    )
    parser.add_argument("--only", type=int, metavar="NUMBER", help="Run this case alone.")
    parser.add_argument("--processes", type=int, default=0, metavar="N", help="Run each N-th case as a process too.")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work is not None:
        work(given.seed, given.work)
        return 0
    with tempfile.TemporaryDirectory(prefix="fuzz-stock-") as folder:
        counts = fuzz(
            given.cases,
            seed=given.seed,
            folder=Path(folder),
            names=given.family,
            only=given.only,
            processes=given.processes,
        )
    return 3 if any(found["failed"] for found in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
