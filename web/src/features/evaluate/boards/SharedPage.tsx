import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useParams } from "react-router";
import { type SharedTile, sharedBoardQuery } from "@/api/boards";
import { Problem } from "@/api/problems";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { Grid } from "@/features/evaluate/boards/Grid";
import { heightOf } from "@/features/evaluate/boards/layout";
import { TileBody } from "@/features/evaluate/boards/TileBody";
import { AROUND } from "@/features/evaluate/boards/TileCard";
import { formatsOf } from "@/lib/formats";
import { usePreferences } from "@/lib/preferences";
import { EmptyState } from "@/ui/EmptyState";
import { Loading } from "@/ui/Loading";
import { Mark } from "@/ui/Mark";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** A board as whoever has the link sees it: numbers, and nobody's name. What opens it stands behind the `#`. */
export function SharedPage() {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { workspace = "" } = useParams();
  const token = useLocation().hash.slice(1);
  const { data, error, refetch } = useQuery(sharedBoardQuery(workspace, token));
  const { instant } = formatsOf(language, data?.timezone ?? "UTC");
  const isOver = error instanceof Problem && error.status === 404;
  useEffect(() => {
    if (data) document.title = `${data.name} · Perennial`;
  }, [data]);
  return (
    <main className={styles.public}>
      <div className={styles.publicHead}>
        <div>
          <h1 className={styles.publicTitle}>{data?.name ?? t("boards.shared")}</h1>
          {data?.description && <p className={styles.soft}>{data.description}</p>}
        </div>
        <p className={styles.soft}>
          <Mark />{" "}
          {data && t("boards.sharedAsOf", { at: instant(data.as_of), until: instant(data.expires_at) })}
        </p>
      </div>
      {isOver && <EmptyState title={t("boards.linkOver")}>{t("boards.linkOverText")}</EmptyState>}
      {error && !isOver && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading height={480} />}
      {data && (
        <Grid
          tiles={data.tiles}
          titleOf={({ title }) => title ?? ""}
          canMove={false}
          onMove={() => undefined}
        >
          {({ id }) => <SharedCard tile={data.tiles.find((each) => each.id === id)} />}
        </Grid>
      )}
    </main>
  );
}

function SharedCard({ tile }: { tile: SharedTile | undefined }) {
  if (!tile) return null;
  return (
    <section className={styles.tile} aria-label={tile.title}>
      <header className={styles.head}>
        <h2 className={styles.title}>{tile.title}</h2>
      </header>
      <div className={styles.body} data-body>
        <TileBody
          tile={tile}
          title={tile.title}
          height={heightOf(tile.layout) - AROUND}
          view="drawn"
          onOpen={() => undefined}
        />
      </div>
    </section>
  );
}
