"""A decoder in a process of its own, in Python with nothing but the standard library.

    sliceproof check "exec:python3 examples/python/exec_decoder.py"

It reads the payload parts of TGI's stream; `serve` speaks the protocol for any decoder of that kind.
"""

import base64
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any


class ServiceError(Exception):
    """An exception message of the service, as an SDK raises it."""


def decode(parts: Iterable[bytes]) -> Iterator[str]:
    """The text of a TGI stream that comes in *parts*."""
    finished = False
    for line in lines(parts):
        if not line.startswith(b"data:"):
            continue
        record = json.loads(line[5:])
        if "error" in record:
            raise ValueError(f"{record.get('error_type')}: {record['error']}")
        finished = finished or record.get("generated_text") is not None
        if not record["token"]["special"]:
            yield record["token"]["text"]
    if not finished:
        raise ValueError("the stream ended before its last record")


def lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a body, each as soon as it is complete."""
    held: list[bytes] = []
    for part in parts:
        first, *others = part.split(b"\n")
        held.append(first)
        for other in others:
            yield b"".join(held)
            held = [other]
    yield b"".join(held)


def write(message: dict[str, Any]) -> None:
    """One line to sliceproof; it may wait until `read`, as sliceproof answers only what it has read."""
    sys.stdout.write(json.dumps(message) + "\n")


def read() -> Any:
    """The next line of sliceproof, parsed; ends the process where there are no more."""
    sys.stdout.flush()
    line = sys.stdin.readline()
    return json.loads(line) if line else sys.exit()


def pulled(number: int) -> Iterator[bytes]:
    """The parts of a stream, each asked for when it is wanted."""
    while True:
        write({"stream": number, "pull": True})
        answer = read()
        if "raise" in answer:
            raise ServiceError(f"{answer['raise']['name']}: {answer['raise']['message']}")
        if "end" in answer:
            return
        yield base64.b64decode(answer["chunk"])


def serve(decoder: Callable[[Iterator[bytes]], Iterable[str]], **hello: Any) -> None:
    """Speak the protocol on stdin and stdout until stdin ends."""
    read()  # {"protocol": 1}
    write({"hello": {"protocol": 1, **hello}})
    while True:
        number = read()["stream"]
        try:
            for text in decoder(pulled(number)):
                write({"stream": number, "text": text})
        except Exception as error:
            write({"stream": number, "error": {"type": type(error).__name__, "message": str(error)}})
        else:
            write({"stream": number, "done": True})


if __name__ == "__main__":
    serve(decode, version="1.0", dialects=["tgi-sse"], accepts="parts", yields="text")
