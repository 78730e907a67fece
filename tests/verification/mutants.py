"""Mutants: would a test notice if one operator or number of the model were another? Half an hour on two processors.

``python tests/verification/mutants.py`` makes small changes, one at a time, in a copy of the checkout, runs the tests that look at the changed
module, golden files left out, and prints how many mutants were killed, by module, and every survivor with file, line and change.
``--number``, ``--seed``, ``--only decision/evppi.py`` choose others, ``--line`` one of them. Survivors that no test could tell from the
original are kept, each with its reason, in ``mutants_equivalent.csv`` beside this file. Exit code 3 if fewer than 90 % of the others are
killed. Nothing here is a test; `tests/test_mutants.py` sees that it works.

Modules of the kernel are tried without compiling them (``NUMBA_DISABLE_JIT``), on few patients: to compile takes longer than to play.
"""

from __future__ import annotations

import argparse
import ast
import csv
import functools
import gc
import hashlib
import importlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("mutants_equivalent.csv")
COPIED = ("radsim", "tests", "configs", "setup.cfg", "pyproject.toml", "README.md")
KEY = ("file", "function", "text", "column", "before", "after")
ENOUGH = 0.90  # share of the mutants that are not equivalent
SLOWER = 4.0  # a mutant may take so many times as long as the original, and a while
A_WHILE = 5.0  # seconds
PYTEST = (
    "-x", "-q", "--tb=no", "-o", "addopts=", "-m", "not slow and not verification", "-p", "no:cacheprovider",
    "-p", "_hypothesis_pytestplugin", "--hypothesis-profile=mutants", "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
"""Options: to the first failure, without the plugins that libraries bring, which take longer to load than most tests."""
TIMED_OUT = -1

LIBRARIES = (
    "numpy", "scipy.stats", "scipy.special", "scipy.integrate", "numba", "pytest", "hypothesis", "xarray", "netCDF4", "sklearn.linear_model",
    "sklearn.preprocessing", "threadpoolctl", "radsim.config", "radsim.cohort", "radsim.evidence",
)  # fmt: skip

SUMS = ("tests/test_kernel_steps.py", "tests/test_kernel_sums.py", "tests/test_twin_agrees.py")
COHORT = ("tests/test_kernel_cohort.py",)
CARE = ("tests/test_care_effects.py", "tests/test_twin_care_agrees.py")
DECISION = ("tests/test_decision.py",)
SLOW = (
    "test_evppi", "test_a_real_sweep", "test_command", "test_a_result_that",
    "test_one_draw", "test_csv", "test_run_shows", "test_help", "test_without_scikit",
)  # fmt: skip
"""Starts of the names of tests left out: they take seconds, and look at what others look at."""

MAP = (  # first match: module, number of mutants in a whole run, compiled kernel?, tests in the order in which they are run
    ("maths/dose.py", 10, False, ("tests/test_dose.py", "tests/test_study.py")),
    ("cord/rule.py", 16, False, ("tests/test_cord.py",)),
    ("maths/hazard.py", 20, False, ("tests/test_hazard.py",)),
    ("maths/endpoints.py", 20, False, ("tests/test_endpoints.py",)),
    ("kernel/baseline.py", 14, False, (*COHORT, *SUMS)),
    ("kernel/tally*.py", 30, False, SUMS),
    ("kernel/care/[!_]*", 50, False, CARE),
    ("kernel/effects.py", 20, False, (*CARE, *SUMS)),
    ("kernel/[!_]*", 80, False, (*SUMS, *COHORT)),
    ("valuation/[!_]*", 30, True, ("tests/test_economics.py",)),
    ("economics/[!_]*", 10, True, ("tests/test_economics.py",)),
    ("decision/evppi.py", 16, True, ("tests/test_evppi.py", "tests/test_decision.py::test_evppi*")),
    ("decision/evpi.py", 6, True, DECISION),
    ("decision/net_benefit.py", 6, True, DECISION),
    ("decision/incremental.py", 8, True, DECISION),
    ("decision/convergence.py", 10, True, DECISION),
    ("decision/[!_]*", 40, True, ("tests/test_cea.py",)),
)


class Mutant(NamedTuple):
    """One change of one source file.

    Attributes
    ----------
    file : str
        Below ``radsim``.
    function : str
        Where it is; empty outside functions.
    line : int
        Number of the line, from 1.
    kind : str
        What was changed: a comparison, a number …
    start, stop : int
        Bytes replaced.
    text : str
        The line.
    column : int
        Where in the line, from 0.
    before, after : str
        Source of what is replaced, of which the first line.
    """

    file: str
    function: str
    line: int
    kind: str
    start: int
    stop: int
    text: str
    column: int
    before: str
    after: str

    @property
    def key(self):
        """What names it, whatever lines are added above: the columns of `EQUIVALENT`."""
        return self.file, self.function, self.text, str(self.column), self.before, self.after


# --- what can be changed


COMPARISONS = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
SWAPS = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "argmax": "argmin", "argmin": "argmax",
    "any": "all", "all": "any", "mean": "sum", "inf": "nan",
}  # fmt: skip


