export const SNIPPETS = ["web", "curl", "segment", "sensors", "python"] as const;
export type Snippet = (typeof SNIPPETS)[number];

/** Code to copy that sends to this server with this key. */
export function snippet(kind: Snippet, address: string, key: string): string {
  switch (kind) {
    case "web":
      return `<script>window.perennial = []</script>
<script async src="${address}/p.js" data-key="${key}"></script>`;
    case "curl":
      return `curl -u ${key}: ${address}/v1/track \\
  -d '{"userId": "p1", "event": "order_paid", "messageId": "order-77", "properties": {"amount": 12.5}}'`;
    case "segment":
      return `import { AnalyticsBrowser } from "@segment/analytics-next";

const analytics = AnalyticsBrowser.load(
  { writeKey: "${key}", cdnURL: "${address}" },
  { integrations: { "Segment.io": { apiHost: "${address.replace(/^https?:\/\//, "")}/v1"${
    address.startsWith("https") ? "" : ', protocol: "http"'
  } } } },
);
analytics.track("order_paid", { amount: 12.5 });`;
    case "sensors":
      return `sensors.init({
  server_url: "${address}/sa?token=${key}",
  is_track_single_page: true,
});
sensors.track("order_paid", { amount: 12.5 });`;
    case "python":
      return `import httpx

httpx.post(
    "${address}/v1/track",
    auth=("${key}", ""),
    json={"userId": "p1", "event": "order_paid", "messageId": "order-77", "properties": {"amount": 12.5}},
).raise_for_status()`;
  }
}
