import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { saveTag, tagsQuery } from "@/api/tags";
import { useWorkspace } from "@/api/workspace";
import { DiffPanel } from "@/features/compute/tags/DiffPanel";
import { BEGINNING, documentOf, textOf, valuesOf } from "@/features/compute/tags/document";
import { PresetPanel } from "@/features/compute/tags/PresetPanel";
import { TagForm } from "@/features/compute/tags/TagForm";
import { isObject, type JsonObject } from "@/lib/json";
import { readText } from "@/lib/notation";
import { Answer } from "@/ui/Answer";
import { Columns } from "@/ui/Columns";
import { DocumentText } from "@/ui/DocumentText";
import { NotFoundHere } from "@/ui/NotFoundHere";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { UndoButtons } from "@/ui/UndoButtons";
import { useChange } from "@/ui/useChange";
import { keepDraft, readDraft, useDraft } from "@/ui/useDraft";
import { useHistory } from "@/ui/useHistory";

const VIEWS = ["picture", "text"] as const;

/** A new tag, or another version of one; who would change is shown before it is saved. */
export function TagEditPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { tag: id } = useParams();
  const query = useQuery({ ...tagsQuery(name), enabled: id !== undefined, refetchOnWindowFocus: false });
  if (!id) return <Editor first={BEGINNING} />;
  const tag = query.data?.tags.find((each) => each.id === id);
  if (tag) return <Editor key={id} first={documentOf(tag)} savedId={id} />;
  return (
    <Page title={t("nav.tags")}>
      <Answer query={query}>{() => <NotFoundHere />}</Answer>
    </Page>
  );
}

function Editor({ first, savedId }: { first: JsonObject; savedId?: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const draftKey = `${name}.tag.${savedId ?? "new"}`;
  const [restored, setRestored] = useState(() => readDocument(readDraft(draftKey)));
  const [opened] = useState(first);
  const work = useHistory<JsonObject>(restored ?? opened);
  const isChanged = JSON.stringify(work.value) !== JSON.stringify(opened);
  useDraft(draftKey, isChanged ? JSON.stringify(work.value) : null);
  const [view, setView] = useState<(typeof VIEWS)[number]>(valuesOf(opened) ? "picture" : "text");
  const save = useChange({
    change: (document: JsonObject) => saveTag(name, document),
    refreshes: [
      ["tags", name],
      ["tag", name],
    ],
    done: t("tags.saved"),
    onDone: ({ id }) => {
      keepDraft(draftKey, null);
      void navigate(`/w/${name}/tags/${id}`);
    },
  });
  const discard = () => {
    setRestored(null);
    work.reset(opened);
  };
  return (
    <Page
      title={savedId ? t("tags.change", { name: textOf(opened, "name") || savedId }) : t("tags.create")}
      above={<Link to={`/w/${name}/tags${savedId ? `/${savedId}` : ""}`}>← {t("action.back")}</Link>}
      actions={
        <>
          <UndoButtons work={work} />
          <Button
            type="primary"
            loading={save.isPending}
            disabled={!textOf(work.value, "id")}
            onClick={() => save.mutate(work.value)}
          >
            {t("action.save")}
          </Button>
        </>
      }
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
      <Columns aside={<DiffPanel document={work.value} />}>
        {!savedId && <PresetPanel onChoose={work.set} />}
        <Panel
          title={t("tags.rule")}
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
            <TagForm document={work.value} onChange={work.set} isSaved={savedId !== undefined} />
          ) : (
            <DocumentText
              label={t("tags.document")}
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
