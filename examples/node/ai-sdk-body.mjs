// @ai-sdk/openai-compatible, its stream of chat completions: sliceproof check "exec:node ai-sdk-body.mjs"

import { createOpenAICompatible, VERSION } from "@ai-sdk/openai-compatible";
import { response } from "./body.mjs";
import { serve } from "./sliceproof.mjs";

async function* decode(chunks) {
  const provider = createOpenAICompatible({ name: "x", baseURL: "http://x/v1", fetch: async () => response(chunks) });
  const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
  const { stream } = await provider.chatModel("m").doStream({ prompt });
  const calls = []; // the ids of the tool calls that have begun
  for await (const part of stream) {
    const call = { kind: "tool-call", index: calls.indexOf(part.id) };
    if (part.type === "error") throw part.error;
    else if (part.type === "text-delta") yield part.delta;
    else if (part.type === "reasoning-delta") yield { text: part.delta, kind: "reasoning" };
    else if (part.type === "tool-input-start") {
      yield { ...call, index: calls.push(part.id) - 1, id: part.id, name: part.toolName };
    } else if (part.type === "tool-input-delta") yield { ...call, text: part.delta };
    else if (part.type === "finish") yield { finish: part.finishReason.unified ?? part.finishReason };
  }
}

const channels = ["reasoning", "tool-call"]; // its parts have no number of a choice
await serve(decode, { version: VERSION, dialects: ["openai-sse"], envelope: "http", yields: "deltas", channels });
