"""A progress bar for work that takes a while; silence for work that does not."""

from __future__ import annotations

import sys
import threading
import time

from radsim.cli.terminal import beneath

PATIENCE_SECONDS = 1.0
"""A bar for less than this would only flicker."""

COMPILING_SECONDS = 3.0
"""Longer than any machine takes for the first block of patients, unless it compiles the model before."""

COMPILING = "compiling the model, once (half a minute or so)"


class Progress:
    """Callback ``progress(done, total)`` that shows a bar on stderr, in a terminal, for work over a second.

    A first run compiles for so long before there is any progress that it says so.

    Examples
    --------
    >>> with Progress("simulating") as progress:
    ...     progress(1, 2)
    """

    def __init__(self, description, *, stream=None):
        self.description = description
        self.stream = stream if stream is not None else sys.stderr
        self.started = time.monotonic()
        self.bar = self.task = None
        self.lock = threading.Lock()
        self.timer = threading.Timer(COMPILING_SECONDS, self._say_compiling)
        self.timer.daemon = True

    def __enter__(self):
        if self.stream.isatty():
            self.timer.start()
        return self

    def __exit__(self, *_):
        self.timer.cancel()
        with self.lock:
            if self.bar is not None:
                self.bar.stop()

    def __call__(self, done, total):
        self.timer.cancel()
        if not self.stream.isatty() or time.monotonic() - self.started < PATIENCE_SECONDS:
            return
        with self.lock:
            if self.bar is None:
                self._start(self.description, total)
            self.bar.update(self.task, completed=done, total=total, description=self.description)

    def _say_compiling(self):
        with self.lock:
            if self.bar is None and not self.timer.finished.is_set():
                self._start(COMPILING, None)

    def _start(self, description, total):
        from rich import progress
        from rich.console import Console

        columns = (
            progress.TextColumn("{task.description}"), progress.BarColumn(), progress.TaskProgressColumn(),
            progress.TimeRemainingColumn(),
        )  # fmt: skip
        self.bar = progress.Progress(*columns, console=Console(file=beneath(self.stream)), transient=True)
        self.task = self.bar.add_task(description, total=total)
        self.bar.start()
