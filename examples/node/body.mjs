// What clients of an HTTP body share here: a `fetch` whose response is the chunks that sliceproof gives.

/** A response whose body is read chunk by chunk, as it is asked for. */
export function response(chunks, type = "text/event-stream") {
  const iterator = chunks[Symbol.asyncIterator]();
  const body = new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else if (value.length > 0) controller.enqueue(new Uint8Array(value));
        else await this.pull(controller); // a chunk of no bytes is none to fetch
      },
    },
    { highWaterMark: 0 }, // nothing is read ahead
  );
  return new Response(body, { headers: { "content-type": type } });
}
