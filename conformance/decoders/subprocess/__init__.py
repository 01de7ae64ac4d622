"""`exec:COMMAND`: decoders in any language, as child processes that speak JSON lines."""
