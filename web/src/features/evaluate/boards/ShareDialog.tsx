import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Modal, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Board, revokeShare, type Share, shareBoard, sharesQuery } from "@/api/boards";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { CopyButton } from "@/ui/CopyButton";
import { useChange } from "@/ui/useChange";
import { useFormats } from "@/ui/useFormats";

const DAYS = [1, 7, 30, 90, 365] as const;

/** Links that show this board's numbers and nobody's name: making one, seeing them, taking them back. */
export function ShareDialog({ board, onClose }: { board: Board; onClose: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const id = useId();
  const [days, setDays] = useState<number>(7);
  const query = useQuery(sharesQuery(name, board.id));
  const made = useChange({
    change: (lasting: number) => shareBoard(name, board.id, lasting),
    refreshes: [["shares", name, board.id]],
  });
  return (
    <Modal open footer={null} title={t("boards.share")} onCancel={onClose}>
      <p className={styles.soft}>{t("boards.shareText")}</p>
      <label htmlFor={id}>{t("boards.lasts")}</label>
      <div className={styles.link}>
        <Select
          id={id}
          value={days}
          options={DAYS.map((value) => ({ value, label: t("boards.days", { count: value }) }))}
          onChange={setDays}
        />
        <Button type="primary" loading={made.isPending} onClick={() => made.mutate(days)}>
          {t("boards.makeLink")}
        </Button>
      </div>
      {made.data && (
        <>
          <Alert type="success" title={t("boards.linkOnce")} />
          <div className={styles.link}>
            <code className={styles.secret}>{made.data.url}</code>
            <CopyButton text={made.data.url} />
          </div>
        </>
      )}
      <Answer query={query} height={80}>
        {({ shares }) => <Shares shares={shares} board={board.id} />}
      </Answer>
    </Modal>
  );
}

function Shares({ shares, board }: { shares: readonly Share[]; board: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { instant } = useFormats();
  const { mutate } = useChange({
    change: (id: string) => revokeShare(name, id),
    refreshes: [["shares", name, board]],
    done: t("boards.revoked"),
  });
  if (shares.length === 0) return <p className={styles.soft}>{t("boards.noLinks")}</p>;
  return (
    <ul className={styles.shares} aria-label={t("boards.links")}>
      {shares.map((share) => (
        <li key={share.id}>
          <span>
            <Badge tone={share.open ? "good" : "quiet"}>
              {share.open ? t("boards.open") : t("boards.over")}
            </Badge>{" "}
            {t("boards.until", { at: instant(share.expires_at) })}
          </span>
          {share.open && (
            <ConfirmButton
              size="small"
              isDangerous
              title={t("boards.revokeTitle")}
              text={t("boards.revokeText")}
              onConfirm={() => mutate(share.id)}
            >
              {t("boards.revoke")}
            </ConfirmButton>
          )}
        </li>
      ))}
    </ul>
  );
}
