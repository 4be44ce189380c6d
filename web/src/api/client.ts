import createClient, { type Middleware } from "openapi-fetch";
import { problemOf, Unreachable } from "@/api/problems";
import type { paths } from "@/api/schema";
import { noteConnection } from "@/lib/connection";

const WORKSPACE = "X-Perennial-Workspace";

const outcome: Middleware = {
  async onResponse({ response }) {
    noteConnection(false);
    if (response.ok) return;
    throw problemOf(
      response.status,
      await response
        .clone()
        .json()
        .catch(() => null),
    );
  },
  onError() {
    noteConnection(true);
    return new Unreachable();
  },
};

/** The server's API with the types of its OpenAPI document. It throws `Problem` or `Unreachable`. */
export const client = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "" });
client.use(outcome);

/** The header that names the workspace a request is about. */
export const inWorkspace = (workspace: string): { [WORKSPACE]: string } => ({ [WORKSPACE]: workspace });

/** The body of an answer; an answer without one breaks the contract. */
export async function bodyOf<T>(answer: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await answer;
  if (data === undefined) throw problemOf(response.status, null);
  return data;
}

/** A document as the body of a request, exactly as it is written. */
export const asBody = (document: unknown) => ({
  body: JSON.stringify(document),
  bodySerializer: String,
  headers: { "Content-Type": "application/json" },
});
