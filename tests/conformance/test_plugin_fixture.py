"""The fixture `sliceproof`: one test function becomes a test for each dialect and requirement."""

from collections.abc import Callable

import pytest

from sliceproof.conformance.plugin import fixture  # noqa: F401 - kept, as runs in this process import it

Run = Callable[..., pytest.RunResult]

SYNC = """
    import pytest
    from app import halves, sound, whole

    @pytest.mark.sliceproof(dialects=["text"], requirements="U1 W1", accepts="parts", examples=2)
    def test_whole(sliceproof):
        sliceproof.check(whole)

    @pytest.mark.sliceproof(dialects=["text"], requirements="U1 W1", accepts="parts", examples=2)
    class TestHalves:
        def test_halves(self, sliceproof):
            sliceproof.check(halves)
"""
BOTH = """
    import pytest
    from app import asound, sound

    @pytest.mark.sliceproof(dialects=["text"], requirements=["F1", "X2"], examples=2)
    def test_both(sliceproof):
        sliceproof.check(sound, asound)

    @pytest.mark.sliceproof(dialects=["text"], requirements=["F1", "X2"], examples=2)
    def test_async(sliceproof):
        sliceproof.check(asound)

    @pytest.mark.sliceproof(dialects=["text"], requirements="F1", examples=2)
    def test_closure(sliceproof):
        sliceproof.check(lambda chunks: sound(chunks), name="mine")

    @pytest.mark.sliceproof(dialects=["tgi-sse"], requirements="U1", examples=2)
    def test_registered(sliceproof):
        sliceproof.check("broken:decodes_parts_alone")
"""


class TestAFunction:
    def test_becomes_an_item_for_each_dialect_and_requirement(self, project: Run) -> None:
        result = project("--collect-only", "-q", "--strict-markers", test_own=SYNC)
        assert [line for line in result.outlines if "::" in line] == [
            f"test_own.py::{name}[text-{id_}]"
            for name in ("test_whole", "TestHalves::test_halves")
            for id_ in ("U1-code-point-cut-between-parts", "W1-as-soon-as-it-is-complete")
        ]

    def test_fails_with_the_finding_and_no_traceback(self, project: Run) -> None:
        result = project(test_own=SYNC)
        result.assert_outcomes(passed=3, failed=1)
        result.stdout.fnmatch_lines(
            ["U1 code point cut between parts: app:halves in text replaces bytes*", "*sliceproof replay * app:halves *"]
        )
        result.stdout.no_fnmatch_line("*sliceproof.check(halves)*")

    def test_may_be_for_sync_and_async_at_once(self, project: Run) -> None:
        result = project("-rs", test_own=BOTH)
        result.assert_outcomes(passed=4, failed=1, skipped=1)
        result.stdout.fnmatch_lines(["*broken:decodes_parts_alone in tgi-sse*", "SKIPPED *test_own.py*"])

    @pytest.mark.parametrize(
        ("choice", "count"), [(("-k", "U1"), 2), (("-m", "sliceproof_should"), 2), (("-k", "TestHalves and W1"), 1)]
    )
    def test_is_selected_like_any_other(self, project: Run, choice: tuple[str, ...], count: int) -> None:
        result = project("--collect-only", "-q", *choice, test_own=SYNC)
        assert len([line for line in result.outlines if "::" in line]) == count

    def test_takes_from_the_ini_file_what_its_marker_does_not_say(self, project: Run) -> None:
        ini = "    sliceproof_dialects = text djl-json\n    sliceproof_requirements = F1"
        own = "from app import sound\ndef test_own(sliceproof): sliceproof.check(sound)"
        result = project("--collect-only", "-q", ini=ini, test_own=own)
        assert len([line for line in result.outlines if "::" in line]) == 2

    def test_can_have_fixtures_of_its_own(self, project: Run) -> None:
        own = """
            import pytest
            from app import sound

            @pytest.fixture
            def decode(): return sound

            @pytest.mark.sliceproof(dialects=["text"], requirements="F1")
            @pytest.mark.parametrize("twice", [1, 2])
            def test_own(sliceproof, decode, twice): sliceproof.check(decode)
        """
        project(test_own=own).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "body", "told"),
    [
        ('dialects=["tgi"]', "sliceproof.check(sound)", "unknown dialect 'tgi'*"),
        ('requirements="U99", dialects=["text"]', "sliceproof.check(sound)", "unknown requirement 'U99'*"),
        ("", "sliceproof.check(sound)", "say in which dialects: *"),
        ('dialect="text"', "sliceproof.check(sound)", "*@pytest.mark.sliceproof takes dialects, *; not dialect"),
        ('"text"', "sliceproof.check(sound)", "*@pytest.mark.sliceproof takes dialects, *; not 'text'"),
        ('dialects="text", requirements="F1"', "sliceproof.check(17)", "*is a int, not a callable*"),
        ('dialects="text", requirements="F1"', "sliceproof.check()", "check takes one decoder, or one that is sync *"),
        ('dialects="text", requirements="F1"', "sliceproof.check(sound, halves)", "check takes one decoder, or *"),
        ('dialects="text", requirements="F1"', "sliceproof.check(list)", "list yielded *"),
        ('dialects="text", requirements="F1"', "sliceproof.check('nobody')", "'nobody' names no decoder*"),
    ],
)
def test_a_mistake_is_one_clear_line(project: Run, marker: str, body: str, told: str) -> None:
    own = f"""
        import pytest
        from app import halves, sound

        @pytest.mark.sliceproof({marker})
        def test_own(sliceproof):
            {body}
    """
    result = project("--tb=short", test_own=own)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"*{told}"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_marker_without_the_fixture_is_a_mistake(project: Run) -> None:
    own = "import pytest\n@pytest.mark.sliceproof(dialects=['text'])\ndef test_own(): pass"
    result = project(test_own=own)
    result.stdout.fnmatch_lines(["*test_own.py::test_own is marked sliceproof but does not take the fixture*"])
    result.assert_outcomes(failed=1)


def test_a_mistake_in_one_test_leaves_the_others_alone(project: Run) -> None:
    own = """
        import pytest
        @pytest.mark.sliceproof(dialekts=["text"])
        def test_wrong(sliceproof): pass
        def test_other(): pass
    """
    project(test_own=own).assert_outcomes(failed=1, passed=1)


def test_a_test_that_asks_nothing_fails(project: Run) -> None:
    own = """
        import pytest
        @pytest.mark.sliceproof(dialects=["text"], requirements="F1")
        def test_own(sliceproof): pass
    """
    result = project(test_own=own)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*takes `sliceproof` and asks nothing: call sliceproof.check(decode) in it*"])


def test_a_decoder_that_skips_is_no_skipped_test(project: Run) -> None:
    own = """
        import pytest
        def decode(chunks):
            pytest.skip("not today")
            yield ""
        @pytest.mark.sliceproof(dialects=["text"], requirements="F1")
        def test_own(sliceproof): sliceproof.check(decode)
    """
    project(test_own=own).assert_outcomes(failed=1)
