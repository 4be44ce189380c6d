import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/ui/CodeBlock";
import styles from "@/ui/ConflictDialog.module.css";

interface ConflictDialogProps {
  mine: string;
  theirs: string;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onClose: () => void;
}

/** Somebody else saved meanwhile: both are shown side by side, and the operator decides. */
export function ConflictDialog({ mine, theirs, onKeepMine, onTakeTheirs, onClose }: ConflictDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      width={960}
      title={t("conflict.title")}
      onCancel={onClose}
      footer={[
        <Button key="theirs" onClick={onTakeTheirs}>
          {t("conflict.takeTheirs")}
        </Button>,
        <Button key="mine" type="primary" onClick={onKeepMine}>
          {t("conflict.keepMine")}
        </Button>,
      ]}
    >
      <p>{t("conflict.text")}</p>
      <div className={styles.sides}>
        <div>
          <strong>{t("conflict.mine")}</strong>
          <CodeBlock label={t("conflict.mine")} text={mine} isPlain />
        </div>
        <div>
          <strong>{t("conflict.theirs")}</strong>
          <CodeBlock label={t("conflict.theirs")} text={theirs} isPlain />
        </div>
      </div>
    </Modal>
  );
}
