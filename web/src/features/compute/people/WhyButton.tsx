import { QuestionCircleOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Drawer } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type WhyAsked, whyQuery } from "@/api/people";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/compute/people/People.module.css";
import { usePreferences } from "@/lib/preferences";
import { Answer } from "@/ui/Answer";
import { Moment } from "@/ui/Moment";

const INDENT = 12;

/** Why somebody is, or is not, in a segment, or has a tag's value: every part, and what was seen. */
export function WhyButton({ id, asked, title }: { id: string; asked: WhyAsked; title: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        size="small"
        icon={<QuestionCircleOutlined />}
        aria-label={t("why.of", { title })}
        onClick={() => setOpen(true)}
      >
        {t("why.ask")}
      </Button>
      <Drawer open={isOpen} size={520} title={t("why.of", { title })} onClose={() => setOpen(false)}>
        {isOpen && <Reading id={id} asked={asked} />}
      </Drawer>
    </>
  );
}

function Reading({ id, asked }: { id: string; asked: WhyAsked }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { language } = usePreferences();
  const query = useQuery(whyQuery(name, id, asked));
  return (
    <Answer query={query}>
      {({ reading, as_of }) => (
        <div className={styles.reading}>
          {(reading[language] ?? []).map((line) => (
            <Reason key={line} line={line} />
          ))}
          <p className={styles.key}>
            {t("why.asOf")} <Moment at={as_of} />
          </p>
        </div>
      )}
    </Answer>
  );
}

/** A line as the server writes it: indented by its depth, marked by its verdict. */
function Reason({ line }: { line: string }) {
  const bare = line.trimStart();
  const depth = (line.length - bare.length) / 2;
  const mark = bare.startsWith("✓") ? styles.holds : bare.startsWith("✗") ? styles.fails : "";
  return (
    <p className={styles.reason} style={{ marginLeft: depth * INDENT }}>
      <span className={mark}>{mark ? bare[0] : ""}</span>
      <span>{mark ? bare.slice(1).trim() : bare}</span>
    </p>
  );
}
