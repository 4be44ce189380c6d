import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Segment, saveSegment, segmentsQuery } from "@/api/segments";
import { useMay, useWorkspace } from "@/api/workspace";
import { conditionOf, documentOf, textOf } from "@/features/compute/segments/document";
import { SegmentForm } from "@/features/compute/segments/SegmentForm";
import { asGroup, asksNothing } from "@/lib/conditions/forms";
import { isObject, type Json, type JsonObject } from "@/lib/json";
import { readText, writeText } from "@/lib/notation";
import { Columns } from "@/ui/Columns";
import { ConflictDialog } from "@/ui/ConflictDialog";
import { ConditionEditor } from "@/ui/conditions/ConditionEditor";
import { type Count, Counted, useCount } from "@/ui/conditions/Counted";
import { DocumentText } from "@/ui/DocumentText";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { UndoButtons } from "@/ui/UndoButtons";
import { useChange } from "@/ui/useChange";
import { keepDraft, readDraft, useDraft } from "@/ui/useDraft";
import { useHistory } from "@/ui/useHistory";

const VIEWS = ["picture", "text"] as const;

interface SegmentBuilderProps {
  first: JsonObject;
  /** The version that is changed; 0 for a new segment. */
  version: number;
  savedId?: string;
}

/** Where a segment is built: the condition as picture or text, with its sentence and count beside it. */
export function SegmentBuilder({ first, version, savedId }: SegmentBuilderProps) {
  const { t } = useTranslation();
  const { name: workspace } = useWorkspace();
  const draftKey = `${workspace}.segment.${savedId ?? "new"}`;
  const [restored, setRestored] = useState(() => readDocument(readDraft(draftKey)));
  const work = useHistory<JsonObject>(restored ?? first);
  const isChanged = JSON.stringify(work.value) !== JSON.stringify(first);
  useDraft(draftKey, isChanged ? writeText("json", work.value) : null);
  const [view, setView] = useState<(typeof VIEWS)[number]>("picture");
  const condition = conditionOf(work.value);
  const discard = () => {
    keepDraft(draftKey, null);
    setRestored(null);
    work.reset(first);
  };
  const setCondition = (changed: Json) => work.set({ ...work.value, condition: changed });
  return (
    <Page
      title={
        savedId ? t("segments.change", { name: textOf(first, "name") || savedId }) : t("segments.create")
      }
      above={<Link to={`/w/${workspace}/segments${savedId ? `/${savedId}` : ""}`}>← {t("action.back")}</Link>}
      actions={<Save work={work} version={version} savedId={savedId} draftKey={draftKey} />}
    >
      {restored && isChanged && (
        <Alert
          type="info"
          showIcon
          title={t("draft.restored")}
          action={
            <Button size="small" onClick={discard}>
              {t("draft.discard")}
            </Button>
          }
        />
      )}
      <Columns aside={<CountPanel condition={condition} />}>
        <SegmentForm document={work.value} onChange={work.set} isSaved={savedId !== undefined} />
        <Panel
          title={t("segments.condition")}
          actions={
            <Segmented
              size="small"
              aria-label={t("segments.view")}
              value={view}
              options={VIEWS.map((each) => ({ value: each, label: t(`segments.viewOf.${each}`) }))}
              onChange={setView}
            />
          }
        >
          {view === "picture" ? (
            <Picture condition={condition} onChange={setCondition} />
          ) : (
            <DocumentText
              label={t("segments.document")}
              value={work.value}
              onChange={(document) => isObject(document) && work.set(document)}
            />
          )}
        </Panel>
      </Columns>
    </Page>
  );
}

function readDocument(text: string | null): JsonObject | null {
  if (text === null) return null;
  const read = readText(text);
  return read.ok && isObject(read.document) ? read.document : null;
}

function Picture({ condition, onChange }: { condition: Json; onChange: (condition: Json) => void }) {
  // A single question is drawn in a group, so that another can be added; it is saved as it was, alone.
  const shown = asGroup(condition);
  const change = (changed: Json) => onChange(shown === condition ? changed : alone(changed));
  const { problems } = useCount(condition);
  return (
    <ConditionEditor
      value={shown}
      onChange={change}
      problems={
        shown === condition ? problems : problems.map((each) => ({ ...each, path: inGroup(each.path) }))
      }
    />
  );
}

/** A group of one that nobody asked for is that one. */
function alone(condition: Json): Json {
  if (!isObject(condition) || !Array.isArray(condition.all) || condition.all.length !== 1) return condition;
  return (condition.all[0] as Json) ?? condition;
}

const inGroup = (path: string): string => path.replace("$.condition", "$.condition.all[0]");

function CountPanel({ condition }: { condition: Json }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("segments.who")}>
      {asksNothing(condition) ? (
        <EmptyState title={t("segments.asksNothing")}>{t("segments.asksNothingText")}</EmptyState>
      ) : (
        <Live condition={condition} />
      )}
    </Panel>
  );
}

function Live({ condition }: { condition: Json }) {
  const count: Count = useCount(condition);
  return <Counted count={count} />;
}

interface SaveProps {
  work: ReturnType<typeof useHistory<JsonObject>>;
  version: number;
  savedId: string | undefined;
  draftKey: string;
}

function Save({ work, version, savedId, draftKey }: SaveProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [theirs, setTheirs] = useState<Segment | null>(null);
  const save = useChange({
    change: (document: JsonObject) => saveSegment(name, document),
    refreshes: [
      ["segments", name],
      ["segment", name],
      ["today", name],
    ],
    done: t("segments.saved"),
    onDone: ({ id }) => {
      keepDraft(draftKey, null);
      void navigate(`/w/${name}/segments/${id}`);
    },
  });
  const id = textOf(work.value, "id");
  const [isLooking, setLooking] = useState(false);
  const begin = async () => {
    setLooking(true);
    const known = await queries.fetchQuery({ ...segmentsQuery(name), staleTime: 0 }).catch(() => null);
    setLooking(false);
    const there = known?.segments.find((each) => each.id === id);
    if (there && there.version !== version) setTheirs(there);
    else save.mutate(work.value);
  };
  return (
    <>
      <UndoButtons work={work} />
      <Button
        type="primary"
        loading={isLooking || save.isPending}
        disabled={!id || asksNothing(conditionOf(work.value)) || !may("define")}
        onClick={() => void begin()}
      >
        {savedId ? t("action.save") : t("segments.saveNew")}
      </Button>
      {theirs && (
        <ConflictDialog
          mine={writeText("yaml", work.value)}
          theirs={writeText("yaml", documentOf(theirs))}
          onClose={() => setTheirs(null)}
          onKeepMine={() => save.mutate(work.value)}
          onTakeTheirs={() => {
            keepDraft(draftKey, null);
            work.reset(documentOf(theirs));
            setTheirs(null);
          }}
        />
      )}
    </>
  );
}
