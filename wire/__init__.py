"""Bytes and their meaning: event-stream messages, what containers write, and where both are cut. Pure."""
