"""sliceproof: proves that decoders of SageMaker response streams lose nothing, wherever the bytes are cut."""

__version__ = "0.1.0"
