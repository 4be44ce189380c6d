import { describe, expect, test } from "vitest";
import { readServerEvents } from "@/lib/serverEvents";

describe("A stream of a server's events", () => {
  test("whole events are told, and what is still coming is kept", () => {
    const text = 'event: open\ndata: {"a": 1}\n\nevent: call\ndata: {"b"';
    const first = readServerEvents(text);
    expect(first.events).toEqual([{ event: "open", data: '{"a": 1}' }]);
    expect(readServerEvents(`${first.rest}: 2}\n\n`)).toEqual({
      events: [{ event: "call", data: '{"b": 2}' }],
      rest: "",
    });
  });

  test("a comment that keeps the stream open is no event", () => {
    expect(readServerEvents(": still here\n\n")).toEqual({ events: [], rest: "" });
  });
});
