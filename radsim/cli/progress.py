"""A progress bar for work that takes a while; silence for work that does not."""

from __future__ import annotations

import sys
import threading
import time

from radsim.cli.terminal import beneath

PATIENCE_SECONDS = 1.0
"""A bar for less than this would only flicker."""


class Progress:
    """Callback ``progress(done, total)`` that shows a bar on stderr, in a terminal, for work over a second.

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

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.lock:
            if self.bar is not None:
                self.bar.stop()

    def __call__(self, done, total):
        if not self.stream.isatty() or time.monotonic() - self.started < PATIENCE_SECONDS:
            return
        with self.lock:
            if self.bar is None:
                self._start(total)
            self.bar.update(self.task, completed=done, total=total, description=self.description)

    def _start(self, total):
        from rich import progress
        from rich.console import Console

        columns = (
            progress.TextColumn("{task.description}"), progress.BarColumn(), progress.TaskProgressColumn(),
            progress.TimeRemainingColumn(),
        )  # fmt: skip
        self.bar = progress.Progress(*columns, console=Console(file=beneath(self.stream)), transient=True)
        self.task = self.bar.add_task(self.description, total=total)
        self.bar.start()
