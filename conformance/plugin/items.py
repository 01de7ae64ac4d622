"""Items without a file: decoder, dialect and requirement under one root, `sliceproof`.

sliceproof::litellm::tgi-sse::U1-code-point-cut-between-parts
"""

import re
import traceback
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest

from sliceproof import __version__
from sliceproof.conformance.engine.dialects import dialects_read
from sliceproof.conformance.engine.frozen import asked_in
from sliceproof.conformance.engine.plan import Plan, by_dialect
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.plugin import ROOT
from sliceproof.conformance.plugin.outcome import settle
from sliceproof.conformance.plugin.settings import Settings, decoders, origins, settings, usage
from sliceproof.conformance.plugin.verdict_cache import verdicts
from sliceproof.conformance.requirements.requirement import Requirement
from sliceproof.profiles import frozen_set


class Asked(NamedTuple):
    """What is asked of one decoder: in each dialect the requirements that apply."""

    decoder: Decoder
    requirements: dict[str, list[Requirement]]


class Collection:
    """Loads the configured decoders and adds their items to the session."""

    def __init__(self, config: pytest.Config, chosen: Sequence[str]) -> None:
        self.config, self.chosen = config, chosen
        self.asked: list[Asked] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Load and check everything before anything is collected, so that a mistake is one line."""
        self.settings = settings(self.config)
        found = decoders(self.config, self.settings)
        if not found:
            raise pytest.UsageError(f"sliceproof: {self.chosen[0]} needs sliceproof_decoders in the ini file")
        expected = verdicts(self.config).expected
        with usage():
            if expected is not None:
                expected.baseline.misspelt([decoder.name for decoder in found])
            self.asked = [self._asked(decoder) for decoder in found]

    def _asked(self, decoder: Decoder) -> Asked:
        plan, chosen = self.settings.plan.fit(decoder), self.settings.options.dialects
        dialects = chosen or decoder.dialects or tuple(dialects_read(decoder)[0]) or ("tgi-sse",)
        if plan.conformance:
            with usage():
                dialects = asked_in(frozen_set(plan.conformance), decoder, dialects)
        asked = applicable(decoder, dialects, plan)
        if not any(asked.values()):
            reason = next(plan.tasks(decoder, dialects)).reason
            raise pytest.UsageError(f"sliceproof: nothing of {decoder.name} would be judged: {reason}")
        self._expected(decoder, asked)
        return Asked(decoder, asked)

    def _expected(self, decoder: Decoder, asked: dict[str, list[Requirement]]) -> None:
        """Add what the baseline expects though it does not apply, so that the entry is seen to be stale."""
        expected, narrowed = verdicts(self.config).expected, self.settings.options.dialects
        for entry in expected.baseline.applying(decoder) if expected else ():
            for requirement in self.settings.plan.requirements:
                if requirement.id == entry.requirement and (not narrowed or entry.dialect in narrowed):
                    there = asked.setdefault(entry.dialect, [])
                    if requirement not in there:
                        there.append(requirement)

    def pytest_report_header(self) -> list[str]:
        """Versions, how far, and against what."""
        lines = [f"{each.decoder.name} {each.decoder.version()}".strip() for each in self.asked]
        head = header(self.settings, verdicts(self.config).expected, lines)
        return [head, *filter(None, (origins(self.config),))]

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Iterator[None]:
        """The session has one more child."""
        report: pytest.CollectReport = yield  # type: ignore[assignment]
        if isinstance(collector, pytest.Session) and report.outcome == "passed":
            report.result = [*report.result, Root.of(collector, self)]
        return report  # type: ignore[return-value]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what was chosen by its node id."""
        if not self.chosen:
            return
        for id_ in self.chosen:
            if not any(_under(item, id_) for item in items):
                raise pytest.UsageError(f"sliceproof: not found: {id_}; `pytest --collect-only -q` shows what there is")
        items[:] = [item for item in items if not _ours(item) or any(_under(item, id_) for id_ in self.chosen)]


