"""What is demanded of a decoder, and how it is judged."""
