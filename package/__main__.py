"""`python -m sliceproof` is the command `sliceproof`."""

from sliceproof.conformance.cli import main

main()
