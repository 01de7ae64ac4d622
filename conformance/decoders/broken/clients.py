"""Mistakes of whole clients: with HTTP, with connections, and with what stands around the decoder."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

from sliceproof.conformance.decoders.broken.registry import Broken, Registry, breaks
from sliceproof.conformance.decoders.endpoint.client import Client, mode
from sliceproof.conformance.decoders.sound.steps import Sound

TOKENS = ("<|assistant|>", "<|system|>", "<|user|>", "<s>", "</s>", "<|im_end|>", "<|im_start|>")


@breaks("G1")
class HoldsBackWhatMayBeAToken(Sound):
    """Holds back text that stands in a template's token, and forgets it at the end."""

    begun, tells = "", False

    def delta(self, text: str) -> Iterator[str]:
        self.begun += text
        self.tells = self.tells or not any(self.begun in token for token in TOKENS)
        if self.tells:
            line, self.begun = self.begun, ""
            yield from super().delta(line)


class RefusedError(Exception):
    """An error instead of a stream."""


def asked(connection: http.client.HTTPConnection, name: str) -> http.client.HTTPResponse:
    """The response of the endpoint of that name; RefusedError for an error."""
    path = f"/endpoints/{name}/invocations-response-stream"
    connection.request("POST", path, body=b"{}", headers={"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise RefusedError(f"{response.status} {response.reason}")
    return response


def connected(url: str) -> http.client.HTTPConnection:
    """A connection to the server at *url*."""
    at = urlsplit(url)
    return http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)


def deltas_of(response: http.client.HTTPResponse, dialect: str) -> Iterator[str]:
    """The text of an event stream."""
    return Sound(dialect).decode(iter(lambda: response.read1(1 << 16), b""))


Asks = Callable[[str, str, str], Iterator[str]]
"""What a client is here: from a URL, a name and a dialect to text."""


def broken(*ids: str) -> Callable[[Asks], Asks]:
    """Register a client as one that breaks these; its docstring says what it does wrong."""

    def register(asks: Asks) -> Asks:
        def client_of(dialect: str, form: str) -> Client:
            return lambda url, name: asks(url, name, dialect)

        modes = {"sync": mode(client_of)}
        about = (asks.__doc__ or "").strip().rstrip(".")
        Registry.add(Broken(asks.__name__, about, ids, "tgi-sse", modes, "endpoint", "text", asks.__module__))
        return asks

    return register


@broken("A1")
def takes_an_error_for_no_text(url: str, name: str, dialect: str) -> Iterator[str]:
    """Takes an answer of 503, and any other error, for one without text."""
    with closing(connected(url)) as connection:
        try:
            response = asked(connection, name)
        except RefusedError:
            return
        yield from deltas_of(response, dialect)


@broken("A2")
def begins_anew_in_the_middle(url: str, name: str, dialect: str) -> Iterator[str]:
    """Asks again when the connection breaks, and tells the beginning a second time."""
    for tries in (1, 0):
        try:
            with closing(connected(url)) as connection:
                yield from deltas_of(asked(connection, name), dialect)
            return
        except (OSError, http.client.HTTPException):
            if not tries:
                raise


_pool: dict[str, http.client.HTTPConnection] = {}


@broken("A3")
def keeps_a_connection_that_failed(url: str, name: str, dialect: str) -> Iterator[str]:
    """Puts a connection back into its pool after an error that it has not read."""
    connection = _pool.pop(url, None) or connected(url)
    try:
        response = asked(connection, name)
        yield from deltas_of(response, dialect)
    except RefusedError:
        _pool[url] = connection
        raise
    except BaseException:
        connection.close()
        raise
    connection.close()


_open: list[http.client.HTTPConnection] = []


@broken("A4")
def keeps_the_connection_of_who_left(url: str, name: str, dialect: str) -> Iterator[str]:
    """Closes its connection behind an answer's end, and never if nobody reads so far."""
    connection = connected(url)
    _open.append(connection)
    yield from deltas_of(asked(connection, name), dialect)
    connection.close()
    _open.remove(connection)


__all__ = ["asked", "broken", "connected", "deltas_of"]
