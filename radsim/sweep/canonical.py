"""Plain data in one form only, to compare and to digest."""

from __future__ import annotations

import json


def canonical(data):
    """Plain data as JSON with sorted keys and without spaces."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
