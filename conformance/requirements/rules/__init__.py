"""One module a requirement, named for its id: its rule, its source, its streams, its judge, and what shows it."""
