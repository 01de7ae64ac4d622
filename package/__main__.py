"""`python -m sliceproof` is the command `sliceproof`: the layers' commands put together."""

from sliceproof.conformance.cli.completing import attach
from sliceproof.conformance.cli.main import cli
from sliceproof.conformance.cli.main import main as run
from sliceproof.fuzz.command import fuzz

cli.add_command(fuzz)
attach(cli)


def main() -> None:
    """The command line."""
    run()


if __name__ == "__main__":
    main()
