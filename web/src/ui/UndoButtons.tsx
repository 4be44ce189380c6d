import { RedoOutlined, UndoOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Undoable } from "@/ui/useHistory";

/** Take back, and do again. */
export function UndoButtons<T>({ work: { undo, redo } }: { work: Undoable<T> }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        icon={<UndoOutlined />}
        aria-label={t("action.undo")}
        disabled={!undo}
        {...(undo ? { onClick: undo } : {})}
      />
      <Button
        icon={<RedoOutlined />}
        aria-label={t("action.redo")}
        disabled={!redo}
        {...(redo ? { onClick: redo } : {})}
      />
    </>
  );
}
