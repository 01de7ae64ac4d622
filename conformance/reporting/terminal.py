"""What a person sees. Listens to results and prints; judges nothing.

Colour only on a terminal and not with NO_COLOR; in a pipe it is plain text of the same words.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TimeElapsedColumn
from rich.text import Text

from sliceproof import __version__
from sliceproof.conformance.engine.attribution import PLAIN
from sliceproof.conformance.engine.claim import CONFORMS, DOES_NOT, Claim
from sliceproof.conformance.engine.finding import Finding
from sliceproof.conformance.engine.journal import Journal
from sliceproof.conformance.engine.plan import Plan
from sliceproof.conformance.engine.result import GRAVITY, NO_MORE, Result
from sliceproof.conformance.engine.wording import count, short
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.outlet import out as stdout
from sliceproof.conformance.harness.outlet import shown
from sliceproof.conformance.reporting.finding_table import Row, lines, rows, unread
from sliceproof.conformance.reporting.following import Broken, broken, families, listed
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.conformance.requirements.requirement import MUST
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.dialects.delta import REFUSAL

COLOURS = {"fail": "bold red", "warn": "yellow", "pass": "green", "n/a": "dim", "error": "bold magenta"}
SHOWN = {"fail": "FAIL", "warn": "warn", "error": "error"}
MARKS = {"fail": "FAIL", "warn": "warn", "pass": "·", "n/a": "-", "error": "error"}


_NAMES = {"tool-call": "tool calls", "choices": "other choices than the first"}
SEPARATE = 8  # findings that follow from one and are told in a line each; more are named in one
TOLD_AFTER = 5.0  # seconds that a dialect takes before a pipe is told of it


class _Console(Console):
    """A closed pipe is an error for whoever prints, and ends nothing by itself."""

    def on_broken_pipe(self) -> None:
        """Pass it on."""
        raise BrokenPipeError(32, "Broken pipe")


class _Label(ProgressColumn):
    """What is asked, looked up whenever the terminal is drawn anew."""

    progress: Callable[[], str] = str

    def render(self, task: Task) -> Text:
        """The line."""
        return Text(self.progress())


def _progress(journal: Journal, broken: int) -> str:
    name, dialect, requirement = journal.asked
    return shown(f"{name}: {requirement} in {dialect}, {count(journal.streams, 'run')}, {broken} MUST broken")


def _width() -> dict[str, Any]:
    """A width that can be printed in, where COLUMNS says that there is none."""
    columns = os.environ.get("COLUMNS", "")
    return {"width": 80} if columns.isdecimal() and not int(columns) else {}


class Terminal:
    """Shows progress on stderr and results on stdout."""

    def __init__(self, out: Console | None = None, progress: Console | None = None) -> None:
        self.out = out or _Console(file=stdout(), highlight=False, soft_wrap=True, **_width())
        self._label = _Label()
        self._progress = Progress(
            SpinnerColumn(),
            self._label,
            TimeElapsedColumn(),
            console=progress or _Console(stderr=True, **_width()),
            transient=True,
        )
        self._task = self._progress.add_task("")

    def line(self, text: str = "", style: str = "") -> None:
        """One line, never wrapped."""
        self.out.print(Text(shown(text), style=style))

    def fields(self, rows_: Iterable[Row]) -> None:
        """Rows of (name, text, style), the names in a column."""
        for name, part, style in lines(rows_):
            line = Text(name if part else name.rstrip(), style="dim")
            line.append(shown(part), style=style or "not dim")
            self.out.print(line)

    def heading(self, decoder: Decoder, dialects: Sequence[str], plan: Plan, origin: str = "") -> None:
        """What is judged, how far, and in a line of *origin* which settings came from where."""
        text = f"{decoder.name} {decoder.version()}".strip()
        text += f" ({decoder.target})" if decoder.target and decoder.target != decoder.name else ""
        self.line(f"{text} in {', '.join(dialects)}", "bold")
        if decoder.envelope == "http":
            self.line("envelope http: the body is not in an event stream, and a part of it is a chunk", "dim")
        unclaimed = [_NAMES.get(each, each) for each in decoder.unclaimed if each != REFUSAL]  # which no server writes
        if unclaimed and any(DIALECTS[id_].answers for id_ in dialects):
            given = "text" if decoder.yields == "text" else "deltas"
            self.line(f"yields {given}: not asked of {', '.join(unclaimed)}", "dim")
        asked = f", conformance {plan.conformance}" if plan.conformance else ""
        self.line(f"sliceproof {__version__}, profile {plan.profile.name}, seed {plan.seed}{asked}", "dim")
        if origin:
            self.line(origin, "dim")
        self.line()

    def watched(self, results: Iterable[Result], journal: Journal) -> Iterator[Result]:
        """The results, with what is asked shown while they come: in a pipe a line a dialect, if it takes long."""
        broken, warned, streams, begun, dialect = 0, 0, 0, monotonic(), ""
        live = self._progress.console.is_terminal
        self._label.progress = lambda: _progress(journal, broken)
        if live:
            self._progress.start()
        try:
            for result in results:
                broken += result.verdict == "fail"
                warned += result.verdict == "warn"
                streams += result.streams
                dialect = result.dialect
                yield result
        finally:
            if live:
                self._progress.stop()
            elif dialect and monotonic() - begun > TOLD_AFTER:
                name, seconds = journal.asked[0], monotonic() - begun
                told = f"{broken} MUST and {warned} SHOULD broken; {count(streams, 'stream')}"
                line = f"{name}: {dialect} took {seconds:.0f} s, {told}"
                self._progress.console.print(Text(shown(line)), soft_wrap=True)

    def claim(self, claim: Claim) -> None:
        """Whether a decoder conforms to a frozen set, in a line."""
        style = {CONFORMS: "bold green", DOES_NOT: "bold red"}.get(claim.verdict, "yellow")
        self.line(f"{f'{claim.decoder} {claim.version}'.strip()} {claim}", style)

    def results(
        self,
        results: Sequence[Result],
        seconds: float,
        whole: bool = True,
        conformance: str = "",
        updating: bool = False,
    ) -> None:
        """Findings, roots first with what follows from them, then a table and one line to sum up.

        Failures that a baseline knows are counted only; without all results, nothing is said to conform, nor where the
        *conformance* to a set is told in a line of its own. Nothing is wrong with a baseline that is *updating*.
        """
        known_count = sum(result.standing == "known" for result in results)
        results = [result for result in results if result.standing != "known"] if known_count else results
        by_id = {id_: list(group) for id_, group in groupby(sorted(results, key=_id), key=_id)}
        told = [_broken(id_, group) for id_, group in by_id.items() if _worst(group) in SHOWN]
        ranked = families(told)
        for root, followers in ranked:
            if root == PLAIN and followers:
                self._plain([by_id[id_] for id_ in followers], by_id.get(PLAIN, []))
            else:
                self._root(by_id[root], [by_id[id_] for id_ in followers])
        self._table(
            [by_id[id_] for family in ranked for id_ in (family.root, *family.followers) if id_ in by_id], results
        )
        self._standing(results, known_count)
        unmet = "" if updating else _unmet(results)
        if results:
            self._sum(results, by_id, told, seconds, known_count, whole, conformance or unmet)
        if unmet:
            self.line(unmet, COLOURS["fail"])

    def inapplicable(self, results: Sequence[Result]) -> None:
        """Why what was not asked was not: a line for each reason and dialect."""
        by_reason: dict[tuple[str, str], list[str]] = {}
        for result in results:
            if result.verdict == "n/a":
                by_reason.setdefault((result.dialect, result.reason), []).append(_id(result))
        for (dialect, reason), ids in by_reason.items():
            self.line(f"n/a   {' '.join(ids)} in {dialect}: {reason}", "dim")

    def _plain(self, groups: list[list[Result]], itself: list[Result]) -> None:
        """What fails on any stream at all: the finding of PLAIN, or the shortest, stands for the rest."""
        following = [result.finding for group in groups for result in group if result.finding]
        own = [result.finding for result in itself if result.finding]
        findings = own or [found.plain for found in following if found.plain] or following
        finding = min(findings, key=lambda found: len(repr(found.stream)))
        head = Text("FAIL ", style=COLOURS["fail"])
        head.append(f" {f'{PLAIN}  ' if own else ''}a plain stream already, without any hazard", style="bold")
        others = dict.fromkeys(
            found.stream.dialect for found in findings if found.stream.dialect != finding.stream.dialect
        )
        also = f", also {', '.join(others)}" if others else ""
        head.append(f"  in {finding.stream.dialect}{also}", style="dim")
        self.out.print(head)
        self.finding(finding, rule=False)
        self.fields([] if finding.requirement.id == PLAIN else [unread(finding)])
        self.fields([("so also", " ".join(_id(group[0]) for group in groups), COLOURS["fail"])])
        self.line()

    def _root(self, group: list[Result], followers: list[list[Result]]) -> None:
        result = min(group, key=lambda each: GRAVITY.index(each.verdict))
        verdict, requirement = result.verdict, result.requirement
        head = Text(f"{SHOWN[verdict]:<5}", style=COLOURS[verdict])
        head.append(f" {requirement.id}  {requirement.title}", style="bold")
        others = [each.dialect for each in group if each.verdict in SHOWN and each is not result]
        where = f"  in {result.dialect}" + (f", also {', '.join(others)}" if others else "")
        head.append(where + (", found before" if result.replayed else ""), style="dim")
        self.out.print(head)
        if result.finding is None:
            self.fields([("error", result.reason, "")])
        else:
            self.finding(result.finding)
        if len(followers) > SEPARATE:
            ids = " ".join(_id(follower[0]) for follower in followers)
            self.fields([("so also", ids, COLOURS[min(map(_worst, followers), key=GRAVITY.index)])])
        for follower in followers if len(followers) <= SEPARATE else ():
            worst = min(follower, key=lambda each: GRAVITY.index(each.verdict))
            if worst.finding is not None:
                text = f"{_id(worst)} {worst.requirement.title}: {short(repr(worst.finding.stream))}"
                self.fields([("so also", text, COLOURS[worst.verdict])])
        self.line()

    def finding(self, finding: Finding, snippet: bool = False, rule: bool = True) -> None:
        """One finding in full."""
        self.fields(rows(finding, snippet, rule))

    def _table(self, broken: list[list[Result]], results: Sequence[Result]) -> None:
        dialects = list(dict.fromkeys(result.dialect for result in results))
        if not broken or len(dialects) < 2:
            return
        width = max(10, *(len(_id(group[0])) for group in broken)) + 1
        columns = {dialect: max(16, len(dialect) + 2) for dialect in dialects}
        self.line("".join([" " * width, *(f"{dialect:<{wide}}" for dialect, wide in columns.items())]).rstrip(), "dim")
        for group in broken:
            verdicts = {result.dialect: result.verdict for result in group}
            line = Text(f"{_id(group[0]):<{width}}", style="bold")
            for dialect in dialects:
                verdict = verdicts.get(dialect, "n/a")
                line.append(f"{MARKS[verdict]:<{columns[dialect]}}", style=COLOURS[verdict])
            self.out.print(line)
        self.line()

    def _standing(self, results: Sequence[Result], known_count: int) -> None:
        """What a baseline expected."""
        for result in results:
            if result.standing:
                text = f"{result.standing:<7} {result.requirement.id} in {result.dialect}: {result.reason}"
                self.line(text, COLOURS["fail"])
        if known_count:
            self.line(f"{count(known_count, 'known failure')} confirmed", "yellow")

    def _sum(
        self,
        results: Sequence[Result],
        by_id: dict[str, list[Result]],
        told: Sequence[Broken],
        seconds: float,
        known_count: int,
        whole: bool,
        told_apart: str,
    ) -> None:
        ids: dict[str, list[str]] = {verdict: [] for verdict in GRAVITY}
        for id_, group in by_id.items():
            ids[_worst(group)].append(id_)
        name = f"{results[0].decoder.name} {results[0].decoder.version()}".strip()
        streams = sum(result.streams for result in results)
        name, line = shown(name), Text()
        if ids["fail"]:
            line.append(f"{name} breaks {count(len(ids['fail']), 'MUST')}: {listed(told, 'fail')}\n", "bold red")
        if ids["warn"]:
            line.append(f"{name} breaks {count(len(ids['warn']), 'SHOULD')}: {listed(told, 'warn')}\n", "yellow")
        if ids["error"]:
            line.append(f"could not be judged: {' '.join(ids['error'])}\n", "bold magenta")
        if stopped := [result for result in results if result.reason.endswith(NO_MORE)]:
            reason = stopped[0].reason.removesuffix(NO_MORE)
            line.append(f"{count(len(stopped), 'requirement')} not asked: {reason}\n", "yellow")
        if not ids["fail"] and not ids["error"]:
            asked = [group for group in by_id.values() if _worst(group) != "n/a"]
            musts = sum(group[0].requirement.level == MUST for group in asked)
            more = f"of {musts} is broken" if not known_count else "is broken but what is known"
            if not musts and not known_count:
                line.append(f"{name}: no MUST was asked\n", "yellow")
            elif whole and not told_apart:
                how = "conforms" if by_id.keys() >= REQUIREMENTS.keys() else "holds what was asked"
                line.append(f"{name} {how}: no MUST {more}\n", "bold green")
            elif not whole:
                line.append(f"{name} was not judged to the end: so far no MUST {more}\n", "yellow")
        line.append(f"{len(ids['pass'])} pass, {len(ids['n/a'])} do not apply; ")
        line.append(f"{count(streams, 'stream')} in {seconds:.1f} s")
        if client := results[0].decoder.client:
            line.append(f"\nthis is the decoder alone; `sliceproof check {client}` judges the client around it", "dim")
        self.out.print(line)


def _unmet(results: Sequence[Result]) -> str:
    """What fails a run beside what is broken: what a baseline expects and is not so, and the remedy."""
    numbers = {how: sum(result.standing == how for result in results) for how in ("stale", "changed")}
    told = ", ".join(f"{number:,} {how}" for how, number in numbers.items() if number)
    return f"not what the baseline expects: {told}; --update-baseline brings it up to date" if told else ""


def _id(result: Result) -> str:
    return result.requirement.id


def _worst(group: list[Result]) -> str:
    return min((result.verdict for result in group), key=GRAVITY.index)


def _broken(id_: str, group: list[Result]) -> Broken:
    """What the order of what is told is made of."""
    return broken(id_, ((result.verdict, result.finding.follows if result.finding else None) for result in group))
