"""Loading trusts nothing: each way in which a file can be bad is one line that names file and field."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sliceproof.corpus import Case, CaseError, Found, layout, load, load_folder, save
from sliceproof.corpus.form import CaseForm, DeltaForm, FaultForm, StyleForm, schema
from sliceproof.corpus.reading import LARGEST
from sliceproof.wire.dialects import DIALECTS, Delta, Style
from sliceproof.wire.faults import Fault
from sliceproof.wire.stream import Stream

GOOD = Case(
    "U1",
    "code point cut",
    Stream("tgi-sse", ("é", "x"), part_cuts=(43, 130), unknown=(1,)),
    (Found("own", "1.0", "2026-01-02", "https://example.org/1", "sync"),),
)
TOLD = json.loads(layout.text(GOOD))

Change = Callable[[dict[str, Any]], Any]


def put(name: str, value: Any) -> Change:
    """Set a field, `a.b` inside another."""

    def change(told: dict[str, Any]) -> None:
        *outer, last = name.split(".")
        for step in outer:
            told = told[int(step)] if isinstance(told, list) else told[step]
        told[last] = value

    return change


def drop(name: str) -> Change:
    return lambda told: told.pop(name)


def other(name: str) -> str:
    """Valid base64 of the same length as a field's, but of other bytes."""
    return base64.b64encode(bytes([base64.b64decode(TOLD[name])[0] ^ 1]) + base64.b64decode(TOLD[name])[1:]).decode()


BAD_FORM: list[tuple[str, Change, str]] = [
    ("format", put("format", "1"), "it is missing or no number"),
    ("format", put("format", True), "Expected `int`, got `bool`"),
    ("format", put("format", 0), "Expected `int` >= 1"),
    ("format", drop("format"), "it is missing or no number, so this is no case"),
    ("format", put("format", 2), "written by a newer sliceproof (2; this one reads 1): upgrade it"),
    *((name, drop(name), "it is missing") for name in TOLD if name != "format"),
    ("colour", put("colour", "red"), "there is no such field"),
    ("style.colour", put("style.colour", "red"), "there is no such field"),
    ("id", put("id", "xyz"), "matching regex"),
    ("id", put("id", TOLD["id"] + "\n"), "matching regex"),
    ("requirement", put("requirement", "../U1"), "matching regex"),
    ("requirement", put("requirement", ""), "matching regex"),
    ("title", put("title", "two\nlines"), "matching regex"),
    ("title", put("title", ""), "length >= 1"),
    ("dialect", put("dialect", 7), "Expected `str`, got `int`"),
    ("tokens", put("tokens", "x"), "Expected `array`, got `str`"),
    ("tokens[1]", put("tokens", ["é", 7]), "Expected `str | object`, got `int`"),
    ("tokens[0].times", put("tokens", [{"text": "x"}]), "it is missing"),
    ("tokens[0].times", put("tokens", [{"text": "x", "times": 0}]), "Expected `int` >= 1"),
    ("tokens", put("tokens", ["x"] * 100_001), "length <= 100000"),
    ("style.newline", put("style.newline", "\v"), "Invalid enum value"),
    ("style.tail", put("style.tail", "half"), "Invalid enum value 'half'"),
    ("style.bom", put("style.bom", 1), "Expected `bool`, got `int`"),
    ("style.asides[0]", put("style.asides", [[0]]), "Expected `array` of length 2"),
    ("style.asides", put("style.asides", [[0, "comment"]] * 10_001), "length <= 10000"),
    ("unknown[0]", put("unknown", [-1]), "Expected `int` >= 0"),
    ("fault.at", put("fault", {"kind": "silence"}), "it is missing"),
    ("fault.at", put("fault", {"kind": "silence", "at": 1.5}), "Expected `int`, got `float`"),
    ("part_cuts", put("part_cuts", "43"), "Expected `array | null`, got `str`"),
    ("part_cuts[0]", put("part_cuts", ["43"]), "Expected `int`, got `str`"),
    ("chunk_cuts[0]", put("chunk_cuts", [-1]), "Expected `int` >= 0"),
    ("expected.error", put("expected", {"text": "x"}), "it is missing"),
    ("body", put("body", None), "Expected `str | array`, got `null`"),
    ("body[0].times", put("body", [{"base64": "eA=="}]), "it is missing"),
    ("found[0].date", put("found.0.date", "yesterday"), "matching regex"),
    ("found[0].thread", put("found.0.thread", "file:///etc/passwd"), "matching regex"),
    ("found[0].decoder", put("found.0.decoder", ""), "length >= 1"),
]

