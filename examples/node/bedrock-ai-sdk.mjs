// @ai-sdk/amazon-bedrock, ConverseStream and Claude's own API: sliceproof check "exec:node bedrock-ai-sdk.mjs"

import { createAmazonBedrock, VERSION } from "@ai-sdk/amazon-bedrock";
import { createAmazonBedrockAnthropic } from "@ai-sdk/amazon-bedrock/anthropic";
import { aiSdkDeltas } from "./ai-sdk-deltas.mjs";
import { response } from "./body.mjs";
import { serve } from "./sliceproof.mjs";

const providers = {
  "bedrock-converse": createAmazonBedrock,
  "bedrock-invoke-anthropic": createAmazonBedrockAnthropic,
};

async function* decode(chunks, { dialect }) {
  const provider = providers[dialect]({
    region: "us-east-1",
    accessKeyId: "nobody",
    secretAccessKey: "nothing",
    fetch: async () => response(chunks, "application/vnd.amazon.eventstream"),
  });
  const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
  const { stream } = await provider("anthropic.claude-3-haiku-20240307-v1:0").doStream({ prompt });
  yield* aiSdkDeltas(stream);
}

const channels = ["reasoning", "tool-call"];
await serve(decode, { version: VERSION, dialects: Object.keys(providers), yields: "deltas", channels });
