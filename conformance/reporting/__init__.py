"""What is told of results: in the terminal, as JSON, in rows of text."""
