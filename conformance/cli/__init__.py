"""The command `sliceproof`."""
