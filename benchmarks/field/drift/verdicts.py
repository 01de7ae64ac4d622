"""How the verdicts on a package differ from one release to another."""

from collections.abc import Iterator

from matrix.record import Environment, Judged

ASKED = ("pass", "fail", "warn")


def changes(before: Environment, after: Environment) -> Iterator[str]:
    """A line for each target and requirement with another verdict in dialects that both were asked in."""
    if after.error:
        yield after.error
    old = {decoder.target: decoder for decoder in before.decoders}
    for decoder in after.decoders:
        if decoder.target in old:
            yield from _changes(old[decoder.target], decoder)


def _changes(before: Judged, after: Judged) -> Iterator[str]:
    for id_ in after.verdicts:
        old, new = _by_dialect(before, id_), _by_dialect(after, id_)
        for was in ASKED:
            for is_ in ASKED:
                dialects = [name for name in new if old.get(name) == was != is_ == new[name]]
                if dialects:
                    yield f"{after.target} {id_}: {was} → {is_} in {', '.join(dialects)}"


def _by_dialect(judged: Judged, id_: str) -> dict[str, str]:
    return {dialect: verdict for verdict, dialects in judged.verdicts.get(id_, {}).items() for dialect in dialects}
