// The AWS SDK's SageMaker Runtime client, its own deserialisation: sliceproof check "exec:node events.mjs"
//
// Nothing listens anywhere: the request handler answers with a response whose body is the stream under test.

import { createRequire } from "node:module";
import {
  InvokeEndpointWithResponseStreamCommand,
  SageMakerRuntimeClient,
} from "@aws-sdk/client-sagemaker-runtime";
import { serve } from "./sliceproof.mjs";

let body;
const client = new SageMakerRuntimeClient({
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

async function* decode(chunks) {
  body = chunks;
  const response = await client.send(new InvokeEndpointWithResponseStreamCommand({ EndpointName: "e", Body: "{}" }));
  for await (const event of response.Body) {
    if (event.PayloadPart) yield { headers: null, payload: event.PayloadPart.Bytes };
  }
}

const { version } = createRequire(import.meta.url)("@aws-sdk/client-sagemaker-runtime/package.json");
await serve(decode, { version, yields: "messages" });
