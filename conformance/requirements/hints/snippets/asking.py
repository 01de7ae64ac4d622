"""A request that is repeated only while nothing of its answer was told, over a connection of its own."""

from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection, HTTPException


class RefusedError(Exception):
    """The endpoint answered with an error instead of a stream."""


def ask(host: str, path: str, body: bytes, decode: Callable[[Iterable[bytes]], Iterator[str]]) -> Iterator[str]:
    for tries_left in (2, 1, 0):
        told, connection = False, HTTPConnection(host, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            if response.status != 200:
                raise RefusedError(f"{response.status} {response.read().decode(errors='replace')}")
            for text in decode(iter(lambda: response.read1(65536), b"")):  # noqa: B023 - read before the next try
                told = True
                yield text
            return
        except (OSError, HTTPException):
            if told or not tries_left:
                raise
        finally:
            connection.close()  # also when the consumer leaves
