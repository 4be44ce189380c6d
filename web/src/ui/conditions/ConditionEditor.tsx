import { MoreOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Dropdown, Input, Segmented, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ProblemEntry } from "@/api/problems";
import {
  blank,
  FORMS,
  type Form,
  GROUPS,
  type Group,
  isGroup,
  kindOf,
  moved,
  negated,
  partsOf,
} from "@/lib/conditions/forms";
import { isObject, type Json, type JsonObject } from "@/lib/json";
import { readText, writeText } from "@/lib/notation";
import { Clause } from "@/ui/conditions/Clause";
import styles from "@/ui/conditions/conditions.module.css";
import { useVocabulary } from "@/ui/conditions/useVocabulary";

interface ConditionEditorProps {
  value: Json;
  onChange: (value: Json) => void;
  /** What the server finds wrong with it; each is shown at its place. */
  problems?: readonly ProblemEntry[];
  /** Where the condition stands in what the server was given. */
  path?: string;
  /** What else can be done with this part; the whole has nothing. */
  tools?: ReactNode;
}

/** A condition of any form, part by part. What it does not know it leaves exactly as it is. */
export function ConditionEditor({
  value,
  onChange,
  problems = [],
  path = "$.condition",
  tools,
}: ConditionEditorProps) {
  const kind = kindOf(value);
  if (kind === null || !isObject(value)) {
    return <RawPart value={value} onChange={onChange} problems={problems} path={path} tools={tools} />;
  }
  const part = { value, onChange, problems, path, tools };
  if (kind === "not") return <NotPart {...part} />;
  return isGroup(kind) ? <GroupPart {...part} group={kind} /> : <ClausePart {...part} form={kind} />;
}

interface PartProps {
  value: JsonObject;
  onChange: (value: Json) => void;
  problems: readonly ProblemEntry[];
  path: string;
  tools?: ReactNode;
}

function NotPart({ value, onChange, problems, path, tools }: PartProps) {
  const { t } = useTranslation();
  return (
    <div className={styles.negated}>
      <span className={styles.not}>{t("condition.not")}</span>
      <ConditionEditor
        value={value.not ?? {}}
        onChange={(inner) => onChange({ ...value, not: inner })}
        problems={problems}
        path={`${path}.not`}
        tools={tools}
      />
    </div>
  );
}

function GroupPart({ value, onChange, problems, path, tools, group }: PartProps & { group: Group }) {
  const { t } = useTranslation();
  const parts = partsOf(value, group);
  const write = (changed: readonly Json[]) => onChange({ ...value, [group]: changed });
  const options = GROUPS.map((each) => ({ value: each, label: t(`condition.group.${each}`) }));
  return (
    <div className={styles.group}>
      <div className={styles.groupHead}>
        <Segmented<Group>
          size="small"
          aria-label={t("condition.group.label")}
          value={group}
          options={options}
          onChange={(chosen) => onChange({ [chosen]: parts })}
        />
        <span style={{ flex: 1 }} />
        {tools}
      </div>
      <Faults problems={problems.filter((each) => each.path === path || each.path === `${path}.${group}`)} />
      <div className={styles.parts}>
        {parts.map((part, place) => (
          <ConditionEditor
            // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name but its place
            key={place}
            value={part}
            onChange={(changed) => write(parts.map((each, other) => (other === place ? changed : each)))}
            problems={problems}
            path={`${path}.${group}[${place}]`}
            tools={<PartMenu parts={parts} place={place} onChange={write} />}
          />
        ))}
      </div>
      <AddPart onAdd={(part) => write([...parts, part])} />
    </div>
  );
}