@functools.cache
def mutants_of(file, root=ROOT):
    """Every mutant of one file below ``radsim``, in the order of the source."""
    source = (root / "radsim" / file).read_bytes()
    starts, lines, found = [0], source.decode().splitlines(), []
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def note(node, kind, after, function):
        start = starts[node.lineno - 1] + node.col_offset
        stop = starts[node.end_lineno - 1] + node.end_col_offset
        before = ast.unparse(node).partition("\n")[0]
        after = after if isinstance(after, str) else ast.unparse(after)
        line = lines[node.lineno - 1]
        column = node.col_offset - (len(line) - len(line.lstrip()))
        if after != before and (start, stop, after) not in ((one.start, one.stop, one.after) for one in found[-4:]):
            found.append(Mutant(file, function, node.lineno, kind, start, stop, line.strip(), column, before, after))

    def visit(node, function):
        for kind, after in changes(node):
            note(node, kind, after, function)
        for child in looked_into(node):
            is_scope = isinstance(child, (ast.FunctionDef, ast.ClassDef))
            visit(child, f"{function}.{child.name}".lstrip(".") if is_scope else function)

    visit(ast.parse(source), "")
    return found


def looked_into(node):
    """Children in which a change would be one of what is computed: no annotation, text, import or message."""
    if isinstance(node, ast.FunctionDef):
        return [*(default for default in node.args.defaults + node.args.kw_defaults if default), *node.body]
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value else []
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Raise, ast.JoinedStr, ast.ClassDef)):
        return node.body if isinstance(node, ast.ClassDef) else []
    return ast.iter_child_nodes(node)


def changes(node):
    """Pairs of a kind and what takes the place of a node, as source or syntax tree."""
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            for other in COMPARISONS[type(operator)]:
                yield "comparison", ast.Compare(node.left, [other()], node.comparators)
        case ast.BinOp(op=operator) if type(operator) in ARITHMETIC and not _text(node):
            yield "arithmetic", f"({ast.unparse(ast.BinOp(node.left, ARITHMETIC[type(operator)](), node.right))})"
        case ast.BoolOp(op=operator):
            yield (
                "and, or",
                f"({ast.unparse(ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), node.values))})",
            )
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield "sign, not", f"({ast.unparse(node.operand)})"
        case ast.Constant(value=bool()):
            yield "number", repr(not node.value)
        case ast.Constant(value=int() | float()):
            yield "number", repr(node.value + 1)
            if node.value:
                yield "number", repr(node.value * 2)
                yield "sign, not", f"(-{node.value!r})"
        case ast.Name(id=name, ctx=ast.Load()) if name in SWAPS:
            yield "swap", SWAPS[name]
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in SWAPS:
            yield "swap", ast.Attribute(node.value, SWAPS[name], ast.Load())
        case ast.IfExp():
            yield "branch", f"({ast.unparse(ast.IfExp(node.test, node.orelse, node.body))})"
        case ast.If(orelse=[]):
            yield "drop", "pass"
        case ast.AugAssign() | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]) | ast.Expr(value=ast.Call()):
            yield "drop", "pass"
        case ast.Break() | ast.Continue():
            yield "drop", "pass"


