import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Drawer, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Cell, contributorsQuery, keepAsSegment, type Spec } from "@/api/insights";
import { useWorkspace } from "@/api/workspace";
import styles from "@/ui/insights/Insights.module.css";
import { Loading } from "@/ui/Loading";
import { ProblemNotice } from "@/ui/ProblemNotice";
import { useFormats } from "@/ui/useFormats";

/** Who is behind a number, and keeping them as a list. */
export function PeopleDrawer({ spec, cell, onClose }: { spec: Spec; cell: Cell; onClose: () => void }) {
  const { t } = useTranslation();
  const { count } = useFormats();
  const { name } = useWorkspace();
  const { data, error, refetch } = useQuery(contributorsQuery(name, spec, cell));
  const isWeighted = data?.people.some(({ amount }) => amount !== 1) ?? false;
  return (
    <Drawer
      open
      onClose={onClose}
      title={
        data
          ? t("insights.peopleCount", { count: data.count, shown: count(data.count) })
          : t("insights.people")
      }
    >
      {error && <ProblemNotice error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading height={240} />}
      {data && data.count > 0 && <Keep spec={spec} cell={cell} />}
      {data && (
        <ul className={styles.people}>
          {data.people.map((one) => (
            <li key={one.profile_id}>
              <span>{one.user_id ?? <code>{one.profile_id}</code>}</span>
              {isWeighted && <b>{count(one.amount)}</b>}
            </li>
          ))}
        </ul>
      )}
      {data?.next && (
        <p className={styles.provenance}>{t("insights.morePeople", { count: data.people.length })}</p>
      )}
    </Drawer>
  );
}

function Keep({ spec, cell }: { spec: Spec; cell: Cell }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const [id, setId] = useState("");
  const kept = useMutation({ mutationFn: () => keepAsSegment(name, spec, cell, id, id) });
  return (
    <>
      <div className={styles.keep}>
        <Input
          aria-label={t("insights.segmentId")}
          placeholder={t("insights.segmentId")}
          value={id}
          onChange={(event) => setId(event.target.value.trim())}
        />
        <Button type="primary" disabled={!id} loading={kept.isPending} onClick={() => kept.mutate()}>
          {t("insights.keep")}
        </Button>
      </div>
      {kept.error && <ProblemNotice error={kept.error} />}
      {kept.data && (
        <p role="status">{t("insights.kept", { id: kept.data.segment, count: kept.data.people })}</p>
      )}
    </>
  );
}
