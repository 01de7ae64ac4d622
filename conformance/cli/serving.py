"""What `sliceproof serve` does: endpoints for a person with curl or a client of theirs, and a page that lists them."""

import html
import json
from collections.abc import Sequence
from time import sleep
from urllib.parse import parse_qsl

import msgspec

from sliceproof.conformance.decoders.endpoint.answer import ERRORS, Answer, Transport
from sliceproof.conformance.decoders.endpoint.routes import MODELS, Route, dialect_for, path_of
from sliceproof.conformance.decoders.endpoint.server import Page, Request, Server, refused
from sliceproof.conformance.reporting.terminal import Terminal
from sliceproof.corpus import Case
from sliceproof.wire.dialects import BEDROCK, DIALECTS
from sliceproof.wire.slicing import every
from sliceproof.wire.stream import Stream

SAID = ("Hello", " ", "你好", "，", "😀", " مرحبا", " नमस्ते", " e\u0301", "\n", "{}", " 👩‍👩‍👧", ".")
"""What an endpoint named for a dialect says."""

SPOKEN = (*DIALECTS, *BEDROCK)
"""The dialects that have an endpoint, or a model, of their name."""

FIELDS = tuple(Transport.__dataclass_fields__)
LONGEST = 600  # seconds of a stall or a pause
MOST_ASKED = 1000  # answers whose requests are counted

CURL = "curl -s -X POST {url}/endpoints/{name}/invocations-response-stream -d '{{}}' | xxd"


class Serving:
    """Answers under the ids of cases, and under the names of dialects; each request gets the whole answer.

    A model of Bedrock's by its own id is answered in the dialect in which it speaks.
    The query behind a route says how it travels: a field of `Transport` each. What fails the first few times counts the
    requests with that query.
    """

    def __init__(self, cases: Sequence[Case], host: str, port: int) -> None:
        self._cases = {case.name: case for case in cases}
        self._asked: dict[tuple[str, str], Answer] = {}
        self.server = Server(host, port, self._page, self._answer)

    def _stream(self, name: str) -> Stream | None:
        if name in self._cases:
            return self._cases[name].stream
        if name not in SPOKEN:
            return None
        whole = Stream(name, SAID)  # parts of seven bytes halve whatever is longer; in Bedrock nothing cuts a record
        cut = whole.but(part_cuts=every(7, len(whole.body)))
        return cut.but(chunk_cuts=every(100, len(cut.wire)))

    def _answer(self, asked: Route) -> Answer | Page | None:
        names = (*asked.names, dialect_for(asked))
        name, stream = next(((name, found) for name in names if (found := self._stream(name))), ("", None))
        if stream is None:
            return None
        try:
            transport = _transport(asked.query)
        except ValueError as error:
            return refused(400, "ValidationError", str(error))
        if len(self._asked) >= MOST_ASKED:
            self._asked.clear()
        made = Answer(lambda: _chunks(stream), transport, stream.dialect)
        return self._asked.setdefault((name, asked.query), made)

    def _page(self, request: Request) -> Page | None:
        if request.path == "/plan":
            return Page(200, json.dumps([self._fields(name) for name in (*SPOKEN, *self._cases)]).encode())
        if request.path != "/":
            return None
        rows = "".join([self._row(name) for name in (*SPOKEN, *self._cases)])
        first = html.escape(CURL.format(url=self.server.url, name="tgi-sse"))
        page = _PAGE.replace("MODEL", MODELS["bedrock-converse"]).replace("ROWS", rows).replace("CURL", first)
        return Page(200, page.encode(), "text/html; charset=utf-8")

    def _fields(self, name: str) -> dict[str, str]:
        stream = self._stream(name)
        assert stream is not None  # it is one of those that there are
        path = path_of(stream.dialect, name)
        return {"name": name, "dialect": stream.dialect, "invoke_url": f"{self.server.url}{path}"}

    def _row(self, name: str) -> str:
        case, stream = self._cases.get(name), self._stream(name)
        cut = "chunks" if name in BEDROCK else "parts of 7 and chunks"
        title = case.title if case else f"words in many scripts, in {cut} of 100 bytes"
        ends = stream.fault.kind if stream is not None and stream.fault is not None else ""
        text = repr(stream.text) if stream is not None else ""
        cells = (name, stream.dialect if stream else "", title, text if len(text) <= 80 else f"{text[:79]}…", ends)
        return f"<tr>{''.join([f'<td>{html.escape(cell)}</td>' for cell in cells])}</tr>\n"


def _transport(query: str) -> Transport:
    """How the answer to a request with this query travels; ValueError for what there is not."""
    values = dict(parse_qsl(query, True))
    if unknown := sorted(values.keys() - {*FIELDS}):
        raise ValueError(f"the query has an unknown {unknown[0]!r}: there are {', '.join(FIELDS)}")
    transport = msgspec.convert(values, Transport, strict=False)
    if transport.status not in (200, *ERRORS):
        raise ValueError(f"status is none of 200, {', '.join(map(str, ERRORS))}")
    if not all(0 <= getattr(transport, name) <= LONGEST for name in values if name != "status"):
        raise ValueError(f"numbers are from 0 to {LONGEST}, times in seconds")
    return transport


def _chunks(stream: Stream) -> Sequence[bytes]:
    return list(stream.chunks)


def served(cases: Sequence[Case], host: str, port: int) -> None:
    """Serve until a signal ends it."""
    serving, terminal = Serving(cases, host, port), Terminal()
    url = serving.server.url
    terminal.line(
        f"{url} answers as SageMaker Runtime and Bedrock Runtime do; "
        f"its page lists {len(SPOKEN) + len(cases)} endpoints",
        "bold",
    )
    terminal.line(CURL.format(url=url, name="tgi-sse"))
    for service in ("SAGEMAKER", "BEDROCK"):
        terminal.line(f"AWS_ENDPOINT_URL_{service}_RUNTIME={url}, any credentials and any region")
    try:
        while True:
            sleep(3600)
    finally:
        serving.server.close()


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>sliceproof endpoints</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
code, td { font-family: ui-monospace, monospace; font-size: 13px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
td { overflow-wrap: anywhere; }
td:nth-child(-n + 2) { white-space: nowrap; }
</style>
<h1>Endpoints</h1>
<p>Each answers <code>POST /endpoints/NAME/invocations-response-stream</code> with its event stream, chunk by chunk;
<code>…/invocations</code> and <code>…/openai/v1/chat/completions</code> give the container's body without the framing.
Those of Bedrock answer <code>POST /model/NAME/converse-stream</code> or <code>…/invoke-with-response-stream</code>,
also under the id of a model, such as <code>MODEL</code>.
<code>?status=503&amp;failures=1</code>, <code>breaks_at=2</code>, <code>stall_at=1&amp;stall=5</code>,
<code>pause=0.2</code> or <code>joined=1</code> behind it lets the answer travel like that.
Signatures are accepted and not checked. <a href="/plan">/plan</a> is this list as JSON.</p>
<p><code>CURL</code></p>
<table>
<tr><th>name</th><th>dialect</th><th>what it shows</th><th>text</th><th>fault</th></tr>
ROWS</table>
</html>
"""
