// @ai-sdk/openai-compatible, its stream of chat completions: sliceproof check "exec:node ai-sdk-body.mjs"

import { createOpenAICompatible, VERSION } from "@ai-sdk/openai-compatible";
import { aiSdkDeltas } from "./ai-sdk-deltas.mjs";
import { response } from "./body.mjs";
import { serve } from "./sliceproof.mjs";

async function* decode(chunks) {
  const provider = createOpenAICompatible({ name: "x", baseURL: "http://x/v1", fetch: async () => response(chunks) });
  const prompt = [{ role: "user", content: [{ type: "text", text: "hello" }] }];
  const { stream } = await provider.chatModel("m").doStream({ prompt });
  yield* aiSdkDeltas(stream);
}

const channels = ["reasoning", "tool-call"]; // its parts have no number of a choice
await serve(decode, { version: VERSION, dialects: ["openai-sse"], envelope: "http", yields: "deltas", channels });
