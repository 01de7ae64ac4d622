// The npm package openai, its stream of chat completions: sliceproof check "exec:node openai-body.mjs"

import OpenAI from "openai";
import { VERSION } from "openai/version";
import { response } from "./body.mjs";
import { openaiDeltas } from "./openai-deltas.mjs";
import { serve } from "./sliceproof.mjs";

async function* decode(chunks) {
  const client = new OpenAI({ apiKey: "none", maxRetries: 0, fetch: async () => response(chunks) });
  const stream = await client.chat.completions.create({ model: "m", messages: [], stream: true });
  for await (const chunk of stream) yield openaiDeltas(chunk);
}

await serve(decode, { version: VERSION, dialects: ["openai-sse"], envelope: "http", yields: "deltas" });
