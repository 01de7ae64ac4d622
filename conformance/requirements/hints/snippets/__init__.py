"""Sound pieces of a decoder, each to be copied as it is; `whole` puts them together."""
