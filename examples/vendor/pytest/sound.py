"""A small decoder of tgi-sse on SageMaker that is right: messages, then characters, then lines, then records."""

import codecs
import json
import struct
from zlib import crc32

UTF8 = codecs.getincrementaldecoder("utf-8")
SIZES = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}  # bytes of a header's value, by its type


def decode(chunks, utf8=UTF8):
    characters, line, data = utf8(), "", []
    for payload in payloads(chunks):
        *lines, line = (line + characters.decode(payload)).split("\n")
        for each in lines:
            yield from event(each.rstrip("\r"), data)
    characters.decode(b"", True)
    yield from event(line, data)
    yield from event("", data)


def event(line, data):
    name, _, value = line.partition(":")
    if name == "data":
        data.append(value[1:] if value.startswith(" ") else value)
    if line or not data:
        return
    record = "\n".join(data)
    data.clear()
    if record.strip() and record.strip() != "[DONE]":
        yield from text(json.loads(record))


def text(record):
    if "error" in record:
        raise RuntimeError(record["error"])
    token = record.get("token") or {}
    if token.get("text") and not token.get("special"):
        yield token["text"]


def payloads(chunks):
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) >= 12:
            total, length, checksum = struct.unpack(">III", held[:12])
            if crc32(held[:8]) != checksum or not 16 + length <= total <= 1 << 25:
                raise ValueError("a prelude that cannot be")
            if len(held) < total:
                break
            message, held = bytes(held[:total]), held[total:]
            if crc32(message[:-4]) != int.from_bytes(message[-4:], "big"):
                raise ValueError("a message whose checksum does not match")
            found, payload = headers(message[12 : 12 + length]), message[12 + length : -4]
            if found.get(":message-type") != "event":
                raise RuntimeError(f"{found} {payload.decode('utf-8', 'replace')}")
            if found.get(":event-type") == "PayloadPart":
                yield payload
    if held:
        raise ValueError("the wire ends inside a message")


def headers(block):
    found, at = {}, 0
    while at < len(block):
        name = block[at + 1 : (at := at + 1 + block[at])].decode()
        kind, at = block[at], at + 1
        if kind in (6, 7):
            size, at = int.from_bytes(block[at : at + 2], "big"), at + 2
        else:
            size = SIZES[kind]
        found[name] = block[at : at + size].decode() if kind == 7 else block[at : at + size]
        at += size
    return found