def _text(node):
    """Does an operation put texts together?"""
    return any(isinstance(part, (ast.JoinedStr, ast.Constant)) and isinstance(getattr(part, "value", ""), str)
               for part in (node.left, node.right))  # fmt: skip


def mutated(source, mutant):
    """Source of a file with one change in it."""
    return source[: mutant.start] + mutant.after.encode() + source[mutant.stop :]


# --- which are tried


def chosen(number, *, seed=1, only=None, line=None, root=ROOT):
    """A seeded choice, spread over modules and over kinds of change; a change of the code elsewhere leaves the choice.

    Parameters
    ----------
    number : int or None
        How many in all; None: as many as `MAP` says.
    only : sequence of str, optional
        Patterns of the modules.
    line : int, optional
        Every mutant of this line of theirs, instead of a choice.
    """
    if line is not None:
        files = [
            file
            for files, _ in _files_by_rule(root)
            for file in files
            if any(fnmatch(file, pattern) for pattern in only)
        ]
        return [one for file in files for one in mutants_of(file, root) if one.line == line]
    found, parts = [], []
    for files, n in _files_by_rule(root):
        some = [file for file in files if only is None or any(fnmatch(file, pattern) for pattern in only)]
        if some:
            parts.append((some, n * len(some) / len(files)))
    share = 1.0 if number is None else number / sum(n for _, n in parts)
    for files, n in parts:
        found += _some([mutants_of(file, root) for file in files], round(n * share), seed)
    return found


def _files_by_rule(root):
    files = sorted(path.relative_to(root / "radsim").as_posix() for path in (root / "radsim").rglob("*.py"))
    first = {file: next((i for i, rule in enumerate(MAP) if fnmatch(file, rule[0])), None) for file in files}
    return [([file for file in files if first[file] == i], rule[1]) for i, rule in enumerate(MAP)]


def _some(by_file, n, seed):
    """``n`` mutants, from each file by the square root of what it has and, within it, turn by turn from each kind of change."""
    weights = [len(mutants) ** 0.5 for mutants in by_file]
    queues = []
    for mutants in by_file:
        kinds = defaultdict(list)
        for mutant in sorted(mutants, key=lambda one: hashlib.sha256(repr((seed, *one.key)).encode()).digest()):
            kinds[mutant.kind].append(mutant)
        queues.append([one for turn in _turns(list(kinds.values())) for one in turn])
    found = []
    for number, queue in enumerate(queues):  # whole numbers that add up to n
        upto, before = (sum(weights[:i]) / sum(weights) for i in (number + 1, number))
        found += queue[: round(n * upto) - round(n * before)]
    return found


def _turns(queues):
    return [[queue[i] for queue in queues if i < len(queue)] for i in range(max(map(len, queues), default=0))]


def rule_of(file):
    """Compiled kernel or not, and tests, for a module."""
    return next((compiled, tests) for pattern, _, compiled, tests in MAP if fnmatch(file, pattern))


# --- trying them


