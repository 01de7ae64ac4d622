"""A stream in a command line: a person can read it, and bash and sh give it on as it was."""

import shutil
import subprocess

import pytest

from sliceproof.conformance.engine.case_argument import parse
from sliceproof.conformance.engine.shell import quoted_call
from sliceproof.wire.dialects import Delta
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

HARD = (
    '{"a": 1}',
    "it's",
    "it's \"both\" and \\ and \\' and \\\" and \\\\'",
    "$HOME `id` $(id) !! !x",
    "\n\t\r\x00\x1b\\n\\",
    "é Ω \u2028 😀",
    "'",
    '"',
    "\\",
    "'\"",
    "b'x'",
    "', '",
)
STREAMS = [
    *[Stream("text", (token, "it's", '"'), part_cuts=(0,)) for token in HARD],
    *[Stream("bedrock-converse", ["x", Delta(token, "tool-call", name="it's")]) for token in HARD],
    Stream("text", ("'",), fault=Fault("exception", 1, "x", '"$`'), unknown=(0,)),
]
SHELLS = [shell for shell in ("sh", "bash", "dash", "zsh") if shutil.which(shell)]


@pytest.mark.parametrize("stream", STREAMS, ids=ascii)
def test_no_quote_is_ended_and_begun_again_in_the_middle(stream: Stream) -> None:
    word = quoted_call(repr(stream))

    assert word[1:-1].count(word[0]) == 0
    assert parse(word[1:-1]) == stream


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("stream", STREAMS, ids=ascii)
def test_a_shell_gives_on_the_same_stream(shell: str, stream: Stream) -> None:
    line = f"printf %s {quoted_call(repr(stream))}".encode("utf-8", "surrogateescape")
    ran = subprocess.run([shell, "-c", line], capture_output=True, check=True)

    assert parse(ran.stdout.decode("utf-8")) == stream


@pytest.mark.skipif("bash" not in SHELLS, reason="bash is not installed")
@pytest.mark.parametrize("stream", STREAMS, ids=ascii)
def test_bash_gives_it_on_where_a_person_types(stream: Stream) -> None:
    line = f"set -H; printf %s {quoted_call(repr(stream))}\n"  # with the history, whose sign is !
    ran = subprocess.run(["bash", "--norc", "-i"], input=line.encode(), capture_output=True, check=True)

    _, begun, rest = ran.stdout.decode("utf-8").partition("Stream(")
    assert parse(begun + rest) == stream


def test_what_a_model_says_in_json_stays_readable() -> None:
    stream = Stream("bedrock-converse", ["x", Delta('{"a": 1}', "tool-call")])

    assert quoted_call(repr(stream)).startswith(r"""'Stream("bedrock-converse", ["x", Delta("{\"a\": 1}", """)
    assert quoted_call(repr(Stream("text", ("x",)))) == """"Stream('text', ['x'])\""""
