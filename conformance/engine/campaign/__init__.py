"""Judging beyond one process: a database that runs share, and work split among workers."""
