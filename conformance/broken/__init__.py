"""Decoders that break one requirement each, as proof that it can fail."""
