import { expect, test } from "vitest";
import { type Message, Parser } from "./sse";

const stream = ': beat\n\nid: a.1\nevent: status\ndata: {"x":1}\n\nevent: result\r\ndata: one\r\ndata:two\r\n\r\nid: a.2\n\ndata: last\n\nevent: cut';

function parse(chunks: string[]): Message[] {
  const found: Message[] = [];
  const parser = new Parser((m) => found.push(m));
  for (const chunk of chunks) parser.push(chunk);
  return found;
}

test("events are the same however the stream is cut", () => {
  const whole = parse([stream]);
  expect(whole).toEqual([
    { id: "a.1", event: "status", data: '{"x":1}' },
    { id: null, event: "result", data: "one\ntwo" },
    { id: null, event: "message", data: "last" },
  ]);
  for (let i = 0; i <= stream.length; i++) {
    expect(parse([stream.slice(0, i), stream.slice(i)]), `cut at ${i}`).toEqual(whole);
  }
  expect(parse([...stream])).toEqual(whole);
});
