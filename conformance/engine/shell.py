"""Words of a command, quoted for a POSIX shell so that a person can still read them."""

import ast
import re
import shlex

_LITERAL = re.compile(r"b?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_ESCAPE = re.compile(r'\\.|"')


def quoted(word: str) -> str:
    """A word for the shell, in double quotes where that is enough and easier to read."""
    if "'" in word and not re.search(r'["$`!]|\\[\\\n]', word):
        return f'"{word}"'
    return shlex.quote(word)


def quoted_call(call: str) -> str:
    """A call of Python literals, as `repr` writes it, for the shell: the word may be another, the value is the same.

    Where the call cannot stand in double quotes its strings do, and it stands in single ones, in which a shell leaves
    everything as it is; an apostrophe is then written by its number.
    """
    word = quoted(call)
    if not word.startswith("'") or "'" not in call:
        return word
    return f"'{_LITERAL.sub(lambda found: _in_double_quotes(found[0]), call)}'"


def _in_double_quotes(literal: str) -> str:
    """The same string, or bytes, in double quotes and without an apostrophe."""
    value = ast.literal_eval(literal)
    both: str | bytes = "'\"" if isinstance(value, str) else b"'\""  # then repr takes single quotes
    inner = repr(both + value).partition("'")[2][3:-1]
    written = _ESCAPE.sub(lambda found: {"\\'": r"\x27", '"': r"\""}.get(found[0], found[0]), inner)
    return f'{literal[: literal[0] == "b"]}"{written}"'
