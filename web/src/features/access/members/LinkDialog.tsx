import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { CodeBlock } from "@/ui/CodeBlock";
import { Moment } from "@/ui/Moment";

export interface Link {
  url: string;
  expires_at: string;
  email: string;
}

/** A link that works once, to hand over oneself; it is told only now. */
export function LinkDialog({ link, onClose }: { link: Link; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal open title={t("members.linkTitle", { email: link.email })} footer={null} onCancel={onClose}>
      <p>{t("members.linkText")}</p>
      <CodeBlock label={t("members.link")} text={link.url} />
      <p>
        {t("members.linkUntil")} <Moment at={link.expires_at} />
      </p>
    </Modal>
  );
}
