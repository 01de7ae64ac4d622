// @anthropic-ai/bedrock-sdk, its stream of messages: sliceproof check "exec:node bedrock-anthropic.mjs"

import { createRequire } from "node:module";
import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk";
import { reader } from "./bedrock-deltas.mjs";
import { response } from "./body.mjs";
import { serve } from "./sliceproof.mjs";

async function* decode(chunks, { dialect }) {
  const client = new AnthropicBedrock({
    awsRegion: "us-east-1",
    awsAccessKey: "nobody",
    awsSecretKey: "nothing",
    maxRetries: 0,
    fetch: async () => response(chunks, "application/vnd.amazon.eventstream"),
  });
  const stream = await client.messages.create({ model: "m", max_tokens: 1, messages: [], stream: true });
  const deltas = reader(dialect);
  for await (const event of stream) yield deltas(event);
}

const { version } = createRequire(import.meta.resolve("@anthropic-ai/bedrock-sdk"))("./package.json");
const channels = ["reasoning", "tool-call"];
await serve(decode, { version, dialects: ["bedrock-invoke-anthropic"], yields: "deltas", channels });
