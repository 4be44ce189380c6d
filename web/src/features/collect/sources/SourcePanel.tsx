import { Button, InputNumber, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { limitSource, revokeSource, rotateSource, type Source } from "@/api/sources";
import { useMay, useWorkspace } from "@/api/workspace";
import { SNIPPETS, type Snippet, snippet } from "@/features/collect/sources/snippets";
import { CodeBlock } from "@/ui/CodeBlock";
import { Line } from "@/ui/Columns";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { CopyButton } from "@/ui/CopyButton";
import { Moment } from "@/ui/Moment";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

/** A source: its keys, what it may send, and code that sends with its newest key. */
export function SourcePanel({ source }: { source: Source }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const keys = source.keys ?? [];
  const refreshes = [["sources", name]];
  const rotate = useChange({
    change: () => rotateSource(name, source.name),
    refreshes,
    done: t("sources.rotated"),
  });
  const revoke = useChange({
    change: (key: string | undefined) => revokeSource(name, source.name, key),
    refreshes,
    done: t("sources.revoked"),
  });
  const newest = keys.at(-1)?.write_key;
  return (
    <Panel
      title={source.name}
      actions={
        may("settings") && (
          <Line>
            <Button size="small" loading={rotate.isPending} onClick={() => rotate.mutate(undefined)}>
              {t("sources.rotate")}
            </Button>
            <ConfirmButton
              size="small"
              isDangerous
              title={t("sources.revokeTitle", { name: source.name })}
              text={t("sources.revokeText", { count: keys.length })}
              onConfirm={() => revoke.mutate(undefined)}
            >
              {t("sources.revoke")}
            </ConfirmButton>
          </Line>
        )
      }
    >
      <Rows
        label={t("sources.keys")}
        rows={keys}
        idOf={({ write_key }) => write_key}
        empty={<p>{t("sources.noKeys")}</p>}
        columns={[
          {
            title: t("sources.key"),
            key: "key",
            width: 360,
            render: (_, key) => <code>{key.write_key}</code>,
          },
          { title: t("sources.since"), key: "since", render: (_, key) => <Moment at={key.created_at} /> },
          {
            title: t("sources.do"),
            key: "do",
            width: 220,
            render: (_, key) => (
              <Line>
                <CopyButton text={key.write_key} />
                {may("settings") && keys.length > 1 && (
                  <ConfirmButton
                    size="small"
                    isDangerous
                    title={t("sources.revokeKeyTitle")}
                    text={t("sources.revokeKeyText")}
                    onConfirm={() => revoke.mutate(key.write_key)}
                  >
                    {t("sources.revoke")}
                  </ConfirmButton>
                )}
              </Line>
            ),
          },
        ]}
      />
      {may("settings") && <Limit source={source} />}
      {newest && <Snippets writeKey={newest} />}
    </Panel>
  );
}

function Limit({ source }: { source: Source }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [perSecond, setPerSecond] = useState<number | null>(source.events_per_second);
  const limit = useChange({
    change: () => limitSource(name, source.name, { events_per_second: perSecond, burst: null }),
    refreshes: [["sources", name]],
    done: t("sources.limited"),
  });
  return (
    <Line>
      <span>{t("sources.limit")}</span>
      <InputNumber
        aria-label={t("sources.limit")}
        value={perSecond}
        min={1}
        placeholder={t("sources.unlimited")}
        style={{ width: 140 }}
        onChange={setPerSecond}
      />
      <Button
        disabled={perSecond === source.events_per_second}
        loading={limit.isPending}
        onClick={() => limit.mutate(undefined)}
      >
        {t("action.save")}
      </Button>
    </Line>
  );
}

function Snippets({ writeKey }: { writeKey: string }) {
  const { t } = useTranslation();
  const [kind, setKind] = useState<Snippet>("web");
  return (
    <>
      <div style={{ overflowX: "auto" }}>
        <Segmented<Snippet>
          size="small"
          aria-label={t("sources.snippets")}
          value={kind}
          options={SNIPPETS.map((each) => ({ value: each, label: t(`sources.snippet.${each}`) }))}
          onChange={setKind}
        />
      </div>
      <CodeBlock
        label={t(`sources.snippet.${kind}`)}
        text={snippet(kind, globalThis.location?.origin ?? "", writeKey)}
      />
    </>
  );
}