def header(chosen: Settings, expected: object, names: Iterable[str]) -> str:
    """One line for the head of a run."""
    baseline = getattr(getattr(expected, "baseline", None), "name", "")
    parts = (*names, f"profile {chosen.plan.profile.name}", f"seed {chosen.plan.seed}")
    parts += (f"conformance {chosen.plan.conformance}",) if chosen.plan.conformance else ()
    return f"sliceproof {__version__}: {', '.join(parts)}{f', baseline {baseline}' if baseline else ''}"


def applicable(decoder: Decoder, dialects: Iterable[str], plan: Plan) -> dict[str, list[Requirement]]:
    """In each dialect the requirements that are asked."""
    asked: dict[str, list[Requirement]] = {}
    for dialect, tasks in by_dialect(plan.tasks(decoder, dialects)):
        asked[dialect.id] = [task.requirement for task in tasks if not task.reason]
    return asked


def label(requirement: Requirement) -> str:
    """U1-code-point-cut-between-parts."""
    slug = re.sub(r"[^a-z0-9]+", "-", requirement.title.lower().replace("u+", "u")).strip("-")
    return f"{requirement.id}-{slug}"


def marks(requirement: Requirement) -> list[pytest.MarkDecorator]:
    """The markers that an item of this requirement has."""
    return [pytest.mark.sliceproof, getattr(pytest.mark, f"sliceproof_{requirement.level}")]


def _ours(item: pytest.Item) -> bool:
    return isinstance(item, RequirementItem)


def _under(item: pytest.Item, id_: str) -> bool:
    return item.nodeid == id_ or item.nodeid.startswith(f"{id_}::")


class Root(pytest.Collector):
    """What all items hang from."""

    collection: Collection

    @classmethod
    def of(cls, session: pytest.Session, collection: Collection) -> "Root":
        """The root of a session."""
        root: Root = cls.from_parent(session, name=ROOT, nodeid=ROOT)
        root.collection = collection
        return root

    def collect(self) -> Iterator["DecoderNode"]:
        """The decoders."""
        for asked in self.collection.asked:
            node: DecoderNode = DecoderNode.from_parent(self, name=asked.decoder.name)
            node.asked, node.settings = asked, self.collection.settings
            yield node


class DecoderNode(pytest.Collector):
    """One decoder."""

    asked: Asked
    settings: Settings

    def collect(self) -> Iterator["DialectNode"]:
        """The dialects in which it is judged."""
        for dialect, requirements in self.asked.requirements.items():
            node: DialectNode = DialectNode.from_parent(self, name=dialect)
            node.decoder, node.settings, node.requirements = self.asked.decoder, self.settings, requirements
            yield node


class DialectNode(pytest.Collector):
    """One decoder in one dialect."""

    decoder: Decoder
    settings: Settings
    requirements: list[Requirement]

    def collect(self) -> Iterator["RequirementItem"]:
        """The requirements that apply."""
        for requirement in self.requirements:
            item: RequirementItem = RequirementItem.from_parent(self, name=label(requirement))
            item.decoder, item.settings, item.requirement = self.decoder, self.settings, requirement
            for mark in marks(requirement):
                item.add_marker(mark)
            yield item


class RequirementItem(pytest.Item):
    """One requirement, asked of one decoder in one dialect."""

    decoder: Decoder
    settings: Settings
    requirement: Requirement

    def runtest(self) -> None:
        """Judge, and end as the verdict says."""
        assert self.parent is not None
        result = verdicts(self.config).result(self.decoder, self.settings.plan, self.requirement.id, self.parent.name)
        settle(self, result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The finding and no traceback; of any other error all that pytest shows."""
        if isinstance(excinfo.value, pytest.fail.Exception) and not excinfo.value.pytrace:
            return str(excinfo.value)
        try:
            return super().repr_failure(excinfo, style)
        except TypeError:  # a signal struck where CPython tells no line, and pytest reckons with one
            return "".join(traceback.format_exception(excinfo.value))

    def reportinfo(self) -> tuple[str, int | None, str]:
        """Where it stands, without a file, and what it is called in headlines."""
        assert self.parent is not None
        return ROOT, None, f"{self.requirement.id} {self.requirement.title} [{self.decoder.name}, {self.parent.name}]"
