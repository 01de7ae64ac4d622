"""L1: Unicode line breaks are text."""

from sliceproof.conformance.requirements.requirement import MUST, Requirement
from sliceproof.conformance.requirements.sources import SSE
from sliceproof.strategies.controls import said_plainly

REQUIREMENT = Requirement(
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
    carried=True,
)
