"""Lines: what ends one, and what does not."""

from sliceproof.conformance.requirements.requirement import MUST, SHOULD, Requirement
from sliceproof.strategies.controls import carried_plainly, said_plainly

SSE = "WHATWG HTML, 9.2.5 and 9.2.6 (server-sent events)"

REQUIREMENTS = (
    Requirement(
        id="L1",
        title="Unicode line breaks are text",
        rule="U+2028, U+2029, U+0085 and their kin end no line.",
        source=f"{SSE}: a line ends at CRLF, LF or CR and at nothing else; JSON leaves them raw",
        level=MUST,
        why="raw serialisers (serde, Python with ensure_ascii=False) leave them as they are",
        seen=("florimondmanca/httpx-sse#34", "BerriAI/litellm#30602", "modelcontextprotocol/python-sdk#1356"),
        contains=("U2",),
        layer="lines",
        blames="line",
        control=said_plainly,
    ),
    Requirement(
        id="L2",
        title="CR and LF of one terminator cut apart",
        rule="A CR at a part's end and the LF after it end one line, not two.",
        source=SSE,
        level=SHOULD,
        why="no container writes CRLF; proxies do",
        seen=("psf/requests#3980", "openai/openai-agents-python#4214"),
        contains=("R1", "L3"),
        layer="lines",
        blames="line",
        control=carried_plainly,
    ),
    Requirement(
        id="L3",
        title="CRLF and CR end lines",
        rule="CRLF (and in SSE a lone CR) ends a line as LF does.",
        source=f"{SSE}; JSON Lines tolerates CRLF",
        level=SHOULD,
        why="no container writes them; the specification allows them and proxies make them",
        seen=("smg-project/smg#2391",),
        blames="line",
        control=carried_plainly,
    ),
    Requirement(
        id="L4",
        title="last line without its terminator",
        rule="A last JSON line that is complete counts, with or without its line feed.",
        source="jsonlines.org: the last terminator is recommended and not required",
        level=SHOULD,
        why="the known servers end every line; the format allows the last to go without",
        seen=("aws/sagemaker-python-sdk#6278", "langchain-ai/langchain#16219"),
        layer="lines",
        blames="end",
        control=carried_plainly,
    ),
    Requirement(
        id="L5",
        title="last event without its blank line",
        rule="A last event whose data is complete comes out, with or without its blank line.",
        source="the containers' own ends of stream; WHATWG would discard such an event",
        level=SHOULD,
        why="the known servers end every event, and the specification permits to drop an unended one",
        seen=("google-gemini/gemini-cli#29059",),
        blames="end",
        control=carried_plainly,
    ),
)
