import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Board, type BoardDocument, boardQuery, fetchBoard, saveBoard } from "@/api/boards";
import { Problem } from "@/api/problems";
import { useWorkspace } from "@/api/workspace";
import { readDraft, useDraft } from "@/ui/useDraft";
import { useNotice } from "@/ui/useNotice";

interface Draft {
  document: BoardDocument;
  /** The version that it began from. */
  version: number;
}

/** A board being changed: unsaved work outlives a reload, and nobody's change is saved over unseen. */
export function useEditedBoard(live: Board) {
  const { name } = useWorkspace();
  const { t } = useTranslation();
  const queries = useQueryClient();
  const notice = useNotice();
  const key = `${name}.board.${live.id}`;
  const [draft, setDraft] = useState<Draft | null>(() => draftOf(readDraft(key)));
  const [theirs, setTheirs] = useState<Board | null>(null);
  const [isSaving, setSaving] = useState(false);
  useDraft(key, draft && JSON.stringify(draft));
  const document = draft?.document ?? live.document;
  const take = (board: Board) => {
    queries.setQueryData(boardQuery(name, live.id).queryKey, board);
    void queries.invalidateQueries({ queryKey: ["boards", name] });
    setDraft(null);
    setTheirs(null);
  };
  const save = async (version: number) => {
    setSaving(true);
    try {
      take(await saveBoard(name, document, version));
      notice.done(t("boards.kept"));
    } catch (error) {
      const isConflict = error instanceof Problem && error.code === "saved_meanwhile";
      if (isConflict) setTheirs(await fetchBoard(name, live.id));
      else notice.failed(error);
    } finally {
      setSaving(false);
    }
  };
  return {
    document,
    isChanged: draft !== null,
    isSaving,
    /** What somebody else saved meanwhile. */
    theirs,
    change: (next: BoardDocument) => setDraft({ document: next, version: draft?.version ?? live.version }),
    discard: () => setDraft(null),
    save: () => void save(draft?.version ?? live.version),
    keepMine: () => theirs && void save(theirs.version),
    takeTheirs: () => theirs && take(theirs),
    closeConflict: () => setTheirs(null),
  };
}

function draftOf(text: string | null): Draft | null {
  if (text === null) return null;
  try {
    const found: unknown = JSON.parse(text);
    const isDraft = typeof found === "object" && found !== null && "document" in found && "version" in found;
    return isDraft ? (found as Draft) : null;
  } catch {
    return null;
  }
}
