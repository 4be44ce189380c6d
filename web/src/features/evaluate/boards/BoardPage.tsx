import { CameraOutlined, DownloadOutlined, LineChartOutlined, ShareAltOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { type Board, boardQuery, exportBoard, removeBoard } from "@/api/boards";
import { useMay, useWorkspace } from "@/api/workspace";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { FilterBar, filtersIn } from "@/features/evaluate/boards/FilterBar";
import { Grid } from "@/features/evaluate/boards/Grid";
import { pictureOf } from "@/features/evaluate/boards/picture";
import { ShareDialog } from "@/features/evaluate/boards/ShareDialog";
import { TileCard } from "@/features/evaluate/boards/TileCard";
import { useEditedBoard } from "@/features/evaluate/boards/useEditedBoard";
import { saveBlob } from "@/lib/files";
import { Answer } from "@/ui/Answer";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { ConflictDialog } from "@/ui/ConflictDialog";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { usePalette } from "@/ui/theme";
import { useChange } from "@/ui/useChange";

/** One board. */
export function BoardPage() {
  const { name } = useWorkspace();
  const { board: id = "" } = useParams();
  const query = useQuery(boardQuery(name, id));
  if (query.data) return <Opened key={query.data.id} live={query.data} />;
  return (
    <Page title={id}>
      <Answer query={query} height={480}>
        {() => null}
      </Answer>
    </Page>
  );
}

function Opened({ live }: { live: Board }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const grid = useRef<HTMLDivElement>(null);
  const [address] = useSearchParams();
  const edited = useEditedBoard(live);
  const { document } = edited;
  // What is not saved yet is looked at already.
  const filters = { ...(edited.isChanged ? document.filters : {}), ...filtersIn(address) };
  const canDefine = may("define");
  return (
    <Page
      title={live.name}
      above={<Link to={`/w/${name}/boards`}>{t("nav.boards")}</Link>}
      below={live.description ?? undefined}
      actions={<Actions board={live} grid={grid} />}
    >
      <FilterBar
        own={document.filters ?? {}}
        canKeep={canDefine}
        onKeep={(kept) => edited.change({ ...document, filters: kept })}
      >
        {edited.isChanged && (
          <>
            <Button onClick={edited.discard}>{t("boards.discard")}</Button>
            <Button type="primary" loading={edited.isSaving} onClick={edited.save}>
              {t("boards.save")}
            </Button>
          </>
        )}
      </FilterBar>
      {document.tiles.length === 0 && (
        <EmptyState
          title={t("boards.noTiles")}
          action={
            <Link to={`/w/${name}/insights`}>
              <LineChartOutlined aria-hidden="true" /> {t("boards.toExplorer")}
            </Link>
          }
        >
          {t("boards.noTilesText")}
        </EmptyState>
      )}
      <div ref={grid}>
        <Grid
          tiles={document.tiles}
          titleOf={(tile) => tile.title || tile.id}
          canMove={canDefine}
          onMove={(tiles) => edited.change({ ...document, tiles })}
        >
          {(tile, handle) => (
            <TileCard
              board={live}
              tile={tile}
              filters={filters}
              handle={handle}
              onRemove={
                canDefine
                  ? () =>
                      edited.change({ ...document, tiles: document.tiles.filter(({ id }) => id !== tile.id) })
                  : null
              }
            />
          )}
        </Grid>
      </div>
      {edited.theirs && (
        <ConflictDialog
          mine={JSON.stringify(document, null, 2)}
          theirs={JSON.stringify(edited.theirs.document, null, 2)}
          onKeepMine={edited.keepMine}
          onTakeTheirs={edited.takeTheirs}
          onClose={edited.closeConflict}
        />
      )}
    </Page>
  );
}

function Actions({ board, grid }: { board: Board; grid: React.RefObject<HTMLDivElement | null> }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const palette = usePalette();
  const navigate = useNavigate();
  const [address] = useSearchParams();
  const [isSharing, setSharing] = useState(false);
  const file = useChange({
    change: () => exportBoard(name, board.id, filtersIn(address)),
    refreshes: [],
    onDone: (blob) => saveBlob(`${board.id}.csv`, blob),
  });
  const picture = useChange({
    change: async () => (grid.current ? pictureOf(grid.current, board.name, palette) : null),
    refreshes: [],
    onDone: (blob) => blob && saveBlob(`${board.id}.png`, blob),
  });
  const removal = useChange({
    change: () => removeBoard(name, board.id),
    refreshes: [["boards", name]],
    onDone: () => void navigate(`/w/${name}/boards`),
  });
  return (
    <div className={styles.bar}>
      <Button icon={<CameraOutlined />} loading={picture.isPending} onClick={() => picture.mutate(undefined)}>
        {t("boards.picture")}
      </Button>
      <Button icon={<DownloadOutlined />} loading={file.isPending} onClick={() => file.mutate(undefined)}>
        {t("insights.csv")}
      </Button>
      {may("export") && (
        <Button icon={<ShareAltOutlined />} onClick={() => setSharing(true)}>
          {t("boards.share")}
        </Button>
      )}
      {may("define") && (
        <ConfirmButton
          isDangerous
          title={t("boards.removeTitle", { name: board.name })}
          text={t("boards.removeText")}
          onConfirm={() => removal.mutate(undefined)}
        >
          {t("boards.remove")}
        </ConfirmButton>
      )}
      {isSharing && <ShareDialog board={board} onClose={() => setSharing(false)} />}
    </div>
  );
}
