"""The picture of the architecture is true: packages import only packages of their own layer or of the layers below it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"


def layers():
    """Names in the boxes, the lowest layer first."""
    found = {}
    for y, name in re.findall(
        r'y="(\d+)" text-anchor="middle" font-weight="bold" fill="#222222">(\w+)<', PICTURE.read_text()
    ):
        found.setdefault(int(y) // 92, []).append(name)
    return [found[key] for key in sorted(found, reverse=True)]


def imported(path):
    """Parts of radsim that a module imports when it is loaded."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "radsim":
            parts = node.module.split(".")[1:2] or [alias.name for alias in node.names]
            yield from parts
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("radsim."))


def test_imports_go_downwards_in_the_picture():
    level = {name: i for i, names in enumerate(layers()) for name in names}
    assert len(level) >= 20
    upwards = set()
    for name in level:
        files = sorted((ROOT / "radsim" / name).rglob("*.py")) or [ROOT / "radsim" / f"{name}.py"]
        assert all(file.exists() for file in files), f"the picture shows {name}, which is not there"
        for path in files:
            upwards |= {(name, other) for other in imported(path) if level.get(other, -1) > level[name]}
    assert upwards == set()
