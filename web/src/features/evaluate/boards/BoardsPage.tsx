import { AppstoreAddOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Board, boardsQuery, saveBoard } from "@/api/boards";
import { useMay, useWorkspace } from "@/api/workspace";
import { TemplatesDialog } from "@/features/evaluate/boards/TemplatesDialog";
import { boardPath } from "@/lib/addresses";
import { idOf } from "@/lib/naming";
import { Answer } from "@/ui/Answer";
import { EmptyState } from "@/ui/EmptyState";
import { Moment } from "@/ui/Moment";
import { Page } from "@/ui/Page";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

type Making = "empty" | "template" | null;

/** Every board, and ways to make one. */
export function BoardsPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const query = useQuery(boardsQuery(name));
  const [making, setMaking] = useState<Making>(null);
  const taken = query.data?.map(({ id }) => id) ?? [];
  const actions = may("define") && (
    <>
      <Button icon={<AppstoreAddOutlined />} onClick={() => setMaking("template")}>
        {t("boards.fromTemplate")}
      </Button>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking("empty")}>
        {t("boards.create")}
      </Button>
    </>
  );
  return (
    <Page title={t("nav.boards")} below={t("boards.lead")} actions={actions}>
      <Answer query={query}>
        {(boards) => <BoardRows boards={boards} onTemplate={() => setMaking("template")} />}
      </Answer>
      {making === "empty" && <NewBoard taken={taken} onClose={() => setMaking(null)} />}
      {making === "template" && <TemplatesDialog taken={taken} onClose={() => setMaking(null)} />}
    </Page>
  );
}

function BoardRows({ boards, onTemplate }: { boards: readonly Board[]; onTemplate: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const first = may("define") && (
    <Button type="primary" onClick={onTemplate}>
      {t("boards.fromTemplate")}
    </Button>
  );
  return (
    <Rows<Board>
      label={t("nav.boards")}
      rows={boards}
      idOf={({ id }) => id}
      empty={
        <EmptyState title={t("boards.emptyTitle")} action={first}>
          {t("boards.emptyText")}
        </EmptyState>
      }
      columns={[
        {
          title: t("boards.name"),
          key: "name",
          width: 320,
          render: (_, board) => (
            <Link to={boardPath(name, board.id)}>
              <strong>{board.name}</strong>
            </Link>
          ),
        },
        { title: t("boards.about"), key: "about", render: (_, { description }) => description ?? "" },
        {
          title: t("boards.tiles"),
          key: "tiles",
          width: 90,
          align: "right",
          render: (_, { document }) => document.tiles.length,
        },
        {
          title: t("boards.saved"),
          key: "saved",
          width: 180,
          render: (_, { saved_at }) => <Moment at={saved_at} />,
        },
      ]}
    />
  );
}

function NewBoard({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const [called, setCalled] = useState("");
  const { mutate, isPending } = useChange({
    change: (title: string) =>
      saveBoard(name, { id: idOf(title, taken, "board"), name: title, tiles: [] }, 0),
    refreshes: [["boards", name]],
    onDone: ({ id }) => void navigate(boardPath(name, id)),
  });
  const save = () => called.trim() && mutate(called.trim());
  return (
    <Modal
      open
      title={t("boards.create")}
      okText={t("action.save")}
      okButtonProps={{ disabled: !called.trim(), loading: isPending }}
      onOk={save}
      onCancel={onClose}
    >
      <Input
        autoFocus
        aria-label={t("boards.name")}
        placeholder={t("boards.name")}
        value={called}
        maxLength={120}
        onChange={({ target }) => setCalled(target.value)}
        onPressEnter={save}
      />
    </Modal>
  );
}
