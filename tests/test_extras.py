"""Libraries that only some commands need."""

import pytest

from radsim.extras import require
from radsim.storage import UsageFault


def test_a_library_that_is_there_is_imported():
    assert require("json", extra="report").dumps(1) == "1"


def test_a_missing_library_is_named_with_the_extra_that_brings_it():
    with pytest.raises(UsageFault, match=r'needs no_such_library: pip install "radsim\[report\]"'):
        require("no_such_library.part", extra="report")


def test_a_library_that_itself_lacks_one_fails_as_it_would(tmp_path, monkeypatch):
    (tmp_path / "lacking.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        require("lacking", extra="report")
