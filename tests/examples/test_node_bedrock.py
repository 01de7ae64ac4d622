"""The examples for Node.js of Bedrock's stream, with the real npm packages; and what they break, by these alone."""

import json
from pathlib import Path

import pytest
from node_examples import EXAMPLES, NODE, decoder, node, version

from sliceproof.conformance.engine.evaluation import run
from sliceproof.conformance.engine.plan import PROFILES, Plan
from sliceproof.conformance.requirements import REQUIREMENTS

if NODE is None or not (EXAMPLES / "node_modules" / "@anthropic-ai").is_dir():
    pytest.skip("tox -e node has Node.js and what these examples need, and so has the matrix", allow_module_level=True)

AI_SDK, ANTHROPIC, AWS = (f"bedrock-{name}.mjs" for name in ("ai-sdk", "anthropic", "aws-sdk"))
PACKAGES = {
    AI_SDK: "@ai-sdk/amazon-bedrock",
    ANTHROPIC: "@anthropic-ai/bedrock-sdk",
    AWS: "@aws-sdk/client-bedrock-runtime",
}
HERE = "exec:node examples/node/"
CONVERSE, CLAUDE = "bedrock-converse", "bedrock-invoke-anthropic"
VERDICTS = ("pass", "fail", "warn", "error")
OTHERS = ("bedrock-invoke-llama", "bedrock-invoke-mistral", "bedrock-invoke-nova")


@pytest.mark.parametrize(
    ("name", "dialect", "weak"),
    [
        (AI_SDK, CONVERSE, {"F3", "T1"}),
        (AI_SDK, CLAUDE, {"E2", "F3", "T1"}),
        (ANTHROPIC, CLAUDE, {"F3", "T1"}),
        *((AWS, dialect, {"F3", "T1"}) for dialect in (CONVERSE, CLAUDE, *OTHERS)),
    ],
)
def test_each_breaks_one_must(examples: Path, name: str, dialect: str, weak: set[str]) -> None:
    judged = decoder(examples, name)
    assert judged.version() == version(examples, PACKAGES[name])
    asked = [requirement for requirement in REQUIREMENTS.values() if requirement.id != "Q1"]
    results = list(run(judged, Plan(asked, PROFILES["quick"]), [dialect]))
    found = {verdict: {each.requirement.id for each in results if each.verdict == verdict} for verdict in VERDICTS}
    assert found["fail"] == ({"E1"} if name == AI_SDK else {"T2"})
    assert found["warn"] == weak
    assert found["error"] == set()
    assert found["pass"] >= {"F1", "F4", "U3", "R4", "T3", "W1"}
    if dialect in (CONVERSE, CLAUDE):
        assert found["pass"] >= {"M1", "M2", "M3", "M4", "M8"}


FRAMES = """
import { EventStreamCodec } from "@smithy/eventstream-codec";
const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => Buffer.from(text));
const frame = (told, payload) => {
  const headers = Object.entries(told).map(([name, value]) => [`:${name}`, { type: "string", value }]);
  return codec.encode({ headers: Object.fromEntries(headers), body: Buffer.from(payload) });
};
const event = (name, said) =>
  frame({ "event-type": name, "content-type": "application/json", "message-type": "event" }, JSON.stringify(said));
const chunk = (record) => event("chunk", { bytes: Buffer.from(JSON.stringify(record)).toString("base64"), p: "abc" });
const start = { id: "m", type: "message", role: "assistant", model: "m", content: [], stop_reason: null };
const streams = {
  converse: (text) => [
    event("messageStart", { p: "abc", role: "assistant" }),
    event("contentBlockDelta", { contentBlockIndex: 0, delta: { text }, p: "abc" }),
  ],
  claude: (text) => [
    chunk({ type: "message_start", message: { ...start, usage: { input_tokens: 1, output_tokens: 1 } } }),
    chunk({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
    chunk({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
  ],
};
const headers = { "content-type": "application/vnd.amazon.eventstream" };
const over = (wires) => async () => new Response(Buffer.concat(wires), { headers });
"""

READ = {
    "@anthropic-ai/bedrock-sdk": """
import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk";
const keys = { awsRegion: "us-east-1", awsAccessKey: "nobody", awsSecretKey: "nothing", maxRetries: 0 };
async function* read(name, wires) {
  const client = new AnthropicBedrock({ ...keys, fetch: over(wires) });
  const asked = { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }], stream: true };
  for await (const { delta } of await client.messages.create(asked)) if (delta?.text) yield delta.text;
}
""",
    "@aws-sdk/client-bedrock-runtime": """
import * as sdk from "@aws-sdk/client-bedrock-runtime";
const credentials = { accessKeyId: "nobody", secretAccessKey: "nothing" };
async function* read(name, wires) {
  const body = (async function* () { yield* wires; })();
  const requestHandler = { handle: async () => ({ response: { statusCode: 200, headers, body } }) };
  const client = new sdk.BedrockRuntimeClient({ region: "us-east-1", credentials, requestHandler });
  if (name === "converse") {
    const { stream } = await client.send(new sdk.ConverseStreamCommand({ modelId: "m", messages: [] }));
    for await (const { contentBlockDelta } of stream) if (contentBlockDelta) yield contentBlockDelta.delta.text;
  } else {
    const { body } = await client.send(new sdk.InvokeModelWithResponseStreamCommand({ modelId: "m", body: "{}" }));
    for await (const event of body) {
      const { delta } = JSON.parse(Buffer.from(event.chunk.bytes));
      if (delta) yield delta.text;
    }
  }
}
""",
}

