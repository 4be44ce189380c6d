import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  changeRole,
  ROLES,
  type Role,
  removeMember,
  resetMember,
  type TeamMember,
  teamQuery,
} from "@/api/access";
import { sessionQuery } from "@/api/session";
import { useWorkspace } from "@/api/workspace";
import { InviteButton } from "@/features/access/members/InviteButton";
import { type Link, LinkDialog } from "@/features/access/members/LinkDialog";
import { TokensPanel } from "@/features/access/members/TokensPanel";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { Line } from "@/ui/Columns";
import { ConfirmButton } from "@/ui/ConfirmButton";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Page } from "@/ui/Page";
import { Panel } from "@/ui/Panel";
import { Rows } from "@/ui/Rows";
import { useChange } from "@/ui/useChange";

/** Who may enter, and as what; and which scripts may. */
export function MembersPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const query = useQuery(teamQuery(name));
  return (
    <Page title={t("nav.members")} below={t("members.lead")} actions={<InviteButton />}>
      <Answer query={query}>{({ members }) => <Team members={members} />}</Answer>
      <Panel title={t("members.roles")}>
        <Facts
          facts={ROLES.map((role) => ({ label: t(`members.role.${role}`), value: t(`members.may.${role}`) }))}
        />
      </Panel>
      <TokensPanel />
    </Page>
  );
}

function Team({ members }: { members: readonly TeamMember[] }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { data: session } = useQuery(sessionQuery);
  const [link, setLink] = useState<Link | null>(null);
  const refreshes = [["members", name]];
  const change = useChange({
    change: ({ email, role }: { email: string; role: Role }) => changeRole(name, email, role),
    refreshes,
    done: t("members.changed"),
  });
  const remove = useChange({
    change: (email: string) => removeMember(name, email),
    refreshes,
    done: t("members.removed"),
  });
  const reset = useChange({
    change: (email: string) => resetMember(name, email),
    refreshes,
    onDone: (made, email) => setLink({ ...made, email }),
  });
  return (
    <>
      <Rows<TeamMember>
        label={t("nav.members")}
        rows={members}
        idOf={({ member_id }) => member_id}
        empty={<EmptyState title={t("members.emptyTitle")}>{t("members.emptyText")}</EmptyState>}
        columns={[
          {
            title: t("members.email"),
            key: "email",
            render: (_, { email }) => (
              <>
                <strong>{email}</strong>{" "}
                {session?.member === email && <Badge tone="quiet">{t("members.you")}</Badge>}
              </>
            ),
          },
          {
            title: t("members.roleHere"),
            key: "role",
            width: 220,
            render: (_, { email, roles }) => {
              const here = roles[name];
              if (!here)
                return roles["*"]
                  ? t("members.everywhereAs", { role: t(`members.role.${roles["*"]}`) })
                  : "–";
              return (
                <Select<Role>
                  aria-label={t("members.roleOf", { email })}
                  value={here}
                  options={ROLES.map((role) => ({ value: role, label: t(`members.role.${role}`) }))}
                  style={{ width: 160 }}
                  onChange={(role) => change.mutate({ email, role })}
                />
              );
            },
          },
          {
            title: t("members.standing"),
            key: "standing",
            width: 150,
            render: (_, { has_password }) => (
              <Badge tone={has_password ? "good" : "warn"}>
                {t(has_password ? "members.active" : "members.invited")}
              </Badge>
            ),
          },
          {
            title: t("members.do"),
            key: "do",
            width: 260,
            render: (_, { email }) => (
              <Line>
                <Button size="small" onClick={() => reset.mutate(email)}>
                  {t("members.reset")}
                </Button>
                <ConfirmButton
                  size="small"
                  isDangerous
                  title={t("members.removeTitle", { email })}
                  text={t("members.removeText")}
                  onConfirm={() => remove.mutate(email)}
                >
                  {t("action.remove")}
                </ConfirmButton>
              </Line>
            ),
          },
        ]}
      />
      {link && <LinkDialog link={link} onClose={() => setLink(null)} />}
    </>
  );
}
