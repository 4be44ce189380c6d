import { CloseOutlined, FilterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { schemaPropertiesQuery } from "@/api/catalogue";
import { useWorkspace } from "@/api/workspace";
import { readTest, writeTest } from "@/lib/conditions/tests";
import { isObject, type Json, type JsonObject } from "@/lib/json";
import styles from "@/ui/conditions/conditions.module.css";
import { NameField } from "@/ui/conditions/Field";
import { TestFields } from "@/ui/conditions/TestFields";

interface WhereFieldsProps {
  event: string;
  where: readonly Json[];
  onChange: (where: readonly Json[]) => void;
}

/** Tests of an event's properties, all of which have to hold. */
export function WhereFields({ event, where, onChange }: WhereFieldsProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { data } = useQuery(schemaPropertiesQuery(name, event));
  const properties = data?.properties ?? [];
  const replace = (place: number, test: JsonObject) =>
    onChange(where.map((each, other) => (other === place ? test : each)));
  return (
    <div className={styles.where}>
      {where.map((each, place) => {
        const test = isObject(each) ? each : {};
        const property = typeof test.property === "string" ? test.property : "";
        const seen = properties.find(({ path }) => path === property)?.samples ?? [];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a test has no name but its place
          <div key={place} className={styles.fields}>
            <span className={styles.word}>{t(place === 0 ? "condition.where" : "condition.and")}</span>
            <NameField
              label={t("condition.property")}
              value={property}
              choices={properties.map(({ path }) => ({ value: path, label: path }))}
              onChange={(chosen) => replace(place, { ...test, property: chosen })}
            />
            <TestFields
              kind="value"
              test={readTest(test, "value") ?? { operator: "=", value: "" }}
              seen={seen}
              onChange={(given) => replace(place, writeTest(test, given, "value"))}
            />
            <Button
              type="text"
              size="small"
              icon={<CloseOutlined />}
              aria-label={t("condition.removeWhere", { property })}
              onClick={() => onChange(where.filter((_, other) => other !== place))}
            />
          </div>
        );
      })}
      <Button
        type="text"
        size="small"
        icon={<FilterOutlined />}
        onClick={() => onChange([...where, { property: properties[0]?.path ?? "", set: true }])}
      >
        {t("condition.addWhere")}
      </Button>
    </div>
  );
}
