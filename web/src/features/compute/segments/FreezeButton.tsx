import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { freezeSegment, type Segment } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { Field } from "@/ui/Columns";
import { useChange } from "@/ui/useChange";

/** Keep who is in a segment now, for good, under another id. */
export function FreezeButton({ segment }: { segment: Segment }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const [asId, setAsId] = useState<string | null>(null);
  const freeze = useChange({
    change: (id: string) => freezeSegment(name, segment.id, id),
    refreshes: [["segments", name]],
    done: t("segments.frozen"),
    onDone: ({ id }) => {
      setAsId(null);
      void navigate(`/w/${name}/segments/${id}`);
    },
  });
  const suggestion = `${segment.id}_${new Date().toISOString().slice(0, 10).replaceAll("-", "")}`.slice(
    0,
    64,
  );
  return (
    <>
      <Button onClick={() => setAsId(suggestion)}>{t("segments.freeze")}</Button>
      <Modal
        open={asId !== null}
        title={t("segments.freezeTitle")}
        okText={t("segments.freeze")}
        cancelText={t("action.cancel")}
        confirmLoading={freeze.isPending}
        okButtonProps={{ disabled: !asId }}
        onOk={() => freeze.mutate(asId ?? "")}
        onCancel={() => setAsId(null)}
      >
        <p>{t("segments.freezeText")}</p>
        <Field label={t("segments.id")}>
          <Input value={asId ?? ""} maxLength={64} onChange={({ target }) => setAsId(target.value)} />
        </Field>
      </Modal>
    </>
  );
}
