import { inWorkspace } from "@/api/client";
import { problemOf } from "@/api/problems";
import { readServerEvents } from "@/lib/serverEvents";

/** A call as it was sent: names and kinds of properties, never their values. */
export interface SeenCall {
  received_at: string;
  outcome: "accepted" | "refused";
  source: string;
  kind: string;
  event: string;
  user_id: string;
  anonymous_id: string;
  message_id: string;
  properties: Record<string, string>;
  calls: number;
  duplicates: number;
  code: string;
  path: string;
  hint: string;
}

export interface Watching {
  onOpen: () => void;
  onCall: (call: SeenCall) => void;
  onDropped: (calls: number) => void;
}

/** Look on while clients call, until the signal ends it or the server does. */
export async function watchCalls(workspace: string, watching: Watching, signal: AbortSignal): Promise<void> {
  const answer = await fetch("/api/debugger/stream", { headers: inWorkspace(workspace), signal });
  if (!answer.ok || !answer.body) throw problemOf(answer.status, await answer.json().catch(() => null));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const { events, rest } = readServerEvents(text + value);
    text = rest;
    for (const { event, data } of events) tell(event, data, watching);
  }
}

function tell(event: string, data: string, { onOpen, onCall, onDropped }: Watching): void {
  if (event === "open") onOpen();
  if (event === "call") onCall(JSON.parse(data) as SeenCall);
  if (event === "dropped") onDropped((JSON.parse(data) as { calls: number }).calls);
}
