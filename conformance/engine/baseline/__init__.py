"""Known failures: a TOML file that says which failures of a decoder are expected, and why.

`reading` gives the entries, `expected` compares them with what a decoder does, `writing` brings the
file up to date. The command and the plugin use it; results know nothing of it.
"""
