import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { segmentsQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { idFrom, type Rhythm, rhythmOf, textOf, withRhythm } from "@/features/compute/segments/document";
import { isObject, type JsonObject } from "@/lib/json";
import { Field, FieldGrid } from "@/ui/Columns";
import { Panel } from "@/ui/Panel";

const RHYTHMS: readonly Rhythm[] = ["live", "every", "daily", "weekly"];

interface SegmentFormProps {
  document: JsonObject;
  onChange: (document: JsonObject) => void;
  /** Whether its id is settled: other documents refer to it. */
  isSaved: boolean;
}

/** What a segment is called, and how it is kept. */
export function SegmentForm({ document, onChange, isSaved }: SegmentFormProps) {
  const { t } = useTranslation();
  const { name: workspace } = useWorkspace();
  const { data } = useQuery(segmentsQuery(workspace));
  const taken = (data?.segments ?? []).map(({ id }) => id);
  const id = textOf(document, "id");
  const name = textOf(document, "name");
  const rhythm = rhythmOf(document);
  const isDerived = !isSaved && (id === "" || id === idFrom(name, taken));
  const rename = (given: string) =>
    onChange({ ...document, ...(isDerived ? { id: given ? idFrom(given, taken) : "" } : {}), name: given });
  const refresh = isObject(document.refresh) ? document.refresh[rhythm] : undefined;
  return (
    <Panel title={t("segments.about")}>
      <FieldGrid>
        <Field label={t("segments.name")}>
          <Input
            value={name}
            maxLength={200}
            placeholder={t("segments.nameHint")}
            onChange={({ target }) => rename(target.value)}
          />
        </Field>
        <Field
          label={t("segments.id")}
          {...(!isSaved && taken.includes(id) ? { fault: t("segments.idTaken") } : {})}
        >
          <Input
            value={id}
            disabled={isSaved}
            maxLength={64}
            onChange={({ target }) => onChange({ ...document, id: target.value.replace(/[^\w-]/g, "_") })}
          />
        </Field>
        <Field label={t("segments.kept")}>
          <Select<Rhythm>
            aria-label={t("segments.kept")}
            value={rhythm}
            options={RHYTHMS.map((each) => ({ value: each, label: t(`segments.rhythm.${each}`) }))}
            onChange={(chosen) => onChange(withRhythm(document, chosen))}
          />
        </Field>
        {rhythm !== "live" && (
          <Field label={t("segments.time")}>
            <Input
              value={typeof refresh === "string" ? refresh : ""}
              onChange={({ target }) => onChange(withRhythm(document, rhythm, target.value))}
            />
          </Field>
        )}
      </FieldGrid>
    </Panel>
  );
}
