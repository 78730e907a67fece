"""What a measurement was made on and with. No host, user or path."""

from __future__ import annotations

import os
import platform

import radsim
from radsim.provenance import NUMERIC_LIBRARIES, OTHER_LIBRARIES, commit, library_versions, source_digest


def describe_machine():
    """System, processor and memory.

    Returns
    -------
    dict
        ``system``, ``machine``, ``processor``, ``processors`` (that this process may use), ``memory_bytes`` (None if unknown).
    """
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor_name(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_bytes": _memory(),
    }


def describe_software():
    """Versions of everything that can change a speed: radsim, Python, the libraries."""
    return {
        "radsim": radsim.__version__,
        "commit": commit(),
        "sources": source_digest(),
        "python": platform.python_version(),
        **library_versions(NUMERIC_LIBRARIES + OTHER_LIBRARIES),
    }


def processor_name():
    """The processor as it calls itself, `unknown` if it does not."""
    try:
        with open("/proc/cpuinfo") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return (names or [platform.processor()])[0] or "unknown"


def _memory():
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
