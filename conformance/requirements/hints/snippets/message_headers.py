"""The headers of a message by name: all ten types are skipped or read by their length, in any order."""

SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # bytes of a value by its type; 6 and 7 tell their own


def read_headers(block: bytes) -> dict[str, str | bytes]:
    headers: dict[str, str | bytes] = {}
    at = 0

    def taken(size: int) -> bytes:
        nonlocal at
        at += size
        if at > len(block):
            raise ValueError("a header is longer than the block of headers")
        return block[at - size : at]

    while at < len(block):
        name = taken(taken(1)[0]).decode()
        kind = taken(1)[0]
        if kind not in (*SIZES, 6, 7):
            raise ValueError(f"header {name!r} has the type {kind}, which there is not")
        value = taken(SIZES[kind] if kind in SIZES else int.from_bytes(taken(2), "big"))
        if not name or name in headers:
            raise ValueError(f"header {name!r} is empty or told twice")
        headers[name] = value.decode() if kind == 7 else value
    return headers
