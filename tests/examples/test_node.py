"""The examples for Node.js, with the real npm packages: what conforms, what does not, and that it is not we who err."""

import json
from pathlib import Path

import pytest
from node_examples import EXAMPLES, MUSTS, NODE, broken, decoder, node, version

from sliceproof.conformance.decoders.loading import load
from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.harness.drive import drive
from sliceproof.conformance.requirements import REQUIREMENTS
from sliceproof.wire.stream import Stream

if NODE is None:
    pytest.skip("Node.js is not installed", allow_module_level=True)


def test_text_that_is_decoded_as_a_stream_breaks_no_must() -> None:
    judged = decoder(EXAMPLES, "text.mjs")
    assert broken(judged, judged.dialects or (), MUSTS) == {}


def test_text_that_is_decoded_part_by_part_breaks_u1_and_what_follows() -> None:
    found = broken(decoder(EXAMPLES, "text-broken.mjs"), ("tgi-sse",), MUSTS)
    assert found.keys() == {"U1", "U5", "MIX"}
    assert found["U1"] == "Stream('tgi-sse', ['é'], part_cuts=[43])"


def test_a_decoder_that_waits_for_ever_hangs_and_does_not_end(tmp_path: Path) -> None:
    serve = (EXAMPLES / "sliceproof.mjs").as_uri()
    waits = tmp_path / "waits.mjs"
    waits.write_text(
        f"import {{ serve }} from {serve!r};\n"
        "await serve(async function* () { yield 'a'; await new Promise(() => {}); });\n"
    )
    outcome = drive(decoder(tmp_path, "waits.mjs"), "exec", Stream("text", ["a"]), patience=0.2)
    assert (outcome.items, outcome.ended) == (("a",), "hang")


REJECTS = """
import { serve } from SERVE;
await serve(async function* (chunks) { for await (const _ of chunks) {} Promise.reject(new Error("forgotten")); });
"""


def test_a_rejection_that_nobody_handles_is_the_streams_own(tmp_path: Path) -> None:
    (tmp_path / "rejects.mjs").write_text(REJECTS.replace("SERVE", repr((EXAMPLES / "sliceproof.mjs").as_uri())))
    judged = decoder(tmp_path, "rejects.mjs")
    for _ in range(3):
        outcome = drive(judged, "exec", Stream("text", ["a"]))
        assert (outcome.ended, str(outcome.error)) == ("error", "its process exited with code 1: Error: forgotten")


def test_the_codec_of_the_aws_sdk_breaks_no_must(examples: Path) -> None:
    judged = decoder(examples, "messages.mjs")
    assert judged.version() == version(examples, "@smithy/eventstream-codec")
    assert broken(judged, ("tgi-sse",), MUSTS) == {}


ENDS_EARLY = """
import { InvokeEndpointWithResponseStreamCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { EventStreamCodec } from "@smithy/eventstream-codec";
const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => Buffer.from(text));
const event = { type: "string", value: "event" };
const headers = { ":message-type": event, ":event-type": { type: "string", value: "PayloadPart" } };
const message = (text) => codec.encode({ headers, body: Buffer.from(text) });
const last = message("y");
async function* truncated(missing) {
  yield message("x");
  yield last.subarray(0, last.length - missing);
}
for (const missing of [0, 1, last.length - 4, last.length - 3, last.length - 1]) {
  const body = truncated(missing);
  const requestHandler = { handle: async () => ({ response: { statusCode: 200, headers: {}, body } }) };
  const credentials = { accessKeyId: "nobody", secretAccessKey: "nothing" };
  const client = new SageMakerRuntimeClient({ region: "us-east-1", credentials, requestHandler });
  let got = "";
  try {
    const command = new InvokeEndpointWithResponseStreamCommand({ EndpointName: "e", Body: "{}" });
    for await (const event of (await client.send(command)).Body) got += Buffer.from(event.PayloadPart.Bytes);
    console.log(got);
  } catch (error) { console.log(got, error.message); }
}
"""


def test_the_client_of_the_aws_sdk_breaks_no_must_but_that_of_half_a_message(examples: Path) -> None:
    judged = decoder(examples, "events.mjs")
    assert judged.version() == version(examples, "@aws-sdk/client-sagemaker-runtime")
    assert broken(judged, ("tgi-sse",), MUSTS).keys() == {"T2"}


