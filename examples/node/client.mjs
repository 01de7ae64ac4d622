// A whole client, the AWS SDK's, unmodified: sliceproof run --dialect tgi-sse -- node client.mjs
//
// It asks for the next stream, asks the endpoint over HTTP, and reports the text and how it ended.

import { InvokeEndpointWithResponseStreamCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SseText } from "./sse.mjs";

const ours = process.env.SLICEPROOF_URL;
const client = new SageMakerRuntimeClient({ endpoint: ours, maxAttempts: 1 });

async function* text(name) {
  const asked = new InvokeEndpointWithResponseStreamCommand({ EndpointName: name, Body: "{}" });
  const { Body } = await client.send(asked);
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const sse = new SseText();
  for await (const { PayloadPart } of Body) {
    if (PayloadPart) yield* sse.read(utf8.decode(PayloadPart.Bytes, { stream: true }));
  }
  yield* sse.read(utf8.decode());
  yield* sse.end();
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
