"""Options of the test run, and what many tests do."""

from typing import NamedTuple

import pytest
from hypothesis import settings

from radsim import first_run

settings.register_profile("radsim", deadline=None)  # a busy machine is no fault
settings.load_profile("radsim")

first_run._told = {
    first_run.COMPILING,
    first_run.WITH_CARE,
}  # whichever test is the first to compile, it is not what that test looks at


def pytest_addoption(parser):
    parser.addoption(
        "--regenerate-golden", action="store_true", help="write tests/golden anew; say why in the commit message"
    )


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in this process, in a folder of its own."""
    from radsim.cli.main import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RADSIM_DEBUG", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def call(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main([str(argument) for argument in arguments])
        return Done(leaving.value.code, *capsys.readouterr())

    return call
