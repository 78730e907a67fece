"""Damage on purpose: caches, results of every format, and folders that take nothing. It heals or is named, and is never silently wrong.

    python tests/verification/damage.py [--flips N] [--seed N] [caches|results|folders]...

A damaged cache must heal: the run succeeds, its file is to the bit that of an undamaged run, and the cache is whole again. A damaged result
must be refused in a line with exit code 2, or read as the undamaged one is, to the byte; but a table or document in plain text has no checksum,
and one whose damage leaves it well formed is read as it stands. A folder that is full or read-only must be named in
a line, with exit code 1 or 2, and hold nothing new. Takes some minutes; `tests/test_damage.py` runs a little of it.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from unittest import mock

CONFIG = """
radsim: 1
seed: 7
cohort: {size: 600}
schedules: [8Gy/1, 20Gy/5]
draws: 2
economics: {costs: uk}
"""
COHORT = "primary,site,karnofsky,pain\nbreast,hip,70,8\nlung,spine,60,7\nprostate,pelvis,80,6\n"
SWEEP = "base: study.yaml\ngrid: {cohort.karnofsky: [60, 80]}\n"
TRIAL = """
radsim_trial: 1
id: made-up
citation: "Nobody, nowhere"
kind: held_out
arms: [{schedule: 8Gy/1, randomised: 100}, {schedule: 20Gy/5, randomised: 100}]
outcomes:
  - {outcome: overall_response, measure: pain_score, when: {week: 4}, denominator: assessable, observed: [{proportion: 0.6, n: 80}, {proportion: 0.62, n: 80}]}
