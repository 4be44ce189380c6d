import { useQuery } from "@tanstack/react-query";
import { Button, Modal, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type BoardTemplate, fetchTemplate, saveBoard, templatesQuery } from "@/api/boards";
import { eventNamesQuery } from "@/api/insights";
import { useWorkspace } from "@/api/workspace";
import styles from "@/features/evaluate/boards/Boards.module.css";
import { boardPath } from "@/lib/addresses";
import { idOf } from "@/lib/naming";
import { usePreferences } from "@/lib/preferences";
import { Answer } from "@/ui/Answer";
import { Badge } from "@/ui/Badge";
import { useChange } from "@/ui/useChange";

/** The boards that we ship; events that are called otherwise here get their own names. */
export function TemplatesDialog({ taken, onClose }: { taken: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { language } = usePreferences();
  const query = useQuery(templatesQuery(name, language));
  const [chosen, setChosen] = useState<BoardTemplate | null>(null);
  return (
    <Modal
      open
      width={880}
      footer={null}
      title={chosen ? chosen.name : t("boards.templates")}
      onCancel={onClose}
    >
      {chosen ? (
        <Fitting template={chosen} taken={taken} onBack={() => setChosen(null)} />
      ) : (
        <Answer query={query}>
          {(templates) => (
            <div className={styles.gallery}>
              {templates.map((each) => (
                <button
                  key={each.id}
                  type="button"
                  className={styles.template}
                  onClick={() => setChosen(each)}
                >
                  <strong>{each.name}</strong>
                  <span className={styles.soft}>{each.description}</span>
                  <Badge tone={each.missing_events.length === 0 ? "good" : "warn"}>
                    {t("boards.eventsHere", {
                      here: each.events.length - each.missing_events.length,
                      all: each.events.length,
                    })}
                  </Badge>
                </button>
              ))}
            </div>
          )}
        </Answer>
      )}
    </Modal>
  );
}

interface FittingProps {
  template: BoardTemplate;
  taken: readonly string[];
  onBack: () => void;
}

function Fitting({ template, taken, onBack }: FittingProps) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { language } = usePreferences();
  const navigate = useNavigate();
  const { data: events = [] } = useQuery(eventNamesQuery(name));
  const [names, setNames] = useState<Record<string, string>>({});
  const { mutate, isPending } = useChange({
    change: async (given: Record<string, string>) => {
      const { board } = await fetchTemplate(name, template.id, language, given);
      return saveBoard(name, { ...board, id: idOf(board.id, taken, "board") }, 0);
    },
    refreshes: [["boards", name]],
    onDone: ({ id }) => void navigate(boardPath(name, id)),
  });
  return (
    <>
      <p className={styles.soft}>{template.description}</p>
      {template.missing_events.length > 0 && (
        <>
          <p>{t("boards.fit")}</p>
          <div className={styles.events}>
            {template.missing_events.map((event) => (
              <EventName
                key={event}
                event={event}
                events={events}
                onChange={(own) =>
                  setNames(({ [event]: _, ...others }) => (own ? { ...others, [event]: own } : others))
                }
              />
            ))}
          </div>
        </>
      )}
      <div className={styles.link}>
        <Button onClick={onBack}>{t("action.back")}</Button>
        <Button type="primary" loading={isPending} onClick={() => mutate(names)}>
          {t("boards.take")}
        </Button>
      </div>
    </>
  );
}

interface EventNameProps {
  event: string;
  events: readonly string[];
  onChange: (own: string | undefined) => void;
}

function EventName({ event, events, onChange }: EventNameProps) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>
        <code>{event}</code>
      </label>
      <Select
        id={id}
        allowClear
        showSearch
        placeholder={t("boards.leaveOut")}
        options={events.map((value) => ({ value, label: value }))}
        onChange={onChange}
      />
    </div>
  );
}
