"""The roster of the matrix: what it lists is there to be judged, and a fault in it is told."""

import sys
from pathlib import Path

import pytest

from matrix import roster
from matrix.interpreters import interpreter, version_of
from matrix.roster import Package, RosterError, chosen, read
from sliceproof.conformance.decoders import DECODERS

ROOT = Path(__file__).parents[2]
PACKAGES = read()


def written(folder: Path, text: str) -> Path:
    path = folder / "matrix.toml"
    path.write_text(text, "utf-8")
    return path


class TestTheFile:
    def test_lists_each_registered_decoder_but_our_own(self) -> None:
        targets = {target for package in PACKAGES for target in package.targets}
        whole_clients = {"litellm-completion", "litellm-bedrock-client"}  # docs/endpoint.md has what it breaks
        assert DECODERS.keys() - targets - whole_clients == {"reference", "reference-deltas"}

    def test_lists_only_targets_that_there_are(self) -> None:
        for target in (target for package in PACKAGES for target in (*package.targets, *package.framing)):
            if target.startswith("exec:node "):
                assert (ROOT / target.removeprefix("exec:node ")).is_file(), target
            else:
                assert target in DECODERS or target == "sliceproof", target

    @pytest.mark.parametrize("name", ["litellm", "strands-agents", "sagemaker-core"])
    def test_has_two_versions_of_what_was_mended_in_between(self, name: str) -> None:
        assert max(len(package.versions) for package in PACKAGES if package.name == name) >= 2

    def test_names_evidence_that_there_is(self) -> None:
        assert all((ROOT / path).exists() for package in PACKAGES for path in package.evidence)

    def test_pins_what_the_verdicts_depend_on(self) -> None:
        asked = [requirement for package in PACKAGES for requirement in package.requirements(package.versions[0])]
        assert all("==" in package for package in asked if package not in ("boto3", "openai", "aiobotocore"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[package]]\nname = 'a'\nversions = ['1']", "missing required field `targets`"),
        ("[[package]]\nname = 'a'\nversions = []\ntargets = ['x']", "length >= 1"),
        ("[[package]]\nname = 'a'\nversions = ['>=1']\ntargets = ['x']", "matching regex"),
        ("[[package]]\nname = 'a'\nversions = ['1', '1']\ntargets = ['x']", "a 1 is there twice"),
        ("[[package]]\nname = 'a'\nversions = ['1']\ntargets = ['x']\nours = ['y']", "y is none of its targets"),
        ("[[package]]\nname = 'a'\nversions = ['1']\ntargets = ['x']\nfarming = ['x']", "unknown field `farming`"),
        ("[[package]]\nname = 'a'\nversions = ['1']\ntargets = ['x']\nthreads = {U1 = 'a#1'}", "matching regex"),
        ("[[package]\n", "matrix.toml: "),
    ],
)
def test_a_fault_in_it_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(RosterError) as error:
        read(written(tmp_path, text))
    assert told in str(error.value)


class TestChoosing:
    two = Package(name="a", versions=["1", "2"], targets=["x"])
    one = Package(name="b", versions=["3"], targets=["y"], extra="z", beside=["c==4"])

    def test_nothing_is_everything(self) -> None:
        assert [version for _, version in chosen([self.two, self.one], [])] == ["1", "2", "3"]

    def test_a_name_is_all_its_versions_and_a_version_is_one(self) -> None:
        assert [version for _, version in chosen([self.two, self.one], ["a"])] == ["1", "2"]
        assert [version for _, version in chosen([self.two, self.one], ["a==2", "b"])] == ["2", "3"]

    def test_of_what_is_not_listed_is_an_error_that_says_what_is(self) -> None:
        with pytest.raises(RosterError, match=r"'c' is no package of matrix.toml; there are: a, b"):
            chosen([self.two, self.one], ["c"])

    def test_what_pip_is_asked_for_is_pinned(self) -> None:
        assert self.one.requirements("3") == ["b[z]==3", "c==4"]
        assert Package(name="a", versions=["1"], targets=["x"], npm=True).requirements("1") == []


class TestAnInterpreter:
    def test_is_one_that_starts_and_is_new_enough(self) -> None:
        command, version = interpreter("3.11")
        assert version_of(command) == version
        assert version.startswith("3.")

    def test_that_a_person_named_is_taken(self) -> None:
        assert interpreter("3.11", [sys.executable])[0]

    def test_that_there_is_not_is_none(self) -> None:
        assert interpreter("3.99") == ("", "")

    def test_that_cannot_be_started_has_no_version(self, tmp_path: Path) -> None:
        shim = tmp_path / "python3.12"
        shim.write_text("#!/bin/sh\nexit 127\n")
        shim.chmod(0o755)
        assert version_of(str(shim)) == ""
        assert version_of(str(tmp_path / "none")) == ""


def test_the_roster_stands_beside_the_package() -> None:
    assert roster.ROSTER.is_file()