"""
NOT_SAID = ("internal error", "Traceback")
MOST_LINES = 60


class Done(NamedTuple):
    """What a command left behind: exit code, output and messages; ``found`` are the bytes of what it wrote."""

    code: int
    out: str
    err: str
    found: bytes = b""


# --- damage -------------------------------------------------------------------------------------------------


def damages(content, rng, *, flips):
    """Names and contents: the ways of damaging some bytes."""
    n = len(content)
    yield "empty", b""
    yield "one byte", content[:1]
    for share in (0.1, 0.5, 0.9):
        yield f"first {share:.0%}", content[: int(share * n)]
    yield "last byte missing", content[:-1]
    start = rng.randrange(max(1, n - 512))
    yield "512 zeros", content[:start] + bytes(min(512, n - start)) + content[start + 512 :]
    yield "other bytes", rng.randbytes(n)
    for _ in range(flips):
        yield flipped(content, rng)


def flipped(content, rng):
    """One bit turned over."""
    place, bit = rng.randrange(len(content)), rng.randrange(8)
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return f"bit {bit} of byte {place}", bytes(changed)


# --- commands -----------------------------------------------------------------------------------------------


def command(*arguments, written=None, stdin=None):
    """Run a command in this process."""
    from radsim.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    given = io.StringIO(stdin or "")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch.object(sys, "stdin", given):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            code = leaving.code
    return Done(code, out.getvalue(), err.getvalue(), bytes_of(written))


def bytes_of(path):
    """What stands at a path: the bytes of a file, or of all files of a folder."""
    if path is None or not Path(path).exists():
        return b""
    files = [Path(path)] if Path(path).is_file() else sorted(Path(path).rglob("*"))
    return b"\0".join(file.read_bytes() for file in files if file.is_file())


def faults(done, *, codes=(1, 2)):
    """What is wrong with how a command ended that had to refuse."""
    lines = done.err.strip().splitlines()
    if done.code not in codes:
        return f"exit code {done.code}, expected {' or '.join(map(str, codes))}"
    if any(word in done.err for word in NOT_SAID):
        return f"{lines[-1][:160]}"
    return "" if 1 <= len(lines) <= MOST_LINES else f"{len(lines)} lines"


def shown(done):
    """The output but for the digest, which names the very bytes of a cohort file."""
    return [line for line in done.out.splitlines() if '"digest"' not in line]


def judge(done, undamaged):
    """`healed`, `named`, or what is wrong, of a command that met damage."""
    if done.code == undamaged.code and (shown(done), done.found) == (shown(undamaged), undamaged.found):
        return "healed"
    if done.code == undamaged.code:
        return "wrong: other output, and nothing said"
    fault = faults(done, codes=(2,))
    if not fault and done.found:
        fault = "something was written all the same"
    return f"wrong: {fault}" if fault else "named"


# --- caches -------------------------------------------------------------------------------------------------


def check_caches(folder, rng, *, flips=4):
    """Yield name and verdict of each damaged cache, in processes of their own."""
    whole = folder / "cache"
    expected = start(folder, whole).found
    assert expected
    for name, damage in cache_damages(rng, flips=flips):
        cache = folder / "damaged-cache"
        shutil.copytree(whole, cache)
        damage(cache)
        done = start(folder, cache)
        yield name, cache_verdict(done, expected, cache, whole)
        shutil.rmtree(cache)


def cache_verdict(done, expected, cache, whole):
    """What became of a run with a damaged cache, and of the cache."""
    if done.code != 0 or any(word in done.err for word in NOT_SAID):
        return f"wrong: exit code {done.code}, {done.err.strip()[-160:]}"
    if done.found != expected:
        return "wrong: another result"
    names = [path.relative_to(whole) for path in whole.rglob("*.bin")]
    # a folder in the place of a file is left alone: what it should hold is compiled each time
    same = all((cache / name).is_dir() or (cache / name).is_file() and bytes_of(cache / name) for name in names)
    return "healed" if same else "wrong: the cache is not whole again"


def cache_damages(rng, *, flips):
    """Names, and functions that damage the cache in a folder."""

    def change(pattern, how):
        def damage(cache):
            (path,) = cache.rglob(pattern)
            how(path)

        return damage

    def content(kind):
        def how(path):
            found = dict(list(damages(path.read_bytes(), random.Random(rng.random()), flips=0)))
            path.write_bytes(found[kind])

        return how

    def flip(path):
        path.write_bytes(flipped(path.read_bytes(), rng)[1])

    for kind in ("empty", "first 50%", "last byte missing"):
        yield kind, change("enrol-*.bin", content(kind))
    yield "missing", change("enrol-*.bin", Path.unlink)
    yield "a folder", change("enrol-*.bin", lambda path: (path.unlink(), (path / "x").mkdir(parents=True)))
    for _ in range(flips):
        yield "a flipped bit", change("simulate_blocks-*.bin", flip)
        yield "a flipped bit", change("enrol-*.bin", flip)


def start(folder, cache, name="run.nc"):
    """`radsim run` in a process of its own with a cache of its own; the name stands in the record."""
    (folder / name).unlink(missing_ok=True)
    environment = {**os.environ, "RADSIM_CACHE": str(cache)}
    ended = subprocess.run(
        [sys.executable, "-m", "radsim", "run", "study.yaml", "-o", name, "--threads", "1"],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    return Done(ended.returncode, ended.stdout, ended.stderr, numbers_of(folder / name))


def numbers_of(path):
    """Every bit of the variables and attributes of a netCDF file; its own bytes hold the second in which it was made."""
    from radsim.storage import read_netcdf

    if not path.exists():
        return b""
    dataset = read_netcdf(path)
    texts = [repr(dataset.attrs)]
    for name, variable in sorted(dataset.variables.items()):
        values = variable.values
        texts += [name, repr(variable.attrs), repr(variable.dims), str(values.shape)]
        texts.append(repr(values.tolist()) if values.dtype.kind in "OUS" else values.tobytes().hex())
    return "\n".join(texts).encode()


# --- results ------------------------------------------------------------------------------------------------


class Format(NamedTuple):
    """A file to damage, and commands that read it; ``{out}`` is what they write."""

    path: str
    commands: tuple
    is_plain: bool = False


FORMATS = {
    "netCDF": Format("result.nc", ("show {in}", "cea {in} --json", "export {in} --to csv --count -o {out}.csv")),
    "patients": Format("patients.nc", ("show {in}", "plot {in} --kind first-event -o {out}.svg")),
    "CSV cohort": Format("cohort.csv", ("run table.yaml --json",), is_plain=True),
    "Parquet cohort": Format("cohort.parquet", ("run parquet.yaml --json",)),
    "validation JSON": Format("validation.json", ("plot {in} --kind forest-held-out -o {out}.svg",), is_plain=True),
    "analysis JSON": Format("analysis.json", ("plot {in} --kind tornado -o {out}.svg",), is_plain=True),
    "Zarr store": Format("store.zarr", ("show {in}", "cea {in} --json", "export {in} --to csv --count -o {out}.csv")),
}


def prepare(folder, *, with_analysis=True):
    """Files to damage; an analysis takes ten times as long as all others."""
    for name, text in {"study.yaml": CONFIG, "sweep.yaml": SWEEP, "trial.yaml": TRIAL, "cohort.csv": COHORT}.items():
        (folder / name).write_text(text)
    for name, file in {"table.yaml": "cohort.csv", "parquet.yaml": "cohort.parquet"}.items():
        (folder / name).write_text(
            CONFIG.replace("{size: 600}", f"{{size: 60, file: {file}}}").replace("draws: 2", "draws: 0")
        )
    import pyarrow.csv
    import pyarrow.parquet

    pyarrow.parquet.write_table(
        pyarrow.csv.read_csv(folder / "cohort.csv"), folder / "cohort.parquet", write_page_checksum=True
    )
    for arguments in (
        "run study.yaml -o result.nc --patient-output patients.nc --force",
        "sweep sweep.yaml -o store.zarr",
    ):
        done = command(*arguments.split())
        assert done.code == 0, done.err
    if with_analysis:
        (folder / "analysis.json").write_text(
            command(*["cea", "result.nc", "--json", "--one-way", "--evppi", "none", "--patients", "64"]).out
        )
    (folder / "validation.json").write_text(
        command(*["validate", "trial.yaml", "--json", "--draws", "4", "--patients", "64"]).out
    )


def check_results(folder, rng, *, flips=4, formats=tuple(FORMATS)):
    """Yield name and verdict of each command on each damaged result."""
    for name in formats:
        form = FORMATS[name]
        undamaged = {line: run_line(line, form.path) for line in form.commands}
        assert all(done.code == 0 for done in undamaged.values()), undamaged
        for path in files_of(folder / form.path, rng):
            whole = path.read_bytes()
            for kind, content in damages(whole, rng, flips=flips):
                path.write_bytes(content)
                for line in form.commands:
                    verdict = judge(run_line(line, form.path), undamaged[line])
                    if form.is_plain and verdict.startswith("wrong: other output"):
                        verdict = "read: plain text without a checksum, and still of the right form"
                    yield f"{name}: {path.name}, {kind}: {line.split()[0]}", verdict
            path.write_bytes(whole)


def files_of(path, rng, *, most=8):
    """The file, or some files of a store: named chunks and descriptions."""
    if path.is_file():
        return [path]
    files = [file for file in sorted(path.rglob("*")) if file.is_file() and "raw" not in file.parts]
    return [path / "zarr.json", *rng.sample(files, min(most, len(files)))]


def run_line(line, path):
    """A command of `FORMATS`, in the present folder."""
    written = Path("written" + (line.rpartition("{out}")[2] if "{out}" in line else ""))
    for old in Path().glob("written*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    return command(*line.replace("{in}", path).replace("{out}", "written").split(), written=written)


# --- folders ------------------------------------------------------------------------------------------------

WRITERS = (
    "run study.yaml -o {folder}/a.nc", "run study.yaml --patient-output {folder}/a.nc", "rerun result.nc -o {folder}/a.nc",
    "sweep sweep.yaml -o {folder}/a.zarr", "report result.nc -o {folder}/a.html", "plot result.nc --kind pain -o {folder}/a.svg",
    "export result.nc --to csv -o {folder}/a", "export result.nc --to xlsx -o {folder}/a.xlsx", "init {folder}/a.yaml",
    "validate trial.yaml --draws 1 --patients 64 --plot {folder}/a.svg", "calibrate calibration.yaml -o {folder}/a.nc",
)  # fmt: skip


def check_folders(folder, *, writers=WRITERS):
    """Yield name and verdict of each command that writes, into a folder that is read-only, and into one that is full."""
    target = folder / "target"
    target.mkdir(exist_ok=True)
    for kind, number, codes in (("read-only", errno.EROFS, (2,)), ("full", errno.ENOSPC, (1, 2))):
        for line in writers:
            if kind == "full" and line.startswith("calibrate"):
                continue  # minutes of work before it writes
            with refusing(target, number):
                done = command(*line.replace("{folder}", "target").split())
            left = list(target.iterdir())
            for each in left:
                shutil.rmtree(each) if each.is_dir() else each.unlink()
            fault = faults(done, codes=codes) or (f"left {left[0].name}" if left else "")
            yield f"{kind}: {line.split()[0]}", f"wrong: {fault}" if fault else "named"


@contextlib.contextmanager
def refusing(target, number):
    """A folder in which nothing can be made: read-only (`errno.EROFS`), or full (`errno.ENOSPC`: files can be made, and hold nothing)."""
    target = os.path.realpath(target)

    def within(path):
        return isinstance(path, str | os.PathLike) and os.path.realpath(path).startswith(target)

    def fail(path):
        raise OSError(number, os.strerror(number), str(path))

    real_open, real_access, real_mkdir = os.open, os.access, os.mkdir

    def fake_open(path, flags, *rest, **named):
        if within(path) and flags & os.O_CREAT:
            fail(path)
        return real_open(path, flags, *rest, **named)

    def fake_access(path, mode, **named):
        return real_access(path, mode, **named) and not (number == errno.EROFS and mode & os.W_OK and within(path))

    def fake_mkdir(path, *rest, **named):
        if within(path):
            fail(path)
        return real_mkdir(path, *rest, **named)

    with mock.patch("os.open", fake_open), mock.patch("os.access", fake_access), mock.patch("os.mkdir", fake_mkdir):
        yield


# --- all of it ----------------------------------------------------------------------------------------------


def main():
    """Run the parts asked for, print what is wrong and how much was tried; exit code 1 if anything is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=["caches", "results", "folders", []])
    parser.add_argument("--flips", type=int, default=4)
    parser.add_argument("--seed", type=int, default=12)
    parser.add_argument("--formats", nargs="*", default=list(FORMATS))
    asked = parser.parse_args()
    rng, n_wrong = random.Random(asked.seed), 0
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        prepare(folder)
        parts = {
            "caches": lambda: check_caches(folder, rng, flips=asked.flips),
            "results": lambda: check_results(folder, rng, flips=asked.flips, formats=asked.formats),
            "folders": lambda: check_folders(folder),
        }
        for part in asked.parts or parts:
            counts = Counter()
            for what, verdict in parts[part]():
                counts[what.split(":")[0], verdict.split(":")[0]] += 1
                if verdict.startswith("wrong"):
                    n_wrong += 1
                    print(f"{what}: {verdict}", flush=True)
            for (kind, verdict), n in sorted(counts.items()):
                print(f"{part}: {kind}: {n} {verdict}", flush=True)
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
