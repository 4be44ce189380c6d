import { FilterOutlined } from "@ant-design/icons";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { peopleCountQuery, peopleQuery } from "@/api/people";
import { useMay, useWorkspace } from "@/api/workspace";
import { PeopleRows } from "@/features/compute/people/PeopleRows";
import { asGroup, blank } from "@/lib/conditions/forms";
import type { Json } from "@/lib/json";
import { readText } from "@/lib/notation";
import { Columns, Line } from "@/ui/Columns";
import { ConditionEditor } from "@/ui/conditions/ConditionEditor";
import { Counted, useCount } from "@/ui/conditions/Counted";
import { useVocabulary } from "@/ui/conditions/useVocabulary";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { keepDraft } from "@/ui/useDraft";
import { useFormats } from "@/ui/useFormats";
import { useSettled } from "@/ui/useSettled";

/** Everybody, those of a name, or those whom a condition holds for. The address says which. */
export function PeoplePage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const formats = useFormats();
  const [asked, setAsked] = useSearchParams();
  const condition = readCondition(asked.get("where"));
  const text = useSettled(asked.get("q") ?? "");
  const settled = useSettled(condition);
  const query = useInfiniteQuery(peopleQuery(name, text.trim(), settled));
  const { data: counted } = useQuery(peopleCountQuery(name, settled));
  const { first } = useVocabulary();
  const change = (key: "q" | "where", value: string | null) =>
    setAsked(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(key, value);
        else after.delete(key);
        return after;
      },
      { replace: true },
    );
  const filter = (changed: Json | null) => change("where", changed === null ? null : JSON.stringify(changed));
  const rows = query.data?.pages.flatMap(({ people }) => people) ?? [];
  return (
    <Page
      title={t("nav.people")}
      beside={
        counted && (
          <span>{t("people.count", { count: counted.people, shown: formats.count(counted.people) })}</span>
        )
      }
      below={t("people.lead")}
    >
      <Line>
        <Input.Search
          allowClear
          aria-label={t("people.search")}
          placeholder={t("people.search")}
          defaultValue={asked.get("q") ?? ""}
          style={{ maxWidth: 420 }}
          onChange={({ target }) => change("q", target.value)}
        />
        <Button
          icon={<FilterOutlined />}
          type={condition ? "primary" : "default"}
          aria-pressed={condition !== null}
          onClick={() => filter(condition ? null : { all: [blank("did", first)] })}
        >
          {t(condition ? "people.unfilter" : "people.filter")}
        </Button>
      </Line>
      {condition !== null && <Filter condition={condition} onChange={filter} />}
      {query.error ? (
        <ProblemNotice error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <PeopleRows
          rows={rows}
          isLoading={query.isPending}
          isFiltered={condition !== null || text !== ""}
          onEnd={() => query.hasNextPage && !query.isFetchingNextPage && void query.fetchNextPage()}
        />
      )}
    </Page>
  );
}

function readCondition(text: string | null): Json | null {
  if (!text) return null;
  const read = readText(text);
  return read.ok ? read.document : null;
}

function Filter({ condition, onChange }: { condition: Json; onChange: (condition: Json) => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const may = useMay();
  const [value, setValue] = useState<Json>(() => asGroup(condition));
  const count = useCount(value);
  const change = (changed: Json) => {
    setValue(changed);
    onChange(changed);
  };
  const save = () => {
    keepDraft(`${name}.segment.new`, JSON.stringify({ id: "", name: "", condition: value }));
    void navigate(`/w/${name}/segments/new`);
  };
  return (
    <Columns
      aside={
        <Panel title={t("people.matching")}>
          <Counted count={count} />
          {may("define") && <Button onClick={save}>{t("people.saveAsSegment")}</Button>}
        </Panel>
      }
    >
      <ConditionEditor value={value} onChange={change} problems={count.problems} />
    </Columns>
  );
}