BAD_CONTENT: list[tuple[str, Change, str]] = [
    ("dialect", put("dialect", "tgi"), "'tgi' is unknown; there are: tgi-sse"),
    ("headers", put("headers", "odd"), "'odd' is unknown; there are: plain"),
    ("headers", put("headers", "plain+0161"), "what is beside the + is no header"),
    ("headers", put("headers", "plain+x"), "what is beside the + is no header"),
    ("fault", put("fault", {"kind": "malformed", "at": 1, "hex": "00"}), "is no malformed message"),
    ("fault.kind", put("fault", {"kind": "boredom", "at": 1}), "'boredom' is unknown; there are: exception"),
    ("fault", put("fault", {"kind": "corrupt", "at": 9999}), "the wire cannot be made: IndexError"),
    ("style", put("style.form", "odd"), "the body cannot be made: UnknownDialectError: tgi-sse has no form 'odd'"),
    ("style", put("style.asides", [[0, "odd"]]), "the body cannot be made"),
    ("tokens", put("tokens", ["\ud800"]), "half a surrogate pair"),
    ("tokens", put("tokens", [{"text": "x", "times": 10**12}]), "the repetitions come to 1,000,000,000,000"),
    ("body", put("body", [{"base64": "eA==", "times": 10**12}]), "the repetitions come to 1,000,000,000,000"),
    ("expected.text", put("expected.text", {"text": "x", "times": 10**12}), "the repetitions come to"),
    ("body", put("body", "eA"), "it is no base64: Incorrect padding"),
    ("wire", put("wire", "e A=="), "it is no base64"),
    ("wire", put("wire", "eB=="), "it is no base64: the last character holds bits that no byte has"),
    ("body", put("body", other("body")), "the bytes are not those that dialect, tokens, style and fault give"),
    ("wire", put("wire", other("wire")), "the bytes are not those that body, part_cuts, headers, unknown and fault"),
    ("body", put("tokens", ["é", "y"]), "the bytes are not those"),
    ("body", put("style", {"space": False}), "the bytes are not those"),
    ("wire", put("headers", "reversed"), "the bytes are not those"),
    ("wire", put("unknown", []), "the bytes are not those"),
    ("wire", put("part_cuts", [43]), "the bytes are not those"),
    ("wire", put("fault", {"kind": "corrupt", "at": 9}), "the bytes are not those"),
    ("part_cuts[1]", put("part_cuts", [130, 43]), "43 comes after 130; offsets ascend"),
    ("part_cuts", put("part_cuts", [43, 9999]), "9999 is past the end, which is"),
    ("wire", put("part_cuts", None), "the bytes are not those"),
    ("chunk_cuts", put("chunk_cuts", [9999]), "9999 is past the end, which is"),
    ("chunk_cuts[1]", put("chunk_cuts", [7, 3]), "3 comes after 7; offsets ascend"),
    ("chunk_cuts", put("chunk_cuts", None), "null stands for no chunk at all"),
    ("unknown", put("unknown", [99]), "99 is past the end, which is 3"),
    ("unknown[1]", put("unknown", [1, 0]), "0 comes after 1; offsets ascend"),
    ("expected.text", put("expected.text", "e"), "it is not what a sound decoder makes of this stream"),
    ("expected.error", put("expected.error", {"kind": "silence", "what": ""}), "it is not what a sound decoder makes"),
    ("id", put("id", "0" * 12), f"000000000000 is not the hash of this case, which is {GOOD.id}"),
    ("id", put("requirement", "U2"), f"{GOOD.id} is not the hash of this case"),
    ("id", put("chunk_cuts", [7]), f"{GOOD.id} is not the hash of this case"),
]


def refusal(path: Path) -> str:
    """What loading the file says, which is one line that begins with its name."""
    with pytest.raises(CaseError) as refused:
        load(path)
    told = str(refused.value)
    assert told.startswith(str(path))
    assert "\n" not in told
    assert len(told) < 600
    return told.removeprefix(str(path))


def changed(change: Change) -> Any:
    data = json.loads(json.dumps(TOLD))
    change(data)
    return data


