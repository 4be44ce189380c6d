import { PauseOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { Button, Input, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SeenCall } from "@/api/debugger";
import { useWorkspace } from "@/api/workspace";
import { useCalls } from "@/features/collect/debugger/useCalls";
import { personPath } from "@/lib/addresses";
import { Badge } from "@/ui/Badge";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { Rows } from "@/ui/Rows";
import { useFormats } from "@/ui/useFormats";

const HEIGHT = 560;

/** Calls as they come in: who, what, and what became of it. No value of a property is shown. */
export function LivePage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { time } = useFormats();
  const [isPaused, setPaused] = useState(false);
  const [sought, setSought] = useState("");
  const [onlyRefused, setOnlyRefused] = useState(false);
  const { calls, state, error, dropped, again } = useCalls(name, isPaused);
  const shown = calls.filter(
    ({ call }) => (!onlyRefused || call.outcome === "refused") && matches(call, sought),
  );
  const tone = state === "open" ? "good" : "warn";
  return (
    <Page
      title={t("nav.live")}
      beside={
        <Badge tone={isPaused ? "quiet" : tone} hasDot>
          {t(isPaused ? "live.paused" : `live.state.${state}`)}
        </Badge>
      }
      below={t("live.lead")}
      actions={
        <Button
          icon={isPaused ? <PlayCircleOutlined /> : <PauseOutlined />}
          onClick={() => setPaused(!isPaused)}
        >
          {t(isPaused ? "live.resume" : "live.pause")}
        </Button>
      }
    >
      <Line>
        <Input.Search
          allowClear
          aria-label={t("live.search")}
          placeholder={t("live.search")}
          style={{ maxWidth: 360 }}
          onChange={({ target }) => setSought(target.value)}
        />
        <Switch aria-label={t("live.onlyRefused")} checked={onlyRefused} onChange={setOnlyRefused} />
        <span>{t("live.onlyRefused")}</span>
      </Line>
      {error !== null && <ProblemNotice error={error} onRetry={again} />}
      {dropped > 0 && <p>{t("live.dropped", { count: dropped })}</p>}
      <Rows
        label={t("nav.live")}
        rows={shown}
        idOf={({ id }) => String(id)}
        height={HEIGHT}
        empty={
          <EmptyState
            title={t("live.emptyTitle")}
            action={<Link to={`/w/${name}/sources`}>{t("live.snippets")}</Link>}
          >
            {t("live.emptyText")}
          </EmptyState>
        }
        expanded={({ call }) => <CodeBlock label={t("live.inFull")} text={JSON.stringify(call, null, 2)} />}
        columns={[
          { title: t("live.when"), key: "at", width: 120, render: (_, { call }) => time(call.received_at) },
          {
            title: t("live.outcome"),
            key: "outcome",
            width: 120,
            render: (_, { call }) => (
              <Badge tone={call.outcome === "accepted" ? "good" : "bad"}>
                {t(`live.outcomeOf.${call.outcome}`)}
              </Badge>
            ),
          },
          { title: t("live.source"), key: "source", width: 120, render: (_, { call }) => call.source },
          {
            title: t("live.event"),
            key: "event",
            width: 180,
            render: (_, { call }) => <strong>{call.event || call.kind}</strong>,
          },
          {
            title: t("live.who"),
            key: "who",
            width: 180,
            render: (_, { call }) =>
              call.user_id ? (
                <Link to={personPath(name, call.user_id)}>{call.user_id}</Link>
              ) : (
                call.anonymous_id || "–"
              ),
          },
          {
            title: t("live.said"),
            key: "said",
            width: 320,
            ellipsis: true,
            render: (_, { call }) =>
              call.outcome === "refused"
                ? [call.code, call.path, call.hint].filter(Boolean).join(" · ")
                : Object.entries(call.properties)
                    .map(([property, kind]) => `${property}: ${kind}`)
                    .join(" · "),
          },
        ]}
      />
    </Page>
  );
}

const matches = (call: SeenCall, sought: string): boolean =>
  [call.event, call.kind, call.source, call.user_id, call.anonymous_id, call.code]
    .join(" ")
    .toLowerCase()
    .includes(sought.toLowerCase());
