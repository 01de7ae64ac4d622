"""Numbers and long texts, as a line of output says them."""


def count(number: int, word: str) -> str:
    """1 cut, 2 cuts."""
    return f"{number:,} {word}" + ("" if number == 1 or word.isupper() else "s")


def short(text: str, most: int = 110) -> str:
    """A text with its middle left out if it is long."""
    return text if len(text) <= most else f"{text[: most - 30]} … {text[-25:]}"