def spelt(value: object) -> str:
    """The id of a parameter, the same in every process."""
    return "changed" if callable(value) else str(value)[:50]


@pytest.mark.parametrize(("field", "change", "told"), BAD_FORM + BAD_CONTENT, ids=spelt)
def test_a_bad_field_is_named(tmp_path: Path, field: str, change: Change, told: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(changed(change)))
    said = refusal(path)
    assert said.startswith(f": {field}: ")
    assert told in said


def test_null_in_the_place_of_cuts_is_refused_where_there_is_a_part(tmp_path: Path) -> None:
    plain = json.loads(layout.text(Case("U1", "plain", Stream("tgi-sse", ("x",)))))
    for field in ("part_cuts", "chunk_cuts"):
        path = tmp_path / f"{field}.json"
        path.write_text(json.dumps(plain | {field: None}))
        assert refusal(path).startswith(f": {field}: null stands for no ")


BAD_TEXT = [
    (b"", " is no JSON: Expecting value"),
    (b"\xff{}", " is not UTF-8 at byte 0"),
    (b'{"format": 1, "title": "\xc3"}', " is not UTF-8 at byte 24"),
    (b"\xef\xbb\xbf{}", " is no JSON: Unexpected UTF-8 BOM"),
    (b"[1]", " is no case: a case is a JSON object"),
    (b'{"format": 1', " is no JSON: Expecting ',' delimiter"),
    (b'{"format": 1, "format": 1}', ": format: the key is there twice"),
    (b'{"format": 1, "style": {"bom": true, "bom": false}}', ": bom: the key is there twice"),
    (b'{"format": NaN}', ": NaN is no JSON"),
    (b'{"format": -Infinity}', ": -Infinity is no JSON"),
    (b'{"format": ' + b"9" * 5000 + b"}", " is no JSON: Exceeds the limit"),
    (b"[" * 200_000, " is no JSON: maximum recursion depth exceeded"),
    (b" " * (LARGEST + 1), f" has {LARGEST + 1:,} bytes; a case has {LARGEST:,} at most"),
]


@pytest.mark.parametrize(("data", "told"), BAD_TEXT, ids=lambda value: str(value[:40]))
def test_a_file_that_is_no_json_of_ours_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    assert refusal(path).startswith(told)


class TestWhatIsNoRegularFile:
    def test_is_refused_if_it_is_a_link(self, tmp_path: Path) -> None:
        save(GOOD, tmp_path)
        (tmp_path / "link.json").symlink_to(f"{GOOD.name}.json")
        assert refusal(tmp_path / "link.json") == " is a symbolic link; give the case file itself"

    def test_is_refused_if_it_is_a_folder_or_a_device(self, tmp_path: Path) -> None:
        assert refusal(tmp_path) == " is no regular file; give a case file"
        assert refusal(Path(os.devnull)) == " is no regular file; give a case file"

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
    def test_does_not_keep_the_reader_waiting_if_it_is_a_pipe(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.json")
        assert refusal(tmp_path / "pipe.json") == " is no regular file; give a case file"

    def test_is_refused_if_it_is_not_there_or_cannot_be_named(self, tmp_path: Path) -> None:
        assert refusal(tmp_path / "nowhere.json") == " cannot be read: No such file or directory"
        assert "embedded null" in refusal(tmp_path / "a\0b")


class TestAFolder:
    def test_gives_its_cases_by_id_and_nothing_else_that_lies_there(self, tmp_path: Path) -> None:
        cases = [Case("U1", "cut", Stream("text", (text,))) for text in "abcdef"]
        for case in cases:
            save(case, tmp_path)
        (tmp_path / "README.md").write_text("no case")
        (tmp_path / ".U1.json.0000.new").write_text('{"half')
        (tmp_path / ".hidden.json").write_text('{"half')
        assert load_folder(tmp_path) == tuple(sorted(cases, key=lambda case: case.id))

    def test_of_two_files_with_one_id_names_both(self, tmp_path: Path) -> None:
        path = save(GOOD, tmp_path)
        (tmp_path / "copy.json").write_bytes(path.read_bytes())
        with pytest.raises(CaseError, match=r"is the case of .* too; remove one of the two") as refused:
            load_folder(tmp_path)
        assert all(name in str(refused.value) for name in (path.name, "copy.json", "id"))

    def test_with_one_bad_file_names_it(self, tmp_path: Path) -> None:
        save(GOOD, tmp_path)
        (tmp_path / "bad.json").write_text("{}")
        with pytest.raises(CaseError, match=r"bad\.json: format: "):
            load_folder(tmp_path)

    def test_that_is_none_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CaseError, match="nowhere is no folder of cases: No such file"):
            load_folder(tmp_path / "nowhere")


