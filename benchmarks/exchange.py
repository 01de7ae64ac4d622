"""What a decoder in a child process costs, against the same decoder on its own: `python benchmarks/exchange.py`.

CPU time a stream, of both processes together, the best of several turns. The Python decoder's own cost is
that of judging it in this process; the Node one's is that of a loop over the same parts in one process.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sliceproof.conformance.decoders import DECODERS
from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.harness.contract import Decoder
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.dialects import DIALECTS
from sliceproof.wire.stream import Stream

TURNS = 7
EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


class Row(NamedTuple):
    """Microseconds of CPU a stream, alone and over the pipe; of the latter, what sliceproof's own side takes."""

    name: str
    streams: int
    pulls: float  # a stream
    alone: float
    piped: float
    of_which_ours: float
    per_second: float  # streams over the pipe, by the clock on the wall


SERVED = """
import base64, json, sys
from sliceproof.conformance.decoders.reference import decode

def pulled(number):
    while True:
        write(b'{"stream":%d,"pull":true}\\n' % number)
        out.flush()
        answer = json.loads(read())
        if "end" in answer:
            return
        yield base64.b64decode(answer["chunk"])

read, write = sys.stdin.buffer.readline, lambda line: out.write(line) and out.flush()
out = sys.stdout.buffer
read()
write(b'{"hello": {"protocol": 1}}\\n')
while line := read():
    opened = json.loads(line)
    number = opened["stream"]
    for text in decode(pulled(number), opened["dialect"]):
        write(b'{"stream":%d,"text":%s}\\n' % (number, json.dumps(text).encode()))
    write(b'{"stream":%d,"done":true}\\n' % number)
"""

ALONE = """
import { readFileSync } from "node:fs";
export async function serve(decode) {
  const streams = JSON.parse(readFileSync(process.env.STREAMS, "utf8"));
  let best = Infinity;
  for (let turn = 0; turn < 3 * Number(process.env.TURNS); turn += 1) {
    const begun = process.cpuUsage();
    for (const parts of streams) {
      const events = (async function* () {
        for (const part of parts) yield { PayloadPart: { Bytes: Buffer.from(part, "base64") } };
      })();
      for await (const text of decode(events, { dialect: "tgi-sse", form: "" })) if (text === null) throw text;
    }
    const { user, system } = process.cpuUsage(begun);
    best = Math.min(best, (user + system) / streams.length);
  }
  console.log(best);
}
"""


def streams() -> Iterator[tuple[str, list[Stream]]]:
    """Sweeps, as `check` asks them."""
    for id_ in ("U1", "R1", "F1"):
        yield id_, list(REQUIREMENTS[id_].sweep(DIALECTS["tgi-sse"]))


def measure() -> Iterator[Row]:
    """A row for each sweep and decoder."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "served.py")
        script.write_text(SERVED)
        python, reference = load(f"exec:{sys.executable} {script}"), DECODERS["reference"].load()
        for id_, swept in streams():
            yield _row(f"sweep of {id_}, reference decoder", python, swept, _here(reference, swept))
        if shutil.which("node"):
            node = load(f"exec:node {EXAMPLES / 'node/text.mjs'}")
            for id_, swept in streams():
                if id_ != "F1":  # it accepts events, so it sees no chunks
                    yield _row(f"sweep of {id_}, text.mjs in Node.js", node, swept, _alone(Path(folder), swept))


def _here(decoder: Decoder, swept: Sequence[Stream]) -> float:
    return min(_cpu(decoder, "sync", swept)[0] for _ in range(TURNS))


def _alone(folder: Path, swept: Sequence[Stream]) -> float:
    """Node's own loop over the same parts; its decoder gets another `serve`."""
    for name in ("text.mjs", "sse.mjs", "package.json"):
        shutil.copy(EXAMPLES / "node" / name, folder)
    (folder / "sliceproof.mjs").write_text(ALONE)
    parts = [[b64encode(part).decode() for part in stream.parts] for stream in swept]
    (folder / "streams.json").write_text(json.dumps(parts))
    environment = os.environ | {"STREAMS": str(folder / "streams.json"), "TURNS": str(TURNS)}
    ran = subprocess.run(["node", folder / "text.mjs"], env=environment, capture_output=True, text=True, check=True)
    return float(ran.stdout)


def _row(name: str, decoder: Decoder, swept: Sequence[Stream], alone: float) -> Row:
    turns = [_cpu(decoder, "exec", swept) for _ in range(TURNS)]
    piped, ours, wall = min(turns)
    pulls = sum(drive(decoder, "exec", stream).pulls for stream in swept) / len(swept)
    return Row(name, len(swept), pulls, alone, piped, ours, 1e6 / min(wall, min(turn[2] for turn in turns)))


def _cpu(decoder: Decoder, mode: str, swept: Sequence[Stream]) -> tuple[float, float, float]:
    """Microseconds a stream: of CPU in all, of CPU in this process, by the clock on the wall."""
    clock = decoder.cpu_seconds
    assert clock is not None
    wall, ours, theirs = time.perf_counter(), time.process_time(), clock()
    for stream in swept:
        outcome = drive(decoder, mode, stream)
        assert outcome.ended == "end", outcome
    theirs, ours = clock() - theirs, time.process_time() - ours
    wall, each = time.perf_counter() - wall, 1e6 / len(swept)
    total = ours if mode != "exec" else ours + theirs
    return total * each, ours * each, wall * each


def main() -> None:
    """Print the rows as a plain table."""
    head = ("streams", "pulls", "alone, µs", "piped, µs", "ours, µs", "ratio", "a second")
    print(f"{'what':<40}" + "".join(f"{name:>11}" for name in head))
    for row in measure():
        figures = (
            f"{row.streams}",
            f"{row.pulls:.1f}",
            f"{row.alone:.0f}",
            f"{row.piped:.0f}",
            f"{row.of_which_ours:.0f}",
        )
        cells = (*figures, f"{row.piped / row.alone:.2f}", f"{row.per_second:.0f}")
        print(f"{row.name:<40}" + "".join(f"{figure:>11}" for figure in cells))


if __name__ == "__main__":
    main()
