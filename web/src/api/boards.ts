import { queryOptions } from "@tanstack/react-query";
import { asBody, bodyOf, client, inWorkspace } from "@/api/client";
import type { InsightResult, Spec } from "@/api/insights";
import type { components } from "@/api/schema";
import type { Language } from "@/lib/languages";

export type KeptDocument = Omit<components["schemas"]["KeptDocument"], "document">;
export type SharedTile = Omit<components["schemas"]["SharedTile"], "answer"> & {
  answer: InsightResult | null;
};
export type TileAnswer = Omit<components["schemas"]["TileAnswer"], "answer" | "spec"> & {
  answer: InsightResult | null;
  spec: Spec;
};
export type Share = components["schemas"]["ShareShown"];

/** Where a tile lies: columns of 12, and rows. */
export interface Layout {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Tile {
  id: string;
  title?: string;
  insight?: string;
  spec?: Spec;
  layout: Layout;
}

/** What holds for every tile. */
export interface Filters {
  among?: unknown;
  range?: unknown;
}

export interface BoardDocument {
  id: string;
  name?: string;
  description?: string;
  filters?: Filters;
  tiles: Tile[];
}

export interface Board extends KeptDocument {
  document: BoardDocument;
}

/** A specification under a name. */
export interface KeptInsight extends KeptDocument {
  document: { id: string; name?: string; spec: Spec };
}

export interface BoardTemplate extends Omit<components["schemas"]["BoardTemplate"], "board"> {
  board: BoardDocument;
}

/** As many as one answer holds. */
const MOST = 1000;
const header = inWorkspace;
const about = (workspace: string, id: string) => ({
  params: { header: header(workspace), path: { board_id: id } },
});

export const keptInsightsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["kept-insights", workspace],
    queryFn: async () => {
      const found = await bodyOf(
        client.GET("/api/insights/saved", { params: { header: header(workspace), query: { limit: MOST } } }),
      );
      return found.insights as KeptInsight[];
    },
    staleTime: 60_000,
  });

/** Keep a specification under a name that is not there yet. */
export const keepInsight = (workspace: string, document: KeptInsight["document"]) =>
  bodyOf(
    client.POST("/api/insights/saved", {
      params: { header: header(workspace), query: { replaces: 0 } },
      ...asBody(document),
    }),
  );

export const boardsQuery = (workspace: string) =>
  queryOptions({
    queryKey: ["boards", workspace],
    queryFn: async () => {
      const found = await bodyOf(
        client.GET("/api/boards", { params: { header: header(workspace), query: { limit: MOST } } }),
      );
      return found.boards as Board[];
    },
  });

export const boardQuery = (workspace: string, id: string) =>
  queryOptions({
    queryKey: ["board", workspace, id],
    queryFn: async () => (await bodyOf(client.GET("/api/boards/{board_id}", about(workspace, id)))) as Board,
  });

/** The live version, asked for anew. */
export const fetchBoard = async (workspace: string, id: string): Promise<Board> =>
  (await bodyOf(client.GET("/api/boards/{board_id}", about(workspace, id)))) as Board;

/** Keep a board in place of the version that was opened; 0 where there is none yet. */
export const saveBoard = async (workspace: string, board: BoardDocument, replaces: number): Promise<Board> =>
  (await bodyOf(
    client.POST("/api/boards", {
      params: { header: header(workspace), query: { replaces } },
      ...asBody(board),
    }),
  )) as Board;

export const removeBoard = (workspace: string, id: string) =>
  bodyOf(client.DELETE("/api/boards/{board_id}", about(workspace, id)));

/** One tile of a board at a version, under further filters: each is answered by itself. */
export const tileQuery = (workspace: string, board: Board, tile: string, filters: Filters) =>
  queryOptions({
    queryKey: ["board-tile", workspace, board.id, board.version, tile, filters],
    queryFn: async () => {
      const { params } = about(workspace, board.id);
      const found = await bodyOf(
        client.POST("/api/boards/{board_id}/run", {
          params: { ...params, query: { wait: "accepted" } },
          body: { filters: filters as never, tiles: [tile] },
        }),
      );
      return found.tiles[0] as TileAnswer;
    },
    staleTime: 60_000,
  });

/** All numbers of a board as a CSV file. */
export const exportBoard = (workspace: string, id: string, filters: Filters): Promise<Blob> =>
  bodyOf(
    client.POST("/api/boards/{board_id}/export", {
      params: { ...about(workspace, id).params, query: { format: "csv", wait: "accepted" } },
      body: { filters: filters as never },
      parseAs: "blob",
    }),
  ) as Promise<unknown> as Promise<Blob>;

export const templatesQuery = (workspace: string, language: Language) =>
  queryOptions({
    queryKey: ["board-templates", workspace, language],
    queryFn: async () => {
      const found = await bodyOf(
        client.GET("/api/boards/templates", { params: { header: header(workspace), query: { language } } }),
      );
      return found.templates as BoardTemplate[];
    },
    staleTime: 60_000,
  });

/** A board that we ship, its events under the workspace's own names. */
export const fetchTemplate = async (
  workspace: string,
  id: string,
  language: Language,
  events: Record<string, string>,
): Promise<BoardTemplate> =>
  (await bodyOf(
    client.POST("/api/boards/templates/{template_id}", {
      params: { header: header(workspace), path: { template_id: id } },
      body: { language, events },
    }),
  )) as BoardTemplate;

export const sharesQuery = (workspace: string, board: string) =>
  queryOptions({
    queryKey: ["shares", workspace, board],
    queryFn: () => bodyOf(client.GET("/api/boards/{board_id}/shares", about(workspace, board))),
  });

export const shareBoard = (workspace: string, board: string, days: number) =>
  bodyOf(client.POST("/api/boards/{board_id}/shares", { ...about(workspace, board), body: { days } }));

export const revokeShare = (workspace: string, share: string) =>
  bodyOf(
    client.DELETE("/api/shares/{share_id}", {
      params: { header: header(workspace), path: { share_id: share } },
    }),
  );

/** What a link shows to whoever has it. */
export const sharedBoardQuery = (workspace: string, token: string) =>
  queryOptions({
    queryKey: ["shared-board", workspace, token],
    queryFn: async () => {
      const found = await bodyOf(
        client.GET("/api/shared/{workspace}", {
          params: { path: { workspace }, header: { "X-Perennial-Share": token } },
        }),
      );
      return { ...found, tiles: found.tiles as SharedTile[] };
    },
    staleTime: 60_000,
    retry: false,
  });
