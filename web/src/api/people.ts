import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";
import type { Json } from "@/lib/json";

export type Person = components["schemas"]["perennial__api__people_schemas__PersonShown"];
export type PersonEvent = components["schemas"]["PersonEvent"];
export type Why = components["schemas"]["Why"];
export type Reason = components["schemas"]["ReasonShown"];
export type Message = components["schemas"]["Message"];
export type PersonIdentity = components["schemas"]["PersonIdentity"];

/** One row of a list of people, however they were found. */
export interface ListedPerson {
  profile_id: string;
  user_id: string | null;
  /** By what they were found, where a text was looked for. */
  found?: { kind: string; value: unknown };
  traits?: Record<string, unknown>;
}

interface PeoplePage {
  people: ListedPerson[];
  next: string | null;
}

const PAGE = 200;
const header = inWorkspace;
const about = (workspace: string, id: string) => ({
  params: { header: header(workspace), path: { user_id: id } },
});
const key = (workspace: string, id: string, ...rest: string[]) => ["person", workspace, id, ...rest];

/** People by a text (of a name or address), by a condition, or both; page after page. */
export const peopleQuery = (workspace: string, text: string, condition: Json | null) =>
  infiniteQueryOptions({
    queryKey: ["people", workspace, text, JSON.stringify(condition)],
    queryFn: ({ pageParam, signal }) => fetchPeople({ workspace, text, condition, after: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });

interface PeopleAsked {
  workspace: string;
  text: string;
  condition: Json | null;
  after: string | null;
  signal: AbortSignal;
}

function fetchPeople({ workspace, text, condition, after, signal }: PeopleAsked): Promise<PeoplePage> {
  const params = { header: header(workspace) };
  const body = { limit: PAGE, after, ...(condition === null ? {} : { condition }) };
  return text
    ? bodyOf(client.POST("/api/people/search", { params, body: { ...body, text }, signal }))
    : bodyOf(client.POST("/api/people/list", { params, body, signal }));
}

export const peopleCountQuery = (workspace: string, condition: Json | null) =>
  queryOptions({
    queryKey: ["people", workspace, "count", JSON.stringify(condition)],
    queryFn: () =>
      bodyOf(
        client.POST("/api/people/count", {
          params: { header: header(workspace) },
          body: condition === null ? {} : { condition },
        }),
      ),
    staleTime: 30_000,
  });

export const personQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id),
    queryFn: () => bodyOf(client.GET("/api/people/{user_id}", about(workspace, id))),
  });

export interface EventsWanted {
  event?: string | undefined;
  kind?: PersonEventKind | undefined;
}
export type PersonEventKind = "track" | "page" | "screen" | "identify" | "consent" | "perennial";

export const personEventsQuery = (workspace: string, id: string, { event, kind }: EventsWanted = {}) =>
  infiniteQueryOptions({
    queryKey: key(workspace, id, "events", event ?? "", kind ?? ""),
    queryFn: ({ pageParam }) => {
      const query = { limit: 100, after: pageParam, ...(event ? { event } : {}), ...(kind ? { kind } : {}) };
      const { header: heads, path } = about(workspace, id).params;
      return bodyOf(client.GET("/api/people/{user_id}/events", { params: { header: heads, path, query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });

export const personTagsQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id, "tags"),
    queryFn: () => bodyOf(client.GET("/api/people/{user_id}/tags", about(workspace, id))),
  });

export const personMovesQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id, "moves"),
    queryFn: () => bodyOf(client.GET("/api/people/{user_id}/segments/history", about(workspace, id))),
  });

export const personMessagesQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id, "messages"),
    queryFn: () =>
      bodyOf(
        client.GET("/api/messages", {
          params: { header: header(workspace), query: { user: id, limit: 200 } },
        }),
      ),
  });

export const personConsentsQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id, "consents"),
    queryFn: () => bodyOf(client.GET("/api/people/{user_id}/consents", about(workspace, id))),
  });

export const personIdentityQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: key(workspace, id, "identity"),
    queryFn: () => bodyOf(client.GET("/api/people/{user_id}/identity", about(workspace, id))),
  });

export type WhyAsked = { segment: string } | { tag: string };

export const whyQuery = (workspace: string, id: string, asked: WhyAsked) =>
  queryOptions({
    queryKey: key(workspace, id, "why", JSON.stringify(asked)),
    queryFn: () => bodyOf(client.POST("/api/people/{user_id}/why", { ...about(workspace, id), body: asked })),
  });

export const recordConsent = (
  workspace: string,
  id: string,
  given: { consent: string; state: "granted" | "withdrawn"; proof: string },
) => bodyOf(client.POST("/api/people/{user_id}/consent", { ...about(workspace, id), body: given }));

export const unmerge = (workspace: string, profileId: string) =>
  bodyOf(
    client.POST("/api/people/unmerge", {
      params: { header: header(workspace) },
      body: { profile_id: profileId },
    }),
  );

export const erasePerson = (
  workspace: string,
  id: string,
  given: { reason: string; allow_return: boolean },
) =>
  bodyOf(client.POST("/api/people/{user_id}/erase", { ...about(workspace, id), body: { ...given, by: "" } }));

/** Everything kept of a person; the history comes in pages, all of which are fetched. */
export async function exportPerson(workspace: string, id: string): Promise<unknown> {
  const { header: heads, path } = about(workspace, id).params;
  const ask = (after: string | null) =>
    bodyOf(
      client.GET("/api/people/{user_id}/export", {
        params: { header: heads, path, query: after ? { after } : {} },
      }),
    );
  let page = await ask(null);
  const { next: _, ...whole } = page;
  const events = [...page.events];
  while (page.next) {
    page = await ask(page.next);
    events.push(...page.events);
  }
  return { ...whole, events };
}
