import { useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { journeysQuery } from "@/api/journeys";
import { segmentsQuery } from "@/api/segments";
import { sessionQuery } from "@/api/session";
import { tagsQuery } from "@/api/tags";
import { useMay, useWorkspace } from "@/api/workspace";
import { AREAS } from "@/app/areas";
import styles from "@/app/Commands.module.css";
import { closePalette } from "@/app/palette";
import { startTour } from "@/app/touring";
import { useLeave } from "@/app/useLeave";
import { LANGUAGES } from "@/lib/languages";
import { preferences, THEMES } from "@/lib/preferences";

/** The palette's list: pages, journeys, workspaces, language, look. */
export function Commands() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const leave = useLeave();
  const { name } = useWorkspace();
  const { data: session } = useQuery(sessionQuery);
  const may = useMay();
  const { data: listed } = useQuery(journeysQuery(name));
  const { data: listedTags } = useQuery(tagsQuery(name));
  const { data: listedSegments } = useQuery(segmentsQuery(name));
  const go = (path: string) => () => void navigate(path);
  return (
    <Command.Dialog
      open
      onOpenChange={closePalette}
      label={t("palette.label")}
      filter={isMeant}
      overlayClassName={styles.overlay ?? ""}
      contentClassName={styles.content ?? ""}
    >
      <Command.Input className={styles.input} placeholder={t("palette.placeholder")} />
      <Command.List className={styles.list}>
        <Command.Empty className={styles.empty}>{t("palette.nothing")}</Command.Empty>
        <Command.Group heading={t("palette.pages")} className={styles.group}>
          {AREAS.flatMap(({ areas }) => areas)
            .filter(({ needs }) => may(needs))
            .map(({ key }) => (
              <Choice key={key} words={[key]} onChoose={go(`/w/${name}/${key}`)}>
                {t(`nav.${key}`)}
              </Choice>
            ))}
          {listedSegments?.segments.map(({ id, name: title }) => (
            <Choice key={id} words={[id, "segment"]} onChoose={go(`/w/${name}/segments/${id}`)}>
              {t("palette.segment", { name: title || id })}
            </Choice>
          ))}
          {listedTags?.tags.map(({ id, name: title }) => (
            <Choice key={id} words={[id, "tag"]} onChoose={go(`/w/${name}/tags/${id}`)}>
              {t("palette.tag", { name: title || id })}
            </Choice>
          ))}
          {listed?.journeys.map(({ id, name: title }) => (
            <Choice key={id} words={[id, "journey"]} onChoose={go(`/w/${name}/journeys/${id}`)}>
              {t("palette.journey", { name: title || id })}
            </Choice>
          ))}
        </Command.Group>
        <Command.Group heading={t("palette.workspaces")} className={styles.group}>
          {session?.workspaces
            .filter((workspace) => workspace.name !== name)
            .map((workspace) => (
              <Choice
                key={workspace.name}
                words={["workspace", workspace.name]}
                onChoose={go(`/w/${workspace.name}/today`)}
              >
                {t("palette.workspace", { name: workspace.name })}
              </Choice>
            ))}
        </Command.Group>
        <Command.Group heading={t("palette.look")} className={styles.group}>
          {LANGUAGES.map((language) => (
            <Choice
              key={language}
              words={["language", language]}
              onChoose={() => preferences.set({ language })}
            >
              {t(`language.${language}`)}
            </Choice>
          ))}
          {THEMES.map((theme) => (
            <Choice key={theme} words={["theme", theme]} onChoose={() => preferences.set({ theme })}>
              {t(`theme.${theme}`)}
            </Choice>
          ))}
        </Command.Group>
        <Command.Group heading={t("palette.session")} className={styles.group}>
          <Choice words={["tour"]} onChoose={startTour}>
            {t("tour.start")}
          </Choice>
          <Choice words={["log out"]} onChoose={leave}>
            {t("session.leave")}
          </Choice>
        </Command.Group>
      </Command.List>
    </Command.Dialog>
  );
}

/** 1 where every word that was typed occurs, else 0: with so few choices, guessing would only surprise. */
function isMeant(name: string, typed: string, words: string[] = []): number {
  const known = [name, ...words].join(" ").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => known.includes(word))
    ? 1
    : 0;
}

interface ChoiceProps {
  /** Also found under these. */
  words: string[];
  onChoose: () => void;
  children: ReactNode;
}

function Choice({ words, onChoose, children }: ChoiceProps) {
  const choose = () => {
    closePalette();
    onChoose();
  };
  return (
    <Command.Item keywords={words} onSelect={choose} className={styles.item}>
      {children}
    </Command.Item>
  );
}