function ClausePart({ value, onChange, problems, path, tools, form }: PartProps & { form: Form }) {
  const { t } = useTranslation();
  const { first } = useVocabulary();
  const mine = problems.filter((each) => each.path === path || each.path.startsWith(`${path}.`));
  return (
    <div className={`${styles.clause} ${mine.length > 0 ? styles.faulty : ""}`}>
      <div className={styles.body}>
        <div className={styles.fields}>
          <Select<Form>
            aria-label={t("condition.question")}
            value={form}
            variant="filled"
            popupMatchSelectWidth={false}
            options={FORMS.map((each) => ({ value: each, label: t(`condition.form.${each}`) }))}
            onChange={(chosen) => onChange(blank(chosen, first))}
          />
          <Clause form={form} value={value} onChange={onChange} />
        </div>
        {form === "rank" && value.among !== undefined && (
          <div className={styles.where}>
            <span className={styles.word}>{t("condition.among")}</span>
            <ConditionEditor
              value={value.among}
              onChange={(among) => onChange({ ...value, among })}
              problems={problems}
              path={`${path}.among`}
            />
          </div>
        )}
        <Faults problems={mine} />
      </div>
      <div className={styles.tools}>{tools}</div>
    </div>
  );
}

function Faults({ problems }: { problems: readonly ProblemEntry[] }) {
  if (problems.length === 0) return null;
  return (
    <div role="alert">
      {problems.map(({ path, message, hint }) => (
        <p key={path + message} className={styles.fault}>
          {[message, hint].filter(Boolean).join(" ")}
        </p>
      ))}
    </div>
  );
}

/** What can be done with one part of a group. */
function PartMenu(props: {
  parts: readonly Json[];
  place: number;
  onChange: (parts: readonly Json[]) => void;
}) {
  const { parts, place, onChange } = props;
  const { t } = useTranslation();
  const part = parts[place] ?? {};
  const replace = (...by: readonly Json[]) =>
    onChange([...parts.slice(0, place), ...by, ...parts.slice(place + 1)]);
  const items = [
    { key: "not", label: t("condition.menu.not"), onClick: () => replace(negated(part)) },
    { key: "group", label: t("condition.menu.group"), onClick: () => replace({ any: [part] }) },
    { key: "copy", label: t("condition.menu.copy"), onClick: () => replace(part, part) },
    {
      key: "up",
      label: t("condition.menu.up"),
      disabled: place === 0,
      onClick: () => onChange(moved(parts, place, -1)),
    },
    {
      key: "down",
      label: t("condition.menu.down"),
      disabled: place === parts.length - 1,
      onClick: () => onChange(moved(parts, place, 1)),
    },
    { key: "remove", label: t("action.remove"), danger: true, onClick: () => replace() },
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button
        type="text"
        size="small"
        icon={<MoreOutlined />}
        aria-label={t("condition.menu.label", { place: place + 1 })}
      />
    </Dropdown>
  );
}

function AddPart({ onAdd }: { onAdd: (part: Json) => void }) {
  const { t } = useTranslation();
  const { first } = useVocabulary();
  const items = [
    ...FORMS.map((form) => ({
      key: form,
      label: t(`condition.form.${form}`),
      onClick: () => onAdd(blank(form, first)),
    })),
    { key: "line", type: "divider" as const },
    {
      key: "group",
      label: t("condition.addGroup"),
      onClick: () => onAdd({ any: [blank("did", first)] }),
    },
  ];
  return (
    <div>
      <Dropdown trigger={["click"]} menu={{ items }}>
        <Button size="small" icon={<PlusOutlined />}>
          {t("condition.add")}
        </Button>
      </Dropdown>
    </div>
  );
}

/** A part in words that the picture does not know: it is shown, and edited, as text. */
function RawPart({ value, onChange, problems, path, tools }: Omit<PartProps, "value"> & { value: Json }) {
  const { t } = useTranslation();
  const [text, setText] = useState(() => writeText("yaml", value));
  const mine = problems.filter((each) => each.path === path || each.path.startsWith(`${path}.`));
  const change = (typed: string) => {
    setText(typed);
    const read = readText(typed);
    if (read.ok) onChange(read.document);
  };
  return (
    <div className={`${styles.clause} ${mine.length > 0 ? styles.faulty : ""}`}>
      <div className={styles.body}>
        <span className={styles.word}>{t("condition.raw")}</span>
        <Input.TextArea
          aria-label={t("condition.raw")}
          value={text}
          autoSize
          onChange={({ target }) => change(target.value)}
        />
        <Faults problems={mine} />
      </div>
      <div className={styles.tools}>{tools}</div>
    </div>
  );
}
