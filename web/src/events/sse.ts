/** Message is one event of a text/event-stream. */
export interface Message {
  id: string | null;
  event: string;
  data: string;
}

/** Parser splits a stream of text into events (HTML Living Standard, 9.2.6). */
export class Parser {
  private rest: string[] = []; // the beginning of a line that has not ended yet
  private heldCR = false; // the last chunk ended in CR: an LF that follows belongs to it
  private data: string[] = [];
  private event = "";
  private id: string | null = null;
  private readonly emit: (m: Message) => void;

  constructor(emit: (m: Message) => void) {
    this.emit = emit;
  }

  // push looks at each character once, however long a line is.
  push(chunk: string): void {
    const text = this.heldCR && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    if (chunk !== "") this.heldCR = chunk.endsWith("\r");
    let from = 0;
    for (const end of text.matchAll(/\r\n|\n|\r/g)) {
      this.rest.push(text.slice(from, end.index));
      const line = this.rest.join("");
      this.rest = [];
      this.line(line);
      from = end.index + end[0].length;
    }
    if (from < text.length) this.rest.push(text.slice(from));
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length > 0) this.emit({ id: this.id, event: this.event || "message", data: this.data.join("\n") });
      this.data = [];
      this.event = "";
      this.id = null;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? "" : line.slice(colon + 1);
    if (value.startsWith(" ")) value = value.slice(1);
    if (field === "data") this.data.push(value);
    else if (field === "event") this.event = value;
    else if (field === "id") this.id = value;
  }
}

/** read hands on each event of an answer until it ends. beat is told of every sign of life. */
export async function read(response: Response, emit: (m: Message) => void, beat?: () => void): Promise<void> {
  if (!response.body) return;
  const parser = new Parser(emit);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    beat?.();
    parser.push(value);
  }
}
