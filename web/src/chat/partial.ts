// What a model is writing, summed up from its fragments.
import type { Delta, ModelMessage, Part, Snapshot } from "./types";

/** utf8 is how many bytes a text has on the wire. */
export function utf8(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) continue;
    n += c < 0x800 || (c >= 0xd800 && c <= 0xdfff) ? 1 : 2; // a pair of two units has four bytes
  }
  return n;
}

const sizeOf = (d: Delta): number => utf8(d.text ?? "") + utf8(d.callArgs ?? "");

/** Builder sums up the deltas of one message. Parts that did not change stay the same object. */
export class Builder {
  readonly step: number;
  offset: number; // bytes taken in so far: the server counts them too
  private readonly parts: Part[];
  private held: ModelMessage | null = null;

  constructor(step: number, from?: Snapshot | null) {
    this.step = step;
    this.offset = from?.offset ?? 0;
    this.parts = [...(from?.message.parts ?? [])];
  }

  /**
   * take adds deltas that begin at an offset. It skips what it has already, and reports
   * false when something before them is missing.
   */
  take(offset: number, deltas: Delta[]): boolean {
    let at = offset;
    for (const d of deltas) {
      const size = sizeOf(d);
      if (at > this.offset) return false;
      if (at < this.offset) {
        at += size;
        if (at > this.offset) return false; // cut in the middle of a fragment
        continue;
      }
      if (!this.add(d)) return false;
      at += size;
      this.offset = at;
    }
    return true;
  }

  private add(d: Delta): boolean {
    if (d.part < 0) return true;
    if (d.part > this.parts.length) return false;
    this.held = null;
    const old = this.parts[d.part] ?? { kind: d.kind ?? "text" };
    const next: Part = { ...old };
    if (d.text) next.text = (old.text ?? "") + d.text;
    if (d.media) next.media = d.media;
    if (next.kind === "call") {
      const call = old.call ?? { id: "", name: "", args: "" };
      next.call = { id: d.callId || call.id, name: d.callName || call.name, args: call.args + (d.callArgs ?? "") };
    }
    this.parts[d.part] = next;
    return true;
  }

  message(): ModelMessage {
    this.held ??= { role: "model", parts: [...this.parts] };
    return this.held;
  }
}
