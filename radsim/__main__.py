"""``python -m radsim``: the `radsim` command of this very interpreter."""

from radsim.cli.main import main

if __name__ == "__main__":
    main()
