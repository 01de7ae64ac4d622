// A whole client, OpenAI's, unmodified: sliceproof run --dialect openai-sse -- node openai.mjs
//
// It asks SageMaker's /openai/v1 route, on which the container's bytes come without the framing of an event stream.

import OpenAI from "openai";

const ours = process.env.SLICEPROOF_URL;

async function* text(name) {
  const client = new OpenAI({ baseURL: `${ours}/endpoints/${name}/openai/v1`, apiKey: "none", maxRetries: 0, logLevel: "off" });
  const messages = [{ role: "user", content: "hello" }];
  for await (const { choices } of await client.chat.completions.create({ model: name, messages, stream: true })) {
    yield choices.find(({ index }) => index === 0)?.delta?.content ?? "";
  }
}

for (;;) {
  const next = await fetch(`${ours}/next`).catch(() => process.exit(0));
  if (next.status === 204) continue;
  const { name } = await next.json();
  const told = { text: "" };
  try {
    for await (const delta of text(name)) told.text += delta;
  } catch (error) {
    told.error = String(error);
  }
  await fetch(`${ours}/report/${name}`, { method: "POST", body: JSON.stringify(told) });
}
