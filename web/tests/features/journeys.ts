import { parse } from "yaml";
import type { JsonObject } from "@/features/decide/journeys/document";

/** A journey with every kind of step. */
export const WINBACK: JsonObject = parse(`
id: cart_winback
entry: {on: {event: add_to_cart, where: [{property: amount, is: ">= 50"}]}, key: cart_id}
reentry: {after: 30d}
goal: {event: order_paid, same: cart_id, for: 3d}
exit:
  - {event: order_paid, same: cart_id}
control: "20%"
start: pause
nodes:
  pause: {wait: 24h, then: worth}
  worth:
    branch:
      - {if: {measure: sum(amount), of: order_paid, within: 365d, is: ">= 500"}, then: offer}
      - {if: {segment: regulars}, then: ways}
    else: remind
  offer: {send: {channel: email, template: cart_offer, topic: marketing, expires: 2d}, then: rest}
  ways: {split: {arms: [{id: a, weight: 1, then: offer}, {id: b, weight: 3, then: remind}]}}
  remind: {send: {channel: email, template: cart_reminder, topic: marketing}, then: rest}
  rest: {join: true, then: done}
  done: {exit: {outcome: ignored}}
`);

/** A chain of so many branches, each with a message: twice as many steps, and an exit. */
export function longJourney(branches: number): JsonObject {
  const nodes: JsonObject = { end: { exit: { outcome: "done" } } };
  for (let place = 0; place < branches; place += 1) {
    const next = place + 1 < branches ? `ask${place + 1}` : "end";
    nodes[`ask${place}`] = { branch: [{ if: { did: "order_paid" }, then: next }], else: `say${place}` };
    nodes[`say${place}`] = { send: { channel: "email", template: "t", topic: "marketing" }, then: next };
  }
  return { id: "long", entry: { on: { event: "x" } }, control: "none", start: "ask0", nodes };
}
