"""The protocol: its schema describes every message of real sessions, and what one refuses the other does too."""

import json
import shlex
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from children import command
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.conformance.decoders.subprocess import protocol
from sliceproof.conformance.decoders.subprocess.pool import decoder
from sliceproof.conformance.decoders.subprocess.protocol import ProtocolError, RaisedError
from sliceproof.conformance.harness.contract import YIELDS, Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.harness.outcome import Outcome
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

SCHEMA = protocol.schema()
EXAMPLE = Path(__file__).parents[2] / "examples/python/exec_decoder.py"

BETWEEN = """
import subprocess, sys, threading
child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
log = open(sys.argv[1], "ab", 0)
def copied(source, target, way):
    for line in iter(source.readline, b""):
        log.write(way + line)
        target.write(line)
        target.flush()
    target.close()
threading.Thread(target=copied, args=(sys.stdin.buffer, child.stdin, b">"), daemon=True).start()
copied(child.stdout, sys.stdout.buffer, b"<")
"""
"""A process between sliceproof and a child, that keeps a log of what either says."""

ECHOES = """
import base64, json, sys
hear = lambda: json.loads(sys.stdin.readline() or sys.exit())
say = lambda told: print(json.dumps(told), flush=True)
hear()
say({"hello": {"protocol": 1, "accepts": ACCEPTS, "yields": YIELDS}})
while True:
    number = hear()["stream"]
    while True:
        say({"stream": number, "pull": True})
        answer = hear()
        if "chunk" not in answer:
            break
        payload = answer["chunk"]
        say({"stream": number, **{
            "text": {"text": base64.b64decode(payload).decode("latin-1")},
            "deltas": {"delta": {"text": base64.b64decode(payload).decode("latin-1"), "kind": "content"}},
            "lines": {"line": payload},
            "messages": {"message": {"headers": {":event-type": "PayloadPart"}, "payload": payload}},
        }[YIELDS]})
    told = answer.get("raise")
    say({"stream": number, **({"done": True} if told is None else
        {"error": {"type": told["name"], "message": told["message"]}})})
"""


