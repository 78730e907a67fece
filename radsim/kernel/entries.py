"""What Python calls of the kernel: functions of `radsim.kernel.block`, described there. None needs the compiler if its machine code is kept."""

from __future__ import annotations

from radsim.native import Entry

_MODULE = "radsim.kernel.block"

enrol = Entry(_MODULE, "enrol")
simulate_blocks = Entry(_MODULE, "simulate_blocks")
judge_trajectories = Entry(_MODULE, "judge_trajectories")
read_trajectories = Entry(_MODULE, "read_trajectories")
