import base64
import json
import pathlib
from contextlib import nullcontext

import pytest
from sound import decode  # your decoder: of an iterable of bytes an iterable of text

FILE = json.loads(pathlib.Path(__file__).with_name("vectors.json").read_text("utf-8"))
ASKED = [vector for vector in FILE["vectors"] if vector["level"] == "must"]  # without the if, each SHOULD too


def body(vector):
    yield from map(base64.b64decode, vector["chunks"])
    if vector["error"] == "source-error":
        raise ConnectionResetError("the connection broke")


@pytest.mark.parametrize("vector", ASKED, ids=lambda vector: f"{vector['id']}: {vector['why']}")
def test_vector(vector):
    text, at, due = "", 0, vector["text"]
    with pytest.raises(Exception, match=vector.get("says")) if vector["error"] else nullcontext():
        for delta in decode(body(vector)):
            text += delta
    while text[at : at + 1] == due[at : at + 1] != "":
        at += 1
    told = f"at {at} comes {text[at : at + 40]!r}, where {due[at : at + 40]!r} is due"
    assert at == len(due) if vector["error"] else text in (due, vector.get("or")), told
