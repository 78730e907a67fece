"""The small model by pytest-benchmark: radsim's style, vectorised numpy and SimPy by hand, side by side."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # the peers are scripts, not a package


@pytest.mark.parametrize(
    ("module", "n_patients"), [("numba_loop", 50_000), ("numpy_model", 20_000), ("simpy_model", 500)]
)
def bench_peer(benchmark, module, n_patients):
    if module == "simpy_model":
        pytest.importorskip("simpy", reason="pip install -r benchmarks/requirements.txt")
    peer = __import__(module)
    benchmark.pedantic(peer.simulate, (n_patients,), rounds=5, warmup_rounds=1)
    benchmark.extra_info["lives"] = 2 * n_patients