def test_the_whole_client_of_the_aws_sdk_breaks_no_must(examples: Path) -> None:
    """Unmodified and over HTTP, as `sliceproof run -- node client.mjs` judges it."""
    judged = load(f"run:{NODE} '{examples / 'client.mjs'}'", dialects=("tgi-sse",))
    results = list(run(judged, Plan(list(REQUIREMENTS.values()), PROFILES["quick"]), ["tgi-sse"]))
    assert {result.requirement.id for result in results if result.verdict == "fail"} == set()
    assert [result.requirement.id for result in results if result.verdict == "error"] == []
    assert {result.requirement.id for result in results if result.verdict == "pass"} >= {
        "PLAIN",
        "U1",
        "R1",
        "T4",
        "A1",
        "A3",
    }


def test_the_whole_client_of_openai_breaks_no_must(examples: Path) -> None:
    """On SageMaker's /openai/v1 route, which has no framing, as `sliceproof run -- node openai.mjs` judges it."""
    judged = load(f"run:{NODE} '{examples / 'openai.mjs'}'", dialects=("openai-sse",))
    results = list(run(judged, Plan(list(REQUIREMENTS.values()), PROFILES["quick"]), ["openai-sse"]))
    assert [result.requirement.id for result in results if result.verdict in ("fail", "error")] == []
    assert {result.requirement.id for result in results if result.verdict == "warn"} == {"T1"}
    assert {result.requirement.id for result in results if result.verdict == "pass"} >= {"U1", "R1", "T2", "T4", "E1"}


@pytest.mark.parametrize(
    ("name", "package", "weak"),
    [
        ("openai-body.mjs", "openai", {"T1"}),
        ("ai-sdk-body.mjs", "@ai-sdk/openai-compatible", {"L5", "I1-first"}),
        ("eventsource-parser-body.mjs", "eventsource-parser", {"L5"}),
    ],
)
def test_the_clients_of_a_body_without_an_event_stream_break_no_must(
    examples: Path, name: str, package: str, weak: set[str]
) -> None:
    judged = decoder(examples, name)
    assert (judged.version(), judged.envelope) == (version(examples, package), "http")
    asked = [requirement for requirement in REQUIREMENTS.values() if requirement.id != "Q1"]
    results = list(run(judged, Plan(asked, PROFILES["quick"]), judged.dialects or ()))
    assert [result.requirement.id for result in results if result.verdict in ("fail", "error")] == []
    assert {result.requirement.id for result in results if result.verdict == "warn"} == weak
    assert {result.requirement.id for result in results if result.verdict == "pass"} >= {"U1", "R1", "R2", "P3", "W1"}


ENDS_UNFINISHED = """
import { createServer } from "node:http";
import OpenAI from "openai";
const chunk = (choice) => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}`;
const bodies = [
  chunk({ delta: { content: "x" }, finish_reason: "stop" }) + "\\n\\n",
  chunk({ delta: { content: "x" }, finish_reason: "stop" }) + "\\n",
  chunk({ delta: { content: "x" }, finish_reason: null }) + "\\n\\n",
];
let asked = 0;
const server = createServer((request, response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.end(bodies[asked++]);
});
server.listen(0, "127.0.0.1", async () => {
  const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
  const client = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
  for (const _ of bodies) {
    const got = [];
    for await (const { choices } of await client.chat.completions.create({ model: "m", messages: [], stream: true })) {
      got.push(choices[0].delta.content);
    }
    console.log(JSON.stringify(got));
  }
  server.closeAllConnections();
  server.close();
});
"""


@pytest.mark.confirms("run:node examples/node/openai.mjs", "T1")
def test_openai_s_client_reads_an_event_without_its_blank_line_and_looks_for_no_finish_mark(examples: Path) -> None:
    assert node(examples, ENDS_UNFINISHED).splitlines() == ['["x"]'] * 3


@pytest.mark.confirms("exec:node examples/node/events.mjs", "T2")
def test_the_client_of_the_aws_sdk_takes_an_end_inside_the_first_four_bytes_for_a_good_one(examples: Path) -> None:
    truncated = "Truncated event message received."
    assert node(examples, ENDS_EARLY).splitlines() == ["xy", f"x {truncated}", f"x {truncated}", "x", "x"]


def test_the_examples_name_each_version_they_were_tried_with() -> None:
    wanted = json.loads((EXAMPLES / "package.json").read_text())["dependencies"]
    assert all(one[0].isdigit() for one in wanted.values())


def test_the_helper_is_short() -> None:
    assert len((EXAMPLES / "sliceproof.mjs").read_text().splitlines()) < 100