BOMBS = [
    put("tokens", [{"text": "x" * 1000, "times": 2**40}]),
    put("tokens", [{"text": "x", "times": 2**22}] * 1000),
    put("wire", [{"base64": "eA==", "times": 2**62}]),
    put("expected.text", {"text": "x", "times": 2**62}),
    put("chunk_cuts", [2**80]),
    put("unknown", [2**80]),
    put("fault", {"kind": "silence", "at": 2**80}),
]

IN_LITTLE_MEMORY = """
import resource, sys
from sliceproof.corpus import CaseError, load
resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
try:
    load(sys.argv[1])
except CaseError as error:
    print("refused:", error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
@pytest.mark.parametrize("number", range(len(BOMBS)))
def test_what_would_fill_the_memory_is_refused_before_it_does(tmp_path: Path, number: int) -> None:
    path = tmp_path / "bomb.json"
    path.write_text(json.dumps(changed(BOMBS[number])))
    ran = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_MEMORY, str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.stdout.startswith("refused:"), ran.stderr[-300:]


class TestTheSchema:
    def test_is_the_one_that_is_published(self) -> None:
        published = Path(layout.__file__).with_name("case.schema.json").read_text("utf-8")
        assert json.loads(published) == schema()

    def test_is_one_itself(self) -> None:
        jsonschema.Draft202012Validator.check_schema(schema())

    def test_allows_a_good_case(self) -> None:
        jsonschema.validate(TOLD, schema())

    @pytest.mark.parametrize(("field", "change", "told"), BAD_FORM, ids=spelt)
    def test_refuses_what_loading_refuses_for_its_form(self, field: str, change: Change, told: str) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed(change), schema())

    @pytest.mark.parametrize(("form", "value"), [(StyleForm, Style), (FaultForm, Fault)])
    def test_knows_each_field_of_style_and_fault_and_its_default(self, form: Any, value: Any) -> None:
        """A field that the wire layer gains must be written down too, or a case forgets it."""
        wanted = {field.name: field.default for field in fields(value) if field.name not in ("kind", "at")}
        made = form(kind="silence", at=0) if form is FaultForm else form()
        known = {name: getattr(made, name) for name in form.__struct_fields__ if name not in ("kind", "at")}
        assert {name: tuple(one) if isinstance(one, list) else one for name, one in known.items()} == wanted

    def test_knows_each_field_of_a_delta_and_its_default(self) -> None:
        """But for the finish: how each choice of a stream ends is its server's, and a case that says it is refused."""
        wanted = {field.name: field.default for field in fields(Delta) if field.name != "finish"}
        assert {name: getattr(DeltaForm(), name) for name in DeltaForm.__struct_fields__} == wanted

    def test_has_the_fields_of_a_file_that_of_a_recorded_one_and_that_of_channels(self) -> None:
        assert sorted(CaseForm.__struct_fields__) == sorted((*TOLD, "recorded", "deltas"))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_good_case_is_loaded_as_it_was(tmp_path: Path, dialect: str) -> None:
    case = Case("MIX", "all", Stream(dialect, ("é", "x\u2028", "", "z" * 9000)), GOOD.found)
    assert load(save(case, tmp_path)) == case


def test_the_format_is_as_it_is_documented() -> None:
    """The code of docs/cases.md reads the chunks of a shipped case, and each field is told there."""
    root = Path(__file__).parents[2]
    told = (root / "docs" / "cases.md").read_text("utf-8")
    read: dict[str, Any] = {}
    code = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    exec(code[0].replace('open("', f'open("{root.as_posix()}/'), read)
    assert tuple(read["chunks"]) == load(root / "corpus" / "cases" / "U1-00127edc0acc.json").stream.chunks
    assert all(f"`{name}`" in told for name in TOLD)


def test_the_id_is_as_it_is_documented() -> None:
    told = {
        name: value for name, value in TOLD.items() if name not in ("format", "id", "title", "found", "body", "wire")
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest()[:12] == GOOD.id
