"""The matrix: decoders of other packages, each version in an environment of its own, judged and written down."""
