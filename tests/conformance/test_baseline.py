"""Known failures: four ways in which a decoder can stand to its baseline, on decoders broken on purpose."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.broken import BROKEN
from sliceproof.conformance.engine.baseline.entry import BaselineError
from sliceproof.conformance.engine.baseline.expected import Expectation, observed
from sliceproof.conformance.engine.baseline.reading import Baseline, entries, read
from sliceproof.conformance.engine.evaluation import Judging, run
from sliceproof.conformance.engine.plan import PROFILES, Plan, Task
from sliceproof.conformance.engine.result import Result
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.corpus import shipped
from sliceproof.wire.dialects import DIALECTS

Sliceproof = Callable[..., tuple[int, str, str]]

CUT = "Stream('tgi-sse', ['é'], part_cuts=[43])"
PLAIN = "Stream('tgi-sse', ['x'])"
FIELDS = {
    "decoder": "broken:decodes_parts_alone",
    "requirement": "U1",
    "dialect": "tgi-sse",
    "kind": "bug",
    "reason": "each part is decoded alone",
    "what": "loses everything",
    "case": CUT,
}


L1_CASE = "Stream('tgi-sse', ['x\\u2028y'])"


def table(**changes: str | None) -> str:
    """An entry as TOML, with fields changed, added, or left out (None)."""
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value is not None}
    return "[[known]]\n" + "".join(
        f"{name} = {value if value[:1] in ('{', '[') else repr_toml(value)}\n" for name, value in fields.items()
    )


def repr_toml(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def baseline(*tables: str) -> Baseline:
    return Baseline("known.toml", entries("\n".join(tables), shipped()))


def judged(text: str, decoder: Decoder | None = None, updating: bool = False, id_: str = "U1") -> Result:
    """U1 of a decoder in tgi-sse, with a baseline."""
    decoder = decoder or BROKEN["decodes_parts_alone"].decoder()
    judging = Judging(
        decoder, Plan([REQUIREMENTS[id_]], PROFILES["ci"], examples=5), (), Expectation(baseline(text), updating)
    )
    return judging.evaluate(Task(REQUIREMENTS[id_], DIALECTS["tgi-sse"]))


def called(decoder: Decoder, version: str = "") -> Decoder:
    """The decoder under the name of the entry, with a version."""
    return replace(decoder, name=FIELDS["decoder"], version=lambda: version)


SOUND = called(DECODERS["reference"].load())
REPLACING = called(BROKEN["replaces_halves_of_characters"].decoder())


class TestAKnownFailure:
    def test_is_confirmed_on_its_case_alone(self) -> None:
        result = judged(table())
        assert (result.verdict, result.standing, result.streams) == ("fail", "known", 1)
        assert result.reason == "bug: each part is decoded alone"
        assert result.finding is not None
        assert repr(result.finding.stream) == CUT

    def test_that_passes_is_stale(self) -> None:
        result = judged(table(), SOUND)
        assert (result.verdict, result.standing) == ("pass", "stale")
        assert result.reason == "entry 1 of known.toml can go: its case passes"

    def test_that_fails_another_way_is_changed(self) -> None:
        result = judged(table(), REPLACING)
        assert (result.verdict, result.standing) == ("fail", "changed")
        assert result.reason.startswith("entry 1 of known.toml says that it loses everything (sync); now it ")

    def test_of_what_does_not_apply_is_stale(self) -> None:
        decoder = replace(BROKEN["decodes_parts_alone"].decoder(), dialects=("text",))
        result = judged(table(), decoder)
        assert (result.verdict, result.standing) == ("n/a", "stale")
        assert "does not claim tgi-sse" in result.reason

    def test_elsewhere_is_none_here(self) -> None:
        result = judged(table(requirement="U2", what="alters text"))
        assert (result.verdict, result.standing) == ("fail", "")

    def test_may_name_a_filed_case(self) -> None:
        filed = next(case for case in shipped() if (case.requirement, case.stream.dialect) == ("U1", "tgi-sse"))
        for told in (filed.id, filed.name):
            assert judged(table(case=told)).finding is not None

    def test_is_judged_in_full_when_it_does_not_hold_and_the_file_is_to_be_written(self) -> None:
        result = judged(table(case=PLAIN), updating=True)
        assert (result.verdict, result.standing) == ("fail", "stale")
        assert observed(result, baseline(table(case=PLAIN))).case != PLAIN

    @pytest.mark.parametrize(
        ("name", "what", "standing"),
        [
            ("litellm-like", '{sync = "loses everything", async = "raises on a sound stream (ValueError)"}', "known"),
            ("another error", '{sync = "loses everything", async = "raises on a sound stream (OSError)"}', "changed"),
            ("by slug", '{sync = "loses-everything", async = "raises (ValueError)"}', "known"),
            ("another slug", '{sync = "loses-text", async = "raises (ValueError)"}', "changed"),
            ("one mode more", "loses everything", "changed"),
            ("one mode less", '{sync = "loses everything"}', "changed"),
        ],
    )
    def test_is_told_for_each_mode(self, name: str, what: str, standing: str) -> None:
        assert judged(table(what=what), two_ways()).standing == standing

    def test_of_modes_that_are_compared_has_one_way(self) -> None:
        result = judged(table(requirement="X2", what="gives one thing sync and another async"), two_ways(), id_="X2")
        assert result.standing == "known"


def two_ways() -> Decoder:
    """Sync it loses what is cut; async it raises."""
    broken = BROKEN["decodes_parts_alone"].decoder()
    sync = broken.modes["sync"]

    def raising(dialect: str, form: str) -> object:
        async def decode(chunks: object) -> object:
            async for _ in chunks:  # type: ignore[attr-defined]
                raise ValueError("half a character")
            yield ""

        return decode

    return replace(broken, modes={"sync": sync, "async": replace(sync, open=raising, is_async=True)})


class TestWhere:
    @pytest.mark.parametrize(
        ("versions", "when", "version", "applies"),
        [
            ("", "", "1.5", True),
            (">=1,<2", "", "1.5", True),
            (">=1,<2", "", "2.0", False),
            (">=1,<2", "", "1.5rc1", True),
            ("==1.5", "", "1.5", True),
            ("", 'python_version >= "3"', "", True),
            ("", 'python_version < "3"', "", False),
            ("==1.5", 'sys_platform == "nothing"', "1.5", False),
        ],
    )
    def test_an_entry_applies(self, versions: str, when: str, version: str, applies: bool) -> None:
        told = baseline(table(versions=versions, when=when))
        decoder = called(BROKEN["decodes_parts_alone"].decoder(), version)
        assert (told.of(decoder, "U1", "tgi-sse") is not None) == applies

    def test_of_two_entries_at_once_is_a_mistake(self) -> None:
        told = baseline(table(), table(versions=">=1"))
        with pytest.raises(BaselineError, match=r"entry 1 \(.*\) and entry 2 both apply"):
            told.of(called(SOUND, "1.5"), "U1", "tgi-sse")

    @pytest.mark.parametrize(
        ("version", "told"), [("", "tells no version"), ("new", "'new', which PEP 440 does not know")]
    )
    def test_versions_that_cannot_be_compared_are_a_mistake(self, version: str, told: str) -> None:
        with pytest.raises(BaselineError, match=told):
            baseline(table(versions=">=1")).of(called(SOUND, version), "U1", "tgi-sse")

    def test_a_decoder_that_is_almost_there_is_a_mistake(self) -> None:
        with pytest.raises(
            BaselineError, match=r"known\.toml: entry 1: decoder: .* did you mean broken:decodes_part_alone\?"
        ):
            baseline(table()).misspelt(["broken:decodes_part_alone"])
        baseline(table()).misspelt(["litellm", "myapp:decode"])


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("[[known]", "it is no TOML: "),
        ("known = 3", "'known' must be tables"),
        ("[[unknown]]", "'unknown' is not understood"),
        (table(reason=None), "entry 1: reason: is missing"),
        (table(what=None), "entry 1: what: is missing: how it fails"),
        (table() + table(case=None), "entry 2: case: is missing"),
        (table(colour="red"), "entry 1: colour: there is no such field; there are decoder, "),
        (table(kind="feature"), "entry 1: kind: 'feature' is none of bug, by-design, platform"),
        (table(dialect="tgi"), "entry 1: dialect: there is no 'tgi'"),
        (table(requirement="U77"), "entry 1: requirement: unknown requirement 'U77'"),
        (table(requirement="u1"), "entry 1: requirement: write U1, not 'u1'"),
        (table(versions="new"), "entry 1: versions: 'new' is no PEP 440 specifier"),
        (table(when="on Tuesdays"), "entry 1: when: 'on Tuesdays' is no PEP 508 marker"),
        (table(case="Stream('tgi-sse'"), "entry 1: case: the stream cannot be read"),
        (table(case="U1-000000000000"), "entry 1: case: 'U1-000000000000' is neither a Stream"),
        (table(case="Stream('text', ['x'])"), "entry 1: case: its stream is text, but the entry's dialect is tgi-sse"),
        (table(reason="[1]"), "entry 1: reason: must be text, not [1]"),
        (table(what="{sync = 1}"), "entry 1: what: must be text"),
    ],
)
def test_a_malformed_file_is_one_error_with_file_entry_and_field(tmp_path: Path, told: str, message: str) -> None:
    path = tmp_path / "known.toml"
    path.write_text(told, "utf-8")
    with pytest.raises(BaselineError) as error:
        read(path, "known.toml")
    assert str(error.value).startswith(f"known.toml: {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.write_bytes(b"\xff"), lambda path: None])
def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "known.toml"
    make(path)
    with pytest.raises(BaselineError, match=r"known\.toml: (it cannot be read|there is no such file)"):
        read(path)


class TestTheCommandLine:
    QUICK = (
        "--dialect",
        "tgi-sse",
        "--requirement",
        "U1",
        "--requirement",
        "L1",
        "--examples",
        "3",
        "--baseline",
        "known.toml",
    )

    @pytest.mark.parametrize(
        ("target", "told", "code", "shown"),
        [
            ("broken:decodes_parts_alone", table(), 0, "1 known failure confirmed"),
            ("broken:decodes_parts_alone", "", 1, "FAIL  U1"),
            (
                "broken:decodes_parts_alone",
                table(what="alters text"),
                1,
                "changed U1 in tgi-sse: entry 1 of known.toml",
            ),
            ("reference", table(decoder="reference"), 1, "stale   U1 in tgi-sse: entry 1 of known.toml can go"),
            (
                "reference",
                table(decoder="reference", requirement="S1-whole", dialect="text", case="Stream('text', ['x'])"),
                0,
                "",
            ),
            ("reference", table(decoder="referenze"), 2, "known.toml: entry 1: decoder: there is no 'referenze'"),
            ("reference", table(kind="odd"), 2, "known.toml: entry 1: kind: 'odd' is none of"),
        ],
    )
    def test_exits_by_what_differs(
        self, sliceproof: Sliceproof, tmp_path: Path, target: str, told: str, code: int, shown: str
    ) -> None:
        (tmp_path / "known.toml").write_text(told, "utf-8")
        ended, out, err = sliceproof("check", target, *self.QUICK)
        assert (ended, shown in out + err) == (code, True), out + err

    @pytest.mark.parametrize(
        ("target", "told", "shown"),
        [
            ("reference", table(decoder="reference"), "1 stale"),
            ("broken:decodes_parts_alone", table(what="alters text"), "1 changed"),
            (
                "broken:decodes_parts_alone",
                f"{table(what='alters text')}\n{table(requirement='L1', case=L1_CASE)}",
                "1 stale, 1 changed",
            ),
        ],
    )
    def test_ends_with_why_it_fails_and_what_to_do(
        self, sliceproof: Sliceproof, tmp_path: Path, target: str, told: str, shown: str
    ) -> None:
        (tmp_path / "known.toml").write_text(told, "utf-8")
        ended, out, _ = sliceproof("check", target, *self.QUICK)
        last = f"not what the baseline expects: {shown}; --update-baseline brings it up to date"
        assert (ended, out.strip().splitlines()[-1]) == (1, last)
        assert "holds what was asked" not in out
        ended, out, _ = sliceproof("check", target, *self.QUICK, "--update-baseline")
        assert (ended, "not what the baseline expects" in out) == (0, False)

    def test_writes_what_fails_and_is_then_content(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        command = ("check", "broken:decodes_parts_alone", *self.QUICK)
        assert sliceproof(*command)[0] == 2, "there is no file yet"
        code, out, _ = sliceproof(*command, "--update-baseline")
        assert (code, "known.toml: 1 added, 0 removed, 0 altered" in out) == (0, True)
        written = (tmp_path / "known.toml").read_text("utf-8")
        assert sliceproof(*command)[0] == 0
        assert "0 added, 0 removed, 0 altered" in sliceproof(*command, "--update-baseline")[1]
        assert (tmp_path / "known.toml").read_text("utf-8") == written

    def test_tells_a_report_how_it_stands(self, sliceproof: Sliceproof, tmp_path: Path) -> None:
        (tmp_path / "known.toml").write_text(table(), "utf-8")
        _, out, _ = sliceproof("check", "broken:decodes_parts_alone", *self.QUICK, "--json", "-")
        assert out.count('"standing": "known"') == 1

    def test_counts_an_entry_of_a_dialect_that_is_not_claimed_as_stale(
        self, sliceproof: Sliceproof, tmp_path: Path
    ) -> None:
        told = table(dialect="text", case="Stream('text', ['x'])", what="loses text")
        (tmp_path / "known.toml").write_text(told, "utf-8")
        chosen = (
            "check",
            "broken:decodes_parts_alone",
            "--requirement",
            "U1",
            "--examples",
            "1",
            "--baseline",
            "known.toml",
        )
        code, out, _ = sliceproof(*chosen)
        assert (code, "stale   U1 in text: entry 1 of known.toml can go" in out) == (1, True)

    def test_wants_a_file_to_write(self, sliceproof: Sliceproof) -> None:
        code, _, err = sliceproof("check", "reference", "--update-baseline")
        assert (code, "--update-baseline needs --baseline FILE" in err) == (2, True)


def test_what_is_observed_is_the_same_when_it_is_read_again() -> None:
    """An entry that was written of a result confirms that result."""
    for name in ("decodes_parts_alone", "swallows_exception_messages", "one_behind", "async_drops_what_fails"):
        broken = BROKEN[name]
        plan = Plan([REQUIREMENTS[id_] for id_ in broken.breaks], PROFILES["ci"], examples=3)
        for result in run(broken.decoder(), plan, [broken.dialect]):
            seen = observed(result, baseline())
            told = {
                "requirement": seen.requirement,
                "dialect": seen.dialect,
                "decoder": seen.decoder,
                "case": seen.case,
            }
            what = seen.what if isinstance(seen.what, str) else str(dict(seen.what)).replace(": ", " = ")
            judging = Judging(result.decoder, plan, (), Expectation(baseline(table(**told, what=what))))
            assert judging.evaluate(Task(result.requirement, DIALECTS[result.dialect])).standing == "known"


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("known = " + "[" * 100_000, "nested too deeply"),
        ("known = " + "9" * 100_000, "it is no TOML"),
        ("known" + ".a" * 100_000 + " = 1", "more than 8 dots"),
        ("[" + "a." * 100_000 + "a]", "more than 8 dots"),
    ],
)
def test_a_hostile_file_is_one_line(text: str, told: str) -> None:
    with pytest.raises(BaselineError, match=told):
        entries(text)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs")
def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in (tmp_path / "fifo", Path("/dev/zero")):
        with pytest.raises(BaselineError, match="no regular file"):
            read(name)
