/** One event of a stream that a server sends. */
export interface ServerEvent {
  event: string;
  data: string;
}

/** The events that are whole in a text so far, and the rest that is still coming. */
export function readServerEvents(text: string): { events: ServerEvent[]; rest: string } {
  const frames = text.split("\n\n");
  const rest = frames.pop() ?? "";
  const events = frames.flatMap((frame) => {
    const lines = frame.split("\n");
    const said = (field: string) =>
      lines.filter((line) => line.startsWith(`${field}: `)).map((line) => line.slice(field.length + 2));
    const data = said("data").join("\n");
    return data ? [{ event: said("event")[0] ?? "message", data }] : [];
  });
  return { events, rest };
}
