"""Options of the test run."""


def pytest_addoption(parser):
    parser.addoption(
        "--regenerate-golden", action="store_true", help="write tests/golden anew; say why in the commit message"
    )
