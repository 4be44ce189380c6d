import { SaveOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { keepInsight, keptInsightsQuery } from "@/api/boards";
import type { Spec } from "@/api/insights";
import { useMay, useWorkspace } from "@/api/workspace";
import { idOf } from "@/lib/naming";
import { useChange } from "@/ui/useChange";

/** Questions that are kept under a name: asking one again, and keeping what is asked now. */
export function KeptInsights({ spec, onAsk }: { spec: Spec; onAsk: (spec: Spec) => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const [isKeeping, setKeeping] = useState(false);
  const { data: kept = [] } = useQuery(keptInsightsQuery(name));
  const ask = (id: string) => {
    const found = kept.find((each) => each.id === id);
    if (found) onAsk(found.document.spec);
  };
  return (
    <>
      {kept.length > 0 && (
        <Select
          aria-label={t("insights.keptQuestions")}
          placeholder={t("insights.keptQuestions")}
          style={{ minWidth: 200 }}
          value={null}
          options={kept.map(({ id, name: called }) => ({ value: id, label: called }))}
          onChange={(id: string | null) => id !== null && ask(id)}
        />
      )}
      {may("define") && (
        <Button icon={<SaveOutlined />} onClick={() => setKeeping(true)}>
          {t("insights.keepQuestion")}
        </Button>
      )}
      {isKeeping && (
        <Keeping spec={spec} taken={kept.map(({ id }) => id)} onClose={() => setKeeping(false)} />
      )}
    </>
  );
}

interface KeepingProps {
  spec: Spec;
  taken: readonly string[];
  onClose: () => void;
}

function Keeping({ spec, taken, onClose }: KeepingProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [called, setCalled] = useState("");
  const { mutate, isPending } = useChange({
    change: (title: string) => keepInsight(name, { id: idOf(title, taken, "insight"), name: title, spec }),
    refreshes: [["kept-insights", name]],
    done: t("insights.questionKept"),
    onDone: onClose,
  });
  const save = () => called.trim() && mutate(called.trim());
  return (
    <Modal
      open
      title={t("insights.keepQuestion")}
      okText={t("action.save")}
      okButtonProps={{ disabled: !called.trim(), loading: isPending }}
      onOk={save}
      onCancel={onClose}
    >
      <Input
        autoFocus
        aria-label={t("insights.questionName")}
        placeholder={t("insights.questionName")}
        value={called}
        maxLength={120}
        onChange={({ target }) => setCalled(target.value)}
        onPressEnter={save}
      />
    </Modal>
  );
}
