"""How far a sweep is: a bar on a terminal, a line now and then elsewhere, JSON where asked for; always on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
import time

from radsim.cli.terminal import beneath

SECONDS_BETWEEN_LINES = 10.0


def reporter(kind, *, stream=None):
    """A context manager, called with the events of a sweep.

    Parameters
    ----------
    kind : {None, 'json'}
    stream : text file, optional
        By default stderr.
    """
    stream = stream if stream is not None else sys.stderr
    if kind == "json":
        return _Json(stream)
    return _Bar(stream) if stream.isatty() else _Lines(stream)


class _Reporter(contextlib.AbstractContextManager):
    """Knows rate and time left."""

    def __init__(self, stream):
        self.stream = stream
        self.started = time.monotonic()

    def __exit__(self, *_):
        return None

    def __call__(self, event):
        if event["event"] == "start":
            self.started = time.monotonic()
        getattr(self, event["event"], lambda event: None)(event)

    def rate(self, event):
        """Trajectories a second so far, and seconds left at that rate."""
        rate = event["done"] / max(time.monotonic() - self.started, 1e-9)
        return rate, (event["to_play"] - event["done"]) / max(rate, 1e-9)

    def say(self, text):
        print(text, file=self.stream, flush=True)


class _Json(_Reporter):
    """One JSON object a line: the event and its details."""

    def __call__(self, event):
        if event["event"] == "start":
            self.started = time.monotonic()
        if event["event"] == "task":
            return
        if event["event"] == "chunk":
            rate, left = self.rate(event)
            event = {**event, "lifetimes_per_second": round(rate), "seconds_left": round(left, 1)}
        self.say(json.dumps(event, ensure_ascii=False))


class _Lines(_Reporter):
    """A line at the start, and one every few seconds."""

    last = float("-inf")

    def start(self, event):
        self.last = time.monotonic()
        for line in opening(event):
            self.say(line)

    def chunk(self, event):
        if time.monotonic() - self.last >= SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            rate, left = self.rate(event)
            share = event["done"] / event["to_play"]
            self.say(f"{share:.0%} simulated, {rate:,.0f} trajectories a second, about {duration(left)} left")


class _Bar(_Reporter):
    """A bar with rate and time left."""

    bar = None

    def start(self, event):
        from rich import progress
        from rich.console import Console

        for line in opening(event):
            self.say(line)
        columns = (
            progress.TextColumn("{task.description}"), progress.BarColumn(), progress.TaskProgressColumn(),
            progress.TextColumn("{task.fields[rate]}"), progress.TimeRemainingColumn(),
        )  # fmt: skip
        self.bar = progress.Progress(*columns, console=Console(file=beneath(self.stream)), transient=True)
        self.task = self.bar.add_task("simulating", total=event["to_play"], rate="")
        self.bar.start()

    def update(self, event):
        rate, _ = self.rate(event)
        self.bar.update(self.task, completed=event["done"], rate=f"{rate:,.0f} trajectories/s")

    def __call__(self, event):
        if event["event"] in ("task", "chunk"):
            self.update(event)
        elif event["event"] == "naming":
            if self.bar is not None:
                self.bar.update(self.task, description="naming variables")
        else:
            super().__call__(event)

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.stop()


def opening(event):
    """What to say before the first chunk."""
    rest = "" if event["to_play"] == event["lifetimes"] else f", {event['to_play']:,} of them left to simulate"
    yield f"{event['scenarios']:,} scenarios, {event['lifetimes']:,} trajectories{rest}"
    if event["dashboard"]:
        yield f"Dask dashboard: {event['dashboard']}"


def duration(seconds):
    """A duration in words.

    Examples
    --------
    >>> duration(8.25), duration(5000)
    ('8.2 s', '1 h 23 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"
