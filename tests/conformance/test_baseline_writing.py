"""A baseline brought up to date: what stays is left word for word, and the file is written whole or not at all."""

from pathlib import Path

import pytest

from sliceproof.conformance.engine.baseline.entry import BaselineError
from sliceproof.conformance.engine.baseline.reading import entries
from sliceproof.conformance.engine.baseline.writing import Changes, Observed, update, updated, widened

FILE = """\
# Ours, 2026.

# The first of them: ask Ada.
[[known]]
decoder = 'app:decode'  # the old one
requirement = "U1"
dialect = "text"
kind = "bug"
reason = "half a character"
what = "loses text"
case = "Stream('text', ['é'], part_cuts=[1])"

# About both that follow.

[[ known ]]
decoder = "app:decode"
requirement = "U3"
dialect = "text"
kind = "by-design"
reason = ""
what = "loses text"
case = "Stream('text', ['x'])"
# The last.
[[known]]
decoder = "litellm"
requirement = "U1"
dialect = "text"
versions = "==1.5"
kind = "bug"
reason = "as ever"
thread = "owner/repo#1"
what = {sync = "loses text", async = "invents text"}  # both
case = "Stream('text', ['é'], part_cuts=[1])"
"""
FIRST = Observed("app:decode", "", "text", "U1", True, 1, "Stream('text', ['é'], part_cuts=[1])", "loses text")
SECOND = Observed("app:decode", "", "text", "U3", True, 2, "Stream('text', ['x'])", "loses text")
NEW = Observed("app:decode", "", "text", "L1", True, 0, "Stream('text', [\"x'y\"])", {"sync": "alters text"})
CASE = "Stream('text', ['é'], part_cuts=[1])"


def block(start: str, stop: str = "") -> str:
    return FILE[FILE.index(start) : FILE.index(stop) if stop else len(FILE)]


class TestAFile:
    def test_in_which_nothing_changes_stays_as_it_is(self) -> None:
        assert updated(FILE, [FIRST, SECOND]) == (FILE, Changes())
        assert updated(FILE, []) == (FILE, Changes())

    def test_loses_what_is_gone_with_the_comment_right_above_it(self) -> None:
        text, changes = updated(FILE, [FIRST._replace(broken=False)])
        assert changes == Changes(removed=1)
        assert text == "# Ours, 2026.\n\n" + block("[[ known ]]")

    def test_keeps_the_comments_of_what_stays(self) -> None:
        text, _ = updated(FILE, [SECOND._replace(broken=False)])
        assert text == block("# Ours", "[[ known ]]") + block("# The last.")

    def test_gets_the_way_in_which_it_fails_now(self) -> None:
        text, changes = updated(FILE, [FIRST._replace(what={"async": "is late"}, case="Stream('text', ['y'])")])
        assert changes == Changes(altered=1)
        assert text == FILE.replace('what = "loses text"', 'what = {async = "is late"}', 1).replace(
            CASE, "Stream('text', ['y'])", 1
        )

    def test_gets_what_is_new_at_its_end(self) -> None:
        text, changes = updated(FILE, [FIRST, NEW])
        assert changes == Changes(added=1)
        assert text.startswith(FILE)
        assert entries(text)[3].case == NEW.case
        assert (entries(text)[3].kind, entries(text)[3].reason) == ("bug", "")

    @pytest.mark.parametrize(
        ("version", "what", "versions"),
        [
            ("1.7", {"sync": "loses text", "async": "invents text"}, [">=1.5,<=1.7"]),
            ("1.4", {"sync": "loses text", "async": "invents text"}, [">=1.4,<=1.5"]),
            ("1.7", "loses text", ["==1.5", "==1.7"]),
        ],
    )
    def test_widens_the_versions_of_what_fails_the_same_way_in_another(
        self, version: str, what: str, versions: list[str]
    ) -> None:
        text, _ = updated(FILE, [Observed("litellm", version, "text", "U1", True, 0, CASE, what)])
        lines = [entry for entry in entries(text) if entry.decoder == "litellm"]
        assert [entry.versions for entry in lines] == versions
        assert {(entry.reason, entry.thread) for entry in lines} == {("as ever", "owner/repo#1")}

    def test_that_was_empty_says_what_it_is(self) -> None:
        text, changes = updated("", [NEW])
        assert changes == Changes(added=1)
        assert text.startswith("# Failures of stream decoders that are known.")
        assert updated(text, [NEW._replace(entry=1)]) == (text, Changes())

    def test_of_inline_tables_is_not_rewritten(self) -> None:
        fields = 'decoder="a:b", requirement="U1", dialect="text", kind="bug", reason="", what="", case='
        with pytest.raises(BaselineError, match="a line \\[\\[known\\]\\] of its own"):
            updated(f"known = [{{{fields}{CASE!r}}}]", [NEW])

    @pytest.mark.parametrize("case", ["Stream('text', ['\\\\'])", "Stream('text', ['\"'])", "Stream('text', [\"'\"])"])
    def test_holds_any_case(self, case: str) -> None:
        assert entries(updated("", [NEW._replace(case=case)])[0])[0].case == case


@pytest.mark.parametrize(
    ("versions", "version", "wider"),
    [
        ("==1.5", "1.7", ">=1.5,<=1.7"),
        (">=1.5,<=1.7", "1.9", ">=1.5,<=1.9"),
        (">=1.5,<=1.7", "1.2", ">=1.2,<=1.7"),
        ("==1.5", "1.5.0", "==1.5"),
        ("==1.*", "2.0", ""),
        ("<2", "2.0", ""),
        ("", "2.0", ""),
        ("==1.5", "new", ""),
    ],
)
def test_versions_are_widened_where_they_are_bounds(versions: str, version: str, wider: str) -> None:
    assert widened(versions, version) == wider


class TestTheDisk:
    def test_gets_a_file_in_place_of_the_old_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "known.toml"
        path.write_bytes(FILE.replace("\n", "\r\n").encode())
        path.chmod(0o640)
        update(path, [NEW])
        told = path.read_bytes().decode()
        assert told.startswith(FILE.replace("\n", "\r\n"))
        assert told.count("\n") == told.count("\r\n")
        assert (path.stat().st_mode & 0o777, [one.name for one in tmp_path.iterdir()]) == (0o640, ["known.toml"])

    def test_keeps_a_link_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir()
        (tmp_path / "known.toml").symlink_to(tmp_path / "there" / "known.toml")
        update(tmp_path / "known.toml", [NEW])
        assert (tmp_path / "known.toml").is_symlink()
        assert len(entries((tmp_path / "there" / "known.toml").read_text("utf-8"))) == 1

    def test_keeps_the_old_file_where_it_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(BaselineError, match=r"cannot be written: .*; give a path that can be written"):
            update(tmp_path / "nowhere" / "known.toml", [NEW])

    def test_keeps_a_file_that_is_no_baseline(self, tmp_path: Path) -> None:
        (tmp_path / "known.toml").write_text("[tool]\n")
        with pytest.raises(BaselineError, match=r"known\.toml: 'tool' is not understood"):
            update(tmp_path / "known.toml", [NEW])
        assert (tmp_path / "known.toml").read_text() == "[tool]\n"
