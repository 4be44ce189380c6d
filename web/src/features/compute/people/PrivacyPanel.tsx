import { DeleteOutlined, DownloadOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { erasePerson, exportPerson, type Person } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import { saveFile } from "@/lib/files";
import { Field, Line } from "@/ui/Columns";
import { Panel } from "@/ui/Panel";
import { useChange } from "@/ui/useChange";

/** Hand somebody all that is kept of them, or erase it. */
export function PrivacyPanel({ id, person }: { id: string; person: Person }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [isAsking, setAsking] = useState(false);
  const take = useChange({
    change: () => exportPerson(name, id),
    refreshes: [],
    onDone: (whole) => saveFile(`${person.profile_id}.json`, JSON.stringify(whole, null, 2)),
  });
  return (
    <>
      <Panel title={t("person.exportTitle")}>
        <p>{t("person.exportText")}</p>
        <Line>
          <Button icon={<DownloadOutlined />} loading={take.isPending} onClick={() => take.mutate(undefined)}>
            {t("action.download")}
          </Button>
        </Line>
      </Panel>
      <Panel title={t("person.eraseTitle")}>
        <p>{t("person.eraseText")}</p>
        <Line>
          <Button danger icon={<DeleteOutlined />} onClick={() => setAsking(true)}>
            {t("person.erase")}
          </Button>
        </Line>
      </Panel>
      {isAsking && <EraseDialog person={person} id={id} onClose={() => setAsking(false)} />}
    </>
  );
}

/** Names what goes, and goes on only once the person's id was written. */
function EraseDialog({ person, id, onClose }: { person: Person; id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [mayReturn, setMayReturn] = useState(false);
  const wanted = person.user_id ?? person.profile_id;
  const events = person.events.reduce((sum, each) => sum + each.events, 0);
  const erase = useChange({
    change: () => erasePerson(name, id, { reason, allow_return: mayReturn }),
    refreshes: [
      ["people", name],
      ["erasures", name],
    ],
    done: t("person.erasing"),
    onDone: () => void navigate(`/w/${name}/privacy`),
  });
  return (
    <Modal
      open
      title={t("person.eraseOf", { id: wanted })}
      okText={t("person.erase")}
      okButtonProps={{ danger: true, disabled: typed !== wanted }}
      cancelText={t("action.cancel")}
      confirmLoading={erase.isPending}
      onOk={() => erase.mutate(undefined)}
      onCancel={onClose}
    >
      <p>{t("person.eraseTouches", { count: events, names: person.names.length })}</p>
      <Field label={t("person.eraseReason")}>
        <Input value={reason} maxLength={200} onChange={({ target }) => setReason(target.value)} />
      </Field>
      <Field label={t("person.eraseType", { id: wanted })}>
        <Input value={typed} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
      </Field>
      <Checkbox checked={mayReturn} onChange={({ target }) => setMayReturn(target.checked)}>
        {t("person.mayReturn")}
      </Checkbox>
    </Modal>
  );
}