class Copy:
    """A copy of the checkout with a process that runs tests in it, forked from one that has loaded the libraries.

    Parameters
    ----------
    compiled : bool
        Whether the kernel is compiled.
    root : Path, optional
        The checkout.
    libraries : sequence of str, optional
        Modules to load once.
    """

    def __init__(self, *, compiled, root=ROOT, libraries=LIBRARIES):
        self.folder = Path(tempfile.mkdtemp(prefix="radsim-mutants-"))
        skipped = shutil.ignore_patterns("__pycache__", "golden", ".hypothesis")
        for name in COPIED:
            source = root / name
            (shutil.copytree if source.is_dir() else shutil.copy)(
                source, self.folder / name, **({"ignore": skipped} if source.is_dir() else {})
            )
        environment = {
            **os.environ,
            "NUMBA_DISABLE_JIT": "0" if compiled else "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        self.server = subprocess.Popen(
            [sys.executable, __file__, "--serve", str(self.folder), *(["--compiled"] if compiled else []), "--libraries", *libraries],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def run(self, tests, *, limit):
        """Exit code of the tests, or `TIMED_OUT`, and the seconds they took."""
        self.server.stdin.write(json.dumps({"tests": tests, "limit": limit}) + "\n")
        self.server.stdin.flush()
        return json.loads(self.server.stdout.readline())

    def try_one(self, mutant, tests, *, limit):
        """`run` with one mutant in place."""
        file = self.folder / "radsim" / mutant.file
        original = file.read_bytes()
        try:
            file.write_bytes(mutated(original, mutant))
            self.forget(file)
            return self.run(tests, limit=limit)
        finally:
            file.write_bytes(original)
            self.forget(file)

    def forget(self, file):
        """Remove the byte code of a file, which may be as old, to the second, as another version of it."""
        for old in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
            old.unlink()

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def serve(folder, compiled, libraries):
    """Read requests from standard input, run each in a fork of this process, answer on standard output."""
    answers, sys.stdout = sys.stdout, sys.stderr
    sys.path.insert(0, folder)
    os.chdir(folder)
    load_libraries(compiled, libraries)
    gc.freeze()  # so that collecting garbage in a fork does not copy everything
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        code = in_a_fork(request["tests"], request["limit"])
        answers.write(json.dumps([code, time.perf_counter() - started]) + "\n")
        answers.flush()


def load_libraries(compiled, libraries):
    """What every run of tests would load and no mutant of this group changes: libraries, configurations, a compiled kernel."""
    for name in libraries:
        importlib.import_module(name)
    from hypothesis import Phase, settings

    quick = {
        "deadline": None,
        "database": None,
        "derandomize": True,
        "max_examples": 40,
    }  # found is enough, the simplest is not wanted
    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate), **quick)
    if compiled:
        from radsim.config import load_config
        from radsim.engine import simulate
        from radsim.study import prepare

        simulate(prepare(load_config({"schedules": ["8Gy/1"], "cohort": {"size": 10}, "seed": 1})), threads=1)
    changed = [pattern for pattern, _, with_kernel, _ in MAP if with_kernel == compiled]
    files = [
        name.removeprefix("radsim.").replace(".", "/") + ".py" for name in sys.modules if name.startswith("radsim.")
    ]
    assert not [file for file in files if any(fnmatch(file, pattern) for pattern in changed)]


