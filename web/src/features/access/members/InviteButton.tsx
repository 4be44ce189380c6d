import { UserAddOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { inviteMember, ROLES, type Role } from "@/api/access";
import { useMay, useWorkspace } from "@/api/workspace";
import { type Link, LinkDialog } from "@/features/access/members/LinkDialog";
import { Field } from "@/ui/Columns";
import { useChange } from "@/ui/useChange";

/** Invite somebody: who has no password yet gets a link, which the operator hands over. */
export function InviteButton() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [isEverywhere, setEverywhere] = useState(false);
  const [link, setLink] = useState<Link | null>(null);
  const invite = useChange({
    change: () => inviteMember(name, email.trim(), role, isEverywhere),
    refreshes: [["members", name]],
    done: t("members.invitedDone"),
    onDone: (invited) => {
      setOpen(false);
      setEmail("");
      if (invited.link) setLink({ ...invited.link, email: invited.email });
    },
  });
  const roles = ROLES.filter((each) => each !== "owner" || may("owner"));
  return (
    <>
      <Button type="primary" icon={<UserAddOutlined />} onClick={() => setOpen(true)}>
        {t("members.invite")}
      </Button>
      <Modal
        open={isOpen}
        title={t("members.invite")}
        okText={t("members.invite")}
        cancelText={t("action.cancel")}
        okButtonProps={{ disabled: !email.includes("@") }}
        confirmLoading={invite.isPending}
        onOk={() => invite.mutate(undefined)}
        onCancel={() => setOpen(false)}
      >
        <Field label={t("members.email")}>
          <Input
            type="email"
            value={email}
            autoComplete="off"
            onChange={({ target }) => setEmail(target.value)}
          />
        </Field>
        <Field label={t("members.roleHere")}>
          <Select<Role>
            aria-label={t("members.roleHere")}
            value={role}
            options={roles.map((each) => ({ value: each, label: t(`members.role.${each}`) }))}
            onChange={setRole}
          />
        </Field>
        <p>{t(`members.may.${role}`)}</p>
        <Checkbox checked={isEverywhere} onChange={({ target }) => setEverywhere(target.checked)}>
          {t("members.everywhere")}
        </Checkbox>
      </Modal>
      {link && <LinkDialog link={link} onClose={() => setLink(null)} />}
    </>
  );
}