ENDS_EARLY = """
const last = streams[NAME]("y").at(-1);
for (const size of [last.length, last.length - 1, 4, 3, 1]) {
  let got = "";
  try {
    for await (const text of read(NAME, [...streams[NAME]("x"), last.subarray(0, size)])) got += text;
    console.log(got);
  } catch (error) { console.log(got, error.message); }
}
"""


@pytest.mark.parametrize(
    ("package", "name"),
    [
        pytest.param(PACKAGES[ANTHROPIC], "claude", marks=pytest.mark.confirms(f"{HERE}{ANTHROPIC}", "T2")),
        pytest.param(PACKAGES[AWS], "claude", marks=pytest.mark.confirms(f"{HERE}{AWS}", "T2")),
        pytest.param(PACKAGES[AWS], "converse", marks=pytest.mark.confirms(f"{HERE}{AWS}", "T2")),
    ],
)
def test_two_take_an_end_inside_the_first_four_bytes_for_a_good_one(examples: Path, package: str, name: str) -> None:
    """T2 of the examples."""
    code = FRAMES + READ[package] + ENDS_EARLY.replace("NAME", repr(name))
    truncated = "Truncated event message received."
    assert node(examples, code).splitlines() == ["xy", f"x {truncated}", f"x {truncated}", "x", "x"]


AI_SDK_PARTS = """
import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAmazonBedrockAnthropic } from "@ai-sdk/amazon-bedrock/anthropic";
const keys = { region: "us-east-1", accessKeyId: "nobody", secretAccessKey: "nothing" };
const create = { converse: createAmazonBedrock, claude: createAmazonBedrockAnthropic }[NAME];
const prompt = [{ role: "user", content: [{ type: "text", text: "hi" }] }];
async function parts(wires) {
  const told = [];
  const model = create({ ...keys, fetch: over(wires) })("anthropic.claude-3-haiku-20240307-v1:0");
  try {
    for await (const part of (await model.doStream({ prompt })).stream) {
      if (part.type === "text-delta") told.push(part.delta);
      if (part.type === "error") told.push(`error ${part.error.type}: ${part.error.message}`);
      if (part.type === "finish") told.push(`finish ${part.finishReason.unified} ${part.finishReason.raw}`);
    }
  } catch (error) {
    told.push(`thrown ${error.statusCode} ${error.message} ${error.responseBody}`);
  }
  console.log(JSON.stringify(told));
}
const type = "throttlingException";
const throttled = { "exception-type": type, "content-type": "application/json", "message-type": "exception" };
const exception = frame(throttled, '{"message":"slow down"}');
const error = frame({ "error-code": "InternalError", "error-message": "broken", "message-type": "error" }, "");
await parts([...streams[NAME]("x"), exception]);
await parts([...streams[NAME]("x"), error]);
await parts(streams[NAME]("x"));
await parts([exception]);
"""


@pytest.mark.confirms(f"{HERE}{AI_SDK}", "E1", "E2", "T1")
@pytest.mark.parametrize(
    ("name", "unfinished", "first"),
    [
        (
            "converse",
            ["x", "finish other undefined"],
            ["error throttlingException: slow down", "finish error undefined"],
        ),
        ("claude", ["x"], ['thrown 429 slow down {"message":"slow down"}']),
    ],
)
def test_the_ai_sdk_drops_an_error_message(examples: Path, name: str, unfinished: list[str], first: list[str]) -> None:
    """E1 and T1 of the example, and E2: of an exception that comes first, Claude's path tells a status and no type."""
    told = node(examples, FRAMES + AI_SDK_PARTS.replace("NAME", repr(name)))
    exception, error, nothing, alone = map(json.loads, told.splitlines())
    assert exception[:2] == ["x", "error throttlingException: slow down"]
    assert error == nothing == unfinished
    assert alone == first


def test_each_example_names_a_version(examples: Path) -> None:
    wanted = json.loads((EXAMPLES / "package.json").read_text())["dependencies"]
    assert {package: version(examples, package) for package in PACKAGES.values()}.items() <= wanted.items()
