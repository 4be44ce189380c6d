import { useQuery } from "@tanstack/react-query";
import { Input, Modal, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type BoardDocument, boardsQuery, fetchBoard, saveBoard } from "@/api/boards";
import type { Spec } from "@/api/insights";
import { useWorkspace } from "@/api/workspace";
import { boardPath } from "@/lib/addresses";
import styles from "@/ui/insights/Insights.module.css";
import { useChange } from "@/ui/useChange";

const HEIGHT = 8;

/** Put what the explorer shows on a board. */
export function PinDialog({ spec, onClose }: { spec: Spec; onClose: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [boardField, titleField] = [useId(), useId()];
  const { data: boards = [] } = useQuery(boardsQuery(name));
  const [board, setBoard] = useState<string | undefined>();
  const [title, setTitle] = useState(t(`insights.kinds.${spec.kind}`, { defaultValue: spec.kind }));
  const chosen = board ?? boards[0]?.id;
  const pin = useChange({
    change: async (id: string) => {
      const live = await fetchBoard(name, id);
      return saveBoard(name, withTile(live.document, spec, title.trim()), live.version);
    },
    refreshes: [
      ["boards", name],
      ["board", name],
    ],
  });
  return (
    <Modal
      open
      title={t("boards.pin")}
      okText={t("boards.pin")}
      okButtonProps={{ disabled: !chosen || !title.trim() || pin.isSuccess, loading: pin.isPending }}
      onOk={() => chosen && pin.mutate(chosen)}
      onCancel={onClose}
    >
      <div className={styles.form}>
        {boards.length === 0 && (
          <p>
            {t("boards.noBoards")} <Link to={`/w/${name}/boards`}>{t("nav.boards")}</Link>
          </p>
        )}
        <div className={styles.field}>
          <label htmlFor={boardField}>{t("boards.onBoard")}</label>
          <Select
            id={boardField}
            value={chosen ?? null}
            options={boards.map(({ id, name: called }) => ({ value: id, label: called }))}
            onChange={(id) => setBoard(id ?? undefined)}
          />
        </div>
        <div className={styles.field}>
          <label htmlFor={titleField}>{t("boards.tileTitle")}</label>
          <Input
            id={titleField}
            value={title}
            maxLength={120}
            onChange={({ target }) => setTitle(target.value)}
          />
        </div>
        {pin.data && (
          <p role="status">
            {t("boards.pinned")} <Link to={boardPath(name, pin.data.id)}>{pin.data.name}</Link>
          </p>
        )}
      </div>
    </Modal>
  );
}

/** The board with the question below all other tiles. */
function withTile(board: BoardDocument, spec: Spec, title: string): BoardDocument {
  const taken = new Set(board.tiles.map(({ id }) => id));
  let id: string = spec.kind;
  for (let number = 2; taken.has(id); number += 1) id = `${spec.kind}-${number}`;
  const y = Math.max(0, ...board.tiles.map(({ layout }) => layout.y + layout.h));
  return { ...board, tiles: [...board.tiles, { id, title, spec, layout: { x: 0, y, w: 6, h: HEIGHT } }] };
}
