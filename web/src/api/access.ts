import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { bodyOf, client, inWorkspace } from "@/api/client";
import type { components } from "@/api/schema";

export type TeamMember = components["schemas"]["TeamMember"];
export type Role = components["schemas"]["TeamOrder"]["role"];
export type Token = components["schemas"]["TokenShown"];
export type Approval = components["schemas"]["ApprovalShown"];
export type AuditEntry = components["schemas"]["AuditShown"];

export const ROLES: readonly Role[] = ["owner", "admin", "operator", "analyst", "support", "viewer"];

const header = inWorkspace;
const here = (workspace: string) => ({ params: { header: header(workspace) } });
const EVERY = 15_000;

export const teamQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["members", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/members", { params: { header: header(workspace), query: { limit: 1000 } } })),
  });

export const inviteMember = (workspace: string, email: string, role: Role, everywhere: boolean) =>
  bodyOf(client.POST("/api/members", { ...here(workspace), body: { email, role, everywhere } }));

const member = (workspace: string, email: string) => ({
  params: { header: header(workspace), path: { email } },
});

export const changeRole = (workspace: string, email: string, role: Role) =>
  bodyOf(
    client.PUT("/api/members/{email}/role", {
      ...member(workspace, email),
      body: { role, everywhere: false },
    }),
  );

export const removeMember = (workspace: string, email: string) =>
  bodyOf(client.DELETE("/api/members/{email}", member(workspace, email)));

export const resetMember = (workspace: string, email: string) =>
  bodyOf(client.POST("/api/members/{email}/reset", member(workspace, email)));

export const tokensQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["tokens", workspace],
    queryFn: () =>
      bodyOf(client.GET("/api/tokens", { params: { header: header(workspace), query: { limit: 1000 } } })),
  });

export const createToken = (
  workspace: string,
  name: string,
  scopes: readonly string[],
  days: number | null,
) => bodyOf(client.POST("/api/tokens", { ...here(workspace), body: { name, scopes: [...scopes], days } }));

export const revokeToken = (workspace: string, tokenId: string) =>
  bodyOf(
    client.DELETE("/api/tokens/{token_id}", {
      params: { header: header(workspace), path: { token_id: tokenId } },
    }),
  );

export const approvalsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["approvals", workspace],
    queryFn: () => bodyOf(client.GET("/api/approvals", here(workspace))),
    refetchInterval: EVERY,
  });

export const decide = (workspace: string, approvalId: string, verdict: "approve" | "reject") => {
  const about = { params: { header: header(workspace), path: { approval_id: approvalId } } };
  return bodyOf(
    verdict === "approve"
      ? client.POST("/api/approvals/{approval_id}/approve", about)
      : client.POST("/api/approvals/{approval_id}/reject", about),
  );
};

export const approvalRulesQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["approval-rules", workspace],
    queryFn: () => bodyOf(client.GET("/api/approval-rules", here(workspace))),
  });

export const setApprovalRules = (workspace: string, operations: readonly string[]) =>
  bodyOf(client.PUT("/api/approval-rules", { ...here(workspace), body: { operations: [...operations] } }));

export interface AuditWanted {
  by?: string | undefined;
  operation?: string | undefined;
}

export const auditQuery = (workspace: string, { by, operation }: AuditWanted) =>
  infiniteQueryOptions({
    queryKey: ["audit", workspace, by ?? "", operation ?? ""],
    queryFn: ({ pageParam }) => {
      const query = {
        limit: 100,
        after: pageParam,
        ...(by ? { by } : {}),
        ...(operation ? { operation } : {}),
      };
      return bodyOf(client.GET("/api/audit", { params: { header: header(workspace), query } }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