def validator(direction: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{direction}", "$defs": SCHEMA["$defs"]})


TO_CHILD, FROM_CHILD = validator("toChild"), validator("fromChild")


def title(told: dict[str, Any]) -> str:
    """The title that the schema has for a message."""
    (kind,) = told.keys() - {"stream"} if told.keys() - {"stream", "dialect", "form"} else {"opening"}
    return {"protocol": "greeting"}.get(kind, kind)


def logged(folder: Path, target: str) -> tuple[Decoder, Path]:
    """The decoder of a target, with a log of all that is said to and fro."""
    (folder / "between.py").write_text(BETWEEN)
    log = folder / "log"
    words = [sys.executable, "-S", str(folder / "between.py"), str(log), *shlex.split(target.removeprefix("exec:"))]
    return decoder(f"exec:{shlex.join(words)}"), log


def messages(log: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each message of a log, checked by the schema, with its direction."""
    for line in log.read_text("utf-8").splitlines():
        data = json.loads(line[1:])
        (TO_CHILD if line[0] == ">" else FROM_CHILD).validate(data)
        yield line[0], data


EXCEPTION = Stream("text", ["a", "é\n"], fault=Fault("exception", 2, "InternalStreamFailure", 'no "luck"', None))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_has_every_message_of_real_sessions_and_no_other(tmp_path: Path) -> None:
    seen = set()
    for number, (accepts, yields) in enumerate(product(protocol.FED, YIELDS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        source = ECHOES.replace("ACCEPTS", repr(accepts)).replace("YIELDS", repr(yields))
        judged, log = logged(folder, command(folder / "echoes.py", source))
        for stream in (Stream("text", ["a", "b"]), EXCEPTION):
            drive(judged, "exec", stream)
        seen |= {title(told) for _, told in messages(log)}
    described = {one["title"] for way in ("toChild", "fromChild") for one in SCHEMA["$defs"][way]["oneOf"]}
    assert seen == described


def test_a_session_goes_as_the_documentation_says(tmp_path: Path) -> None:
    judged, log = logged(tmp_path, f"exec:{shlex.join([sys.executable, str(EXAMPLE)])}")
    drive(judged, "exec", Stream("tgi-sse", ["x"]))
    assert [(way, title(told)) for way, told in messages(log)] == [
        (">", "greeting"),
        ("<", "hello"),
        (">", "opening"),
        ("<", "pull"),
        (">", "chunk"),
        ("<", "text"),
        ("<", "pull"),
        (">", "end"),
        ("<", "done"),
    ]


GOOD = [
    '{"stream": 7, "pull": true}',
    '{"done": true, "stream": 7}',
    '{"stream": 7, "text": ""}',
    '{"stream": 7, "error": {"type": "", "message": ""}}',
]
HELLOS = [
    b'{"hello": {"protocol": true}}',
    b'{"hello": {"protocol": 1.0}}',
    b'{"hello": {"protocol": 1, "version": "1\\n2"}}',
    b'{"hello": {"protocol": 1, "version": "' + b"1" * 201 + b'"}}',
]


@pytest.mark.parametrize("line", HELLOS)
def test_a_hello_of_another_protocol_or_with_a_version_of_no_line_is_refused(line: bytes) -> None:
    with pytest.raises(ProtocolError, match=r"protocol|version"):
        protocol.hello(line)


BAD = [
    '{"stream": 7}',
    '{"stream": 7, "pull": 1}',
    '{"stream": 7, "pull": true, "done": true}',
    '{"stream": 7, "text": null}',
    '{"stream": 7, "Text": "a"}',
    '{"stream": "7", "text": "a"}',
    '{"text": "a"}',
    '{"stream": 7, "line": "a"}',
    '{"stream": 7, "line": "YQ"}',
    '{"stream": 7, "line": "\\nYQ=="}',
    '{"stream": 7, "line": "Y Q=="}',
    '{"stream": 7, "message": "YQ=="}',
    '{"stream": 7, "message": {"payload": "YQ=="}}',
    '{"stream": 7, "message": {"headers": [], "payload": "YQ=="}}',
    '{"stream": 7, "message": {"headers": null, "payload": "YQ==", "more": 1}}',
    '{"stream": 7, "error": "broken"}',
    '{"stream": 7, "error": null}',
    '{"stream": 7, "error": {"type": "E"}}',
    '{"stream": 7, "error": {"type": "E", "message": 7}}',
    "[]",
    "7",
    "null",
]
KIND = {"line": "lines", "message": "messages"}


@pytest.mark.parametrize("line", GOOD)
def test_what_the_schema_allows_is_understood(line: str) -> None:
    FROM_CHILD.validate(json.loads(line))
    try:
        protocol.said(line.encode(), 7, "text")
    except RaisedError:
        assert "error" in line


@pytest.mark.parametrize("line", BAD)
def test_what_the_schema_refuses_is_refused(line: str) -> None:
    assert not FROM_CHILD.is_valid(json.loads(line))
    yields = next((name for kind, name in KIND.items() if kind in line), "text")
    with pytest.raises(ProtocolError):
        protocol.said(line.encode(), 7, yields)


def test_a_long_line_is_shown_in_part() -> None:
    with pytest.raises(ProtocolError) as raised:
        protocol.message(b"x" * 1_000_000)
    assert len(str(raised.value)) < 300


# The same decoder, in this process and in a child: nothing of the protocol may be seen in what is judged.

BUILDS = ["incremental_codec", "whole_body", "parts", "events", "lines", "messages"]
BEHIND = """
import base64, json, sys
from sliceproof.conformance.harness.drive import boto3_error
from sliceproof.conformance.decoders.sound import SOUND
from sliceproof.wire.dialects import dialect

judged = SOUND[NAME].decoder()
mode = judged.modes["sync"]
hear = lambda: json.loads(sys.stdin.readline() or sys.exit())
say = lambda told: print(json.dumps(told), flush=True)
base64ed = lambda data: base64.b64encode(data).decode()
told = {
    "text": lambda item: {"text": item},
    "lines": lambda item: {"line": base64ed(item)},
    "messages": lambda item: {"message": {"headers": item[0] and dict(item[0]), "payload": base64ed(item[1])}},
}[judged.yields]

def pulled(number):
    while True:
        say({"stream": number, "pull": True})
        answer = hear()
        if "raise" in answer:
            raise boto3_error(answer["raise"]["name"], answer["raise"]["message"], dialect("tgi-sse"))
        if "end" in answer:
            return
        chunk = base64.b64decode(answer["chunk"])
        yield {"PayloadPart": {"Bytes": chunk}} if judged.accepts == "events" else chunk

hear()
hello = {"dialects": list(judged.dialects), "accepts": judged.accepts, "yields": judged.yields}
say({"hello": {"protocol": 1, "version": judged.version(), **hello}})
while True:
    opened = hear()
    number = opened["stream"]
    try:
        for item in mode.open(opened["dialect"], opened["form"])(pulled(number)):
            say({"stream": number, **told(judged.extract(item))})
        say({"stream": number, "done": True})
    except Exception as error:
        say({"stream": number, "error": {"type": type(error).__name__, "message": str(error)}})
"""
PLAIN = Stream("tgi-sse", ["x", "é\u2028", "😀\ufeff"])
STREAMS = [
    PLAIN,
    PLAIN.but(chunk_cuts=()),
    PLAIN.but(chunk_cuts=tuple(range(1, 200))),
    PLAIN.but(part_cuts=tuple(range(1, 400, 3))),
    *[PLAIN.but(fault=Fault(kind, 2)) for kind in ("exception", "error-record", "silence", "oversized")],
    *[PLAIN.but(fault=Fault(kind, 300)) for kind in ("broken-off", "truncated", "corrupt")],
    Stream("tgi-sse", []),
    Stream("text", ["x", "y"]),
    Stream("openai-sse", ["x" * 300_000, "y"]),
]


def seen(outcome: Outcome) -> tuple[object, ...]:
    error = outcome.error and (type(outcome.error).__name__, str(outcome.error))
    return outcome.items, outcome.after, outcome.ended, error, outcome.pulls, outcome.exhausted, outcome.fed


@pytest.mark.parametrize("name", BUILDS)
def test_a_decoder_has_the_same_outcomes_in_a_child_as_here(tmp_path: Path, name: str) -> None:
    here = SOUND[name].decoder()
    target = command(tmp_path / "behind.py", BEHIND.replace("NAME", repr(name))).replace(" -S -E ", " ")
    there = decoder(target)
    assert (there.accepts, there.yields, there.dialects) == (here.accepts, here.yields, tuple(here.dialects or ()))
    for stream in STREAMS:
        assert seen(drive(there, "exec", stream)) == seen(drive(here, "sync", stream)), stream
