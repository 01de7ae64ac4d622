"""Makes a word of letters small: Hypothesis shrinks it as if it had drawn it, then the search's own last pass."""

from collections.abc import Callable, Sequence

from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import NoSuchExample

from sliceproof.conformance.engine.search import polished, words, written
from sliceproof.strategies.letters import Letter

KEY = b"word"


def shortest(
    word: Sequence[Letter], table: tuple[Letter, ...], breaks: Callable[[Sequence[Letter]], bool]
) -> list[Letter]:
    """The smallest word that *breaks* as *word* does, of letters of *table*, simplest first."""
    database = InMemoryExampleDatabase()
    database.save(KEY, written(word, table))
    try:
        found = find(
            words(table),
            breaks,
            settings=settings(
                database=database,
                deadline=None,
                derandomize=False,
                verbosity=Verbosity.quiet,
                phases=(Phase.reuse, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            database_key=KEY,
        )
    except NoSuchExample:
        found = list(word)  # it fails only now and then
    return polished(found, table, breaks)
