// The text of a TGI or OpenAI-compatible event stream, from the characters of its body.

export class SseText {
  rest = "";
  finished = false;

  /** The text deltas that these characters complete. */
  *read(characters) {
    if (!characters.includes("\n")) {
      this.rest += characters; // looked at again only when its line ends, or a long line costs its square
      return;
    }
    const lines = (this.rest + characters).split("\n"); // and no other line end: U+2028 may stand in the text
    this.rest = lines.pop();
    for (const line of lines) {
      const data = line.startsWith("data:") ? line.slice(5).trim() : "";
      if (data === "[DONE]") this.finished = true;
      else if (data) yield* this.#deltas(JSON.parse(data));
    }
  }

  /** The stream is over. */
  *end() {
    yield* this.read("\n");
    if (!this.finished) throw new Error("the stream ended before its last record");
  }

  *#deltas(record) {
    if (record.error) throw new Error(record.error.message ?? `${record.error_type}: ${record.error}`);
    if (record.token) {
      this.finished ||= record.generated_text != null;
      if (!record.token.special && record.token.text) yield record.token.text;
    }
    for (const { index, delta, finish_reason } of record.choices ?? []) {
      if (index) continue; // another choice than the first, which was asked for by n
      this.finished ||= finish_reason != null;
      if (delta?.content) yield delta.content;
    }
  }
}
