// The AWS SDK's Bedrock Runtime client, its own deserialisation: sliceproof check "exec:node bedrock-aws-sdk.mjs"
//
// ConverseStream's events are the SDK's; behind InvokeModelWithResponseStream it gives the bytes of a model's record,
// which are read here. The request handler answers with a response whose body is the stream under test.

import { createRequire } from "node:module";
import {
  BedrockRuntimeClient,
  ConverseStreamCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { dialects, reader } from "./bedrock-deltas.mjs";
import { serve } from "./sliceproof.mjs";

let body;
const client = new BedrockRuntimeClient({
  region: "us-east-1",
  credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
  maxAttempts: 1,
  requestHandler: {
    handle: async () => ({
      response: {
        statusCode: 200,
        headers: { "content-type": "application/vnd.amazon.eventstream" },
        body,
      },
    }),
  },
});

async function* decode(chunks, { dialect }) {
  body = chunks;
  const deltas = reader(dialect);
  if (dialect === "bedrock-converse") {
    const { stream } = await client.send(new ConverseStreamCommand({ modelId: "m", messages: [] }));
    for await (const event of stream) yield deltas(event);
  } else {
    const response = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: "m", body: "{}" }));
    for await (const { chunk } of response.body) {
      if (chunk?.bytes?.length) yield deltas(JSON.parse(new TextDecoder().decode(chunk.bytes)));
    }
  }
}

const { version } = createRequire(import.meta.url)("@aws-sdk/client-bedrock-runtime/package.json");
await serve(decode, { version, dialects, yields: "deltas", channels: ["reasoning", "tool-call"] });
