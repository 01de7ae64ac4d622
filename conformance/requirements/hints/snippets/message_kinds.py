"""What a message is: a part of the body, an error, or an event that is none of ours."""

from collections.abc import Mapping


class ServiceError(Exception):
    """What the service says went wrong."""


def part_of(headers: Mapping[str, object], payload: bytes) -> bytes:
    kind = headers.get(":message-type", "event")
    if kind == "exception":  # of whatever name, and also if its payload is no JSON
        raise ServiceError(f"{headers.get(':exception-type')}: {payload.decode('utf-8', 'backslashreplace')}")
    if kind == "error":
        raise ServiceError(f"{headers.get(':error-code')}: {headers.get(':error-message')}")
    return payload if headers.get(":event-type") == "PayloadPart" else b""
