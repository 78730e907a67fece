"""How fast radsim is on this machine, in figures that survive a noisy one.

A speed in seconds says more about the machine than about the program. So every speed here is also a ratio to something frozen that runs
in the same process, in turns of some milliseconds, on the same processors: `bare`. Ratios are what `compare` compares.

bare       the yardstick, frozen
workload   the studies that are simulated
slices     kernel and yardstick in turns
starts     whole processes: start-up and memory
measure    all of it as one document
compare    two documents; `confirm` measures again before it reports something as slower
"""