def in_a_fork(tests, limit):
    """Exit code of pytest in a child of this process, or `TIMED_OUT`."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()  # so that what the tests start ends with them
        signal.alarm(int(limit) + 60)  # should nobody be left to end it
        os.close(read)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        import pytest

        os._exit(int(pytest.main([*PYTEST, *tests])))
    os.close(write)  # closed by the child's end
    ended, _, _ = select.select([read], [], [], limit)
    if not ended:
        os.killpg(child, signal.SIGKILL)
    os.close(read)
    status = os.waitpid(child, 0)[1]
    return os.waitstatus_to_exitcode(status) if ended else TIMED_OUT


def arguments(tests):
    """What pytest is given for files, of which some are restricted to tests of a name, without those of `SLOW`."""
    names = [test.partition("::")[2].rstrip("*") for test in tests]
    files = [test.partition("::")[0] for test in tests]
    wanted = next((name for name in names if name), None)
    if wanted:
        return [*dict.fromkeys(files), "-k", f"{wanted} or {Path(files[0]).stem}"]
    return [*files, "-k", " and ".join(f"not {name}" for name in SLOW)]


def verdicts(mutants, *, workers=2, report=None, **where):
    """Try each mutant: list of "killed", "timed out" or "survived"; ``where`` is handed to `Copy`."""
    found = [None] * len(mutants)
    for compiled in (False, True):
        turns = [i for i, one in enumerate(mutants) if rule_of(one.file)[0] == compiled]
        if turns:
            _try_all(mutants, turns, found, compiled, min(workers, len(turns)), report, where)
    return found


def _try_all(mutants, turns, found, compiled, workers, report, where):
    copies = [Copy(compiled=compiled, **where) for _ in range(workers)]
    try:
        limits = {}
        for tests in dict.fromkeys(rule_of(mutants[i].file)[1] for i in turns):
            code, seconds = copies[0].run(arguments(tests), limit=600.0)
            if code != 0:
                raise SystemExit(f"{' '.join(tests)}: expected to pass without a mutant, found exit code {code}")
            limits[tests] = SLOWER * seconds + A_WHILE
        free = SimpleQueue()
        for copy in copies:
            free.put(copy)

        def one(i):
            copy = free.get()
            try:
                tests = rule_of(mutants[i].file)[1]
                code, seconds = copy.try_one(mutants[i], arguments(tests), limit=limits[tests])
            finally:
                free.put(copy)
            found[i] = {0: "survived", TIMED_OUT: "timed out"}.get(code, "killed")
            if report is not None:
                report(mutants[i], found[i], seconds)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, turns))
    finally:
        for copy in copies:
            copy.close()


# --- the account


def judged():
    """Reason by the key of each mutant known to be equivalent."""
    if not EQUIVALENT.exists():
        return {}
    with EQUIVALENT.open(newline="") as file:
        return {tuple(row[name] for name in KEY): row["reason"] for row in csv.DictReader(file)}


def account(mutants, found, reasons):
    """Lines of the table by module and of the survivors, and the share killed of those that are not equivalent."""
    counts = defaultdict(Counter)
    for mutant, verdict in zip(mutants, found, strict=True):
        name = "equivalent" if verdict == "survived" and mutant.key in reasons else verdict
        for row in (mutant.file, "all"):
            counts[row][name] += 1
    columns = ("killed", "timed out", "survived", "equivalent")
    lines = [f"{'module':32}" + "".join(f"{name:>12}" for name in columns)]
    lines += [f"{row:32}" + "".join(f"{counts[row][name]:12}" for name in columns) for row in sorted(counts, key=_last)]
    for name in ("survived", "equivalent"):
        lines += ["", f"{name}:"]
        for mutant, verdict in zip(mutants, found, strict=True):
            if verdict == "survived" and (mutant.key in reasons) == (name == "equivalent"):
                lines.append(
                    f"radsim/{mutant.file}:{mutant.line}: {mutant.function}: {mutant.before}  ->  {mutant.after}"
                )
                lines += [f"    {reasons[mutant.key]}"] if mutant.key in reasons else []
    caught = counts["all"]["killed"] + counts["all"]["timed out"]
    share = caught / max(caught + counts["all"]["survived"], 1)
    return [*lines, "", f"{share:.1%} of those that are not equivalent killed"], share


def _last(row):
    return row == "all", row


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, help="mutants in all; by default those of the map, three hundred")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", help="modules, or patterns: kernel/*")
    parser.add_argument("--line", type=int, help="every mutant of this line of the modules of --only")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="print the mutants, try none")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--compiled", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--libraries", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve, options.compiled, options.libraries)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # which removes the copies
    mutants = chosen(options.number, seed=options.seed, only=options.only, line=options.line)
    if options.list:
        for one in mutants:
            print(f"radsim/{one.file}:{one.line}: {one.kind}: {one.before}  ->  {one.after}")
        return 0

    def report(one, verdict, seconds):
        print(
            f"{verdict:9} {seconds:5.1f} s  radsim/{one.file}:{one.line}: {one.before}  ->  {one.after}",
            file=sys.stderr,
            flush=True,
        )

    lines, share = account(mutants, verdicts(mutants, workers=options.workers, report=report), judged())
    print("\n".join(lines))
    return 0 if share >= ENOUGH else 3


if __name__ == "__main__":
    sys.exit(main())
