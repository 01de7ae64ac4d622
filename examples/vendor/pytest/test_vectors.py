import base64
import importlib
import json
import os
import pathlib

import pytest

decode = importlib.import_module(os.environ.get("DECODER", "sound")).decode  # in your project: from yours import decode
VECTORS = json.loads(pathlib.Path(__file__).with_name("vectors.json").read_text("utf-8"))["vectors"]


def fed(vector, at=0):
    wire = b"".join(base64.b64decode(piece) * times for piece, times in vector["wire"])
    for length in vector["chunks"]:
        yield wire[at : at + length]
        at += length
    if (vector["error"] or {}).get("kind") == "source-error":
        raise ConnectionResetError("the source failed")


@pytest.mark.parametrize("vector", [each for each in VECTORS if each["level"] == "must"], ids=lambda each: each["id"])
def test_vector(vector):
    text, error, due = "", None, vector["error"]
    try:
        for delta in decode(fed(vector)):
            text += delta
    except Exception as raised:
        error = raised
    told = f"{vector['requirement']}: {vector['why']} Got {text[:99]!r}, {error!r}"
    assert (error is None) == (due is None), told
    assert text.startswith(vector["text"]) if due else text in (vector["text"], vector.get("or")), told
    assert due is None or due.get("says", "") in repr(error), told
