import { ReloadOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type Reject, rejectCountsQuery, rejectsQuery, replayRejects } from "@/api/rejects";
import { useMay, useWorkspace } from "@/api/workspace";
import { FixPanel } from "@/features/collect/rejects/FixPanel";
import styles from "@/features/collect/rejects/RejectsPage.module.css";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { BarList } from "@/ui/BarList";
import { Columns, Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";
import { useNotice } from "@/ui/useNotice";
import { useSettled } from "@/ui/useSettled";

/** What was refused, why, and a way to fix it and try it again. */
export function RejectsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [asked, setAsked] = useSearchParams();
  const code = asked.get("code") ?? undefined;
  const search = useSettled(asked.get("q") ?? "");
  const query = useInfiniteQuery(rejectsQuery(name, { code, search }));
  const rows = query.data?.pages.flatMap(({ rejects }) => rejects) ?? [];
  const change = (key: "q" | "code", value: string | null) =>
    setAsked(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(key, value);
        else after.delete(key);
        return after;
      },
      { replace: true },
    );
  return (
    <Page title={t("nav.rejects")} below={t("rejects.lead")}>
      <Columns aside={<Reasons chosen={code} onChoose={(chosen) => change("code", chosen)} />}>
        <Line>
          <Input.Search
            allowClear
            aria-label={t("rejects.search")}
            placeholder={t("rejects.search")}
            defaultValue={asked.get("q") ?? ""}
            style={{ maxWidth: 360 }}
            onChange={({ target }) => change("q", target.value)}
          />
        </Line>
        <Answer query={query}>{() => <RejectRows rows={rows} />}</Answer>
        {query.hasNextPage && (
          <Line>
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t("action.more")}
            </Button>
          </Line>
        )}
      </Columns>
    </Page>
  );
}

function RejectRows({ rows }: { rows: readonly Reject[] }) {
  const { t } = useTranslation();
  return (
    <Rows<Reject>
      label={t("nav.rejects")}
      rows={rows}
      idOf={({ id }) => String(id)}
      empty={<EmptyState title={t("rejects.emptyTitle")}>{t("rejects.emptyText")}</EmptyState>}
      expanded={(reject) => <FixPanel reject={reject} />}
      columns={[
        {
          title: t("rejects.when"),
          key: "at",
          width: 170,
          render: (_, { received_at }) => <Moment at={received_at} />,
        },
        {
          title: t("rejects.event"),
          key: "event",
          width: 130,
          render: (_, { source, event }) => (
            <>
              {event || "–"}
              <br />
              <span className={styles.source}>{source}</span>
            </>
          ),
        },
        { title: t("rejects.reason"), key: "reason", render: (_, { message }) => message },
        {
          title: t("rejects.standing"),
          key: "standing",
          width: 100,
          render: (_, { replayed_at }) =>
            replayed_at ? (
              <Badge tone="good">{t("rejects.replayed")}</Badge>
            ) : (
              <Badge tone="bad">{t("rejects.refused")}</Badge>
            ),
        },
      ]}
    />
  );
}

function Reasons({
  chosen,
  onChoose,
}: {
  chosen: string | undefined;
  onChoose: (code: string | null) => void;
}) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const notice = useNotice();
  const query = useQuery(rejectCountsQuery(name));
  const replay = useChange({
    change: (code: string) => replayRejects(name, { code }),
    refreshes: [["rejects", name]],
    onDone: ({ tried, replayed, refused }) => notice.done(t("rejects.outcome", { tried, replayed, refused })),
  });
  return (
    <Panel title={t("rejects.reasons")}>
      <Answer query={query} height={80}>
        {({ counts }) =>
          counts.length === 0 ? (
            <p>{t("rejects.none")}</p>
          ) : (
            <>
              <BarList
                label={t("rejects.reasons")}
                entries={counts.map(({ code, events }) => ({
                  id: code,
                  label: code,
                  value: events,
                  isCode: true,
                }))}
              />
              <Line>
                {counts.map(({ code }) => (
                  <Button
                    key={code}
                    size="small"
                    type={code === chosen ? "primary" : "default"}
                    aria-pressed={code === chosen}
                    onClick={() => onChoose(code === chosen ? null : code)}
                  >
                    {code}
                  </Button>
                ))}
              </Line>
              {chosen && may("data") && (
                <Button
                  icon={<ReloadOutlined />}
                  loading={replay.isPending}
                  onClick={() => replay.mutate(chosen)}
                >
                  {t("rejects.retryAll", { code: chosen })}
                </Button>
              )}
              <Link to={`/w/${name}/catalogue`}>{t("rejects.catalogue")}</Link>
            </>
          )
        }
      </Answer>
    </Panel>
  );
}
