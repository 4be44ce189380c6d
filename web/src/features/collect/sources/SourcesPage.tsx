import { PlusOutlined, ThunderboltOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { createSource, sourcesQuery } from "@/api/sources";
import { useMay, useWorkspace } from "@/api/workspace";
import { SourcePanel } from "@/features/collect/sources/SourcePanel";
import { Answer } from "@/ui/Answer";
import { Field } from "@/ui/Columns";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { useChange } from "@/ui/useChange";

/** Where events come from: each source with its write keys, and code that sends with them. */
export function SourcesPage() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const navigate = useNavigate();
  const may = useMay();
  const query = useQuery(sourcesQuery(name));
  const create = may("settings") && <CreateButton />;
  return (
    <Page
      title={t("nav.sources")}
      below={t("sources.lead")}
      actions={
        <>
          {may("people:read") && (
            <Button icon={<ThunderboltOutlined />} onClick={() => void navigate(`/w/${name}/live`)}>
              {t("nav.live")}
            </Button>
          )}
          {create}
        </>
      }
    >
      <Answer query={query}>
        {({ sources }) =>
          sources.length === 0 ? (
            <EmptyState title={t("sources.emptyTitle")} action={create}>
              {t("sources.emptyText")}
            </EmptyState>
          ) : (
            sources.map((source) => <SourcePanel key={source.name} source={source} />)
          )
        }
      </Answer>
    </Page>
  );
}

function CreateButton() {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [wanted, setWanted] = useState<string | null>(null);
  const create = useChange({
    change: (source: string) => createSource(name, source),
    refreshes: [["sources", name]],
    done: t("sources.created"),
    onDone: () => setWanted(null),
  });
  return (
    <>
      <Button type="primary" icon={<PlusOutlined />} onClick={() => setWanted("")}>
        {t("sources.create")}
      </Button>
      <Modal
        open={wanted !== null}
        title={t("sources.create")}
        okText={t("sources.create")}
        cancelText={t("action.cancel")}
        okButtonProps={{ disabled: !wanted }}
        confirmLoading={create.isPending}
        onOk={() => create.mutate(wanted ?? "")}
        onCancel={() => setWanted(null)}
      >
        <Field label={t("sources.name")}>
          <Input
            value={wanted ?? ""}
            placeholder={t("sources.nameHint")}
            onChange={({ target }) => setWanted(target.value)}
          />
        </Field>
      </Modal>
    </>
  );
}
