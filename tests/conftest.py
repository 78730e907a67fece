"""Options of the test run."""

from hypothesis import settings

settings.register_profile("radsim", deadline=None)  # a busy machine is no fault
settings.load_profile("radsim")


def pytest_addoption(parser):
    parser.addoption(
        "--regenerate-golden", action="store_true", help="write tests/golden anew; say why in the commit message"
    )
