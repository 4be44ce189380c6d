import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { JourneyPicture } from "@/api/journeys";
import { segmentsQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import {
  type Chart,
  type Match,
  objectOf,
  readMatch,
  type Step,
  splitShares,
  textOf,
  type Way,
} from "@/features/decide/journeys/document";
import { usePreferences } from "@/lib/preferences";
import { useFormats } from "@/ui/useFormats";

/** A step in words: what it does, and the smaller print. */
export interface Words {
  title: string;
  detail: string;
}

/** The parts of a journey in the operator's language. */
export function useWords(sentences: JourneyPicture["sentences"]) {
  const { t } = useTranslation();
  const { language } = usePreferences();
  const { duration, share, list } = useFormats();
  const { data: segments } = useQuery(segmentsQuery(useWorkspace().name));
  const segmentName = (id: string) => segments?.segments.find((each) => each.id === id)?.name || id;
  const said = (key: string): string => sentences[key]?.[language] ?? "";
  const joined = (...parts: string[]) => parts.filter(Boolean).join(t("chart.separator"));

  const match = ({ event, where }: Match): string =>
    where.length > 0 ? t("chart.eventWhere", { event, where: list(where) }) : event;

  const entry = (chart: Chart): Words => {
    const { entry: start, reentry } = chart;
    const again =
      reentry.kind === "after"
        ? t("chart.reentry.after", { span: duration(reentry.span) })
        : t(`chart.reentry.${reentry.kind}`);
    return { title: startTitle(start), detail: said("entry") || again };
  };

  const startTitle = (start: Chart["entry"]): string => {
    if (start.kind === "event") return t("chart.entry.event", { event: match(start.match) });
    if (start.kind === "called") return t("chart.entry.called");
    if (start.kind === "other") return start.word;
    const name = segmentName(start.segment);
    return start.change === "left" ? t("chart.entry.left", { name }) : t("chart.entry.entered", { name });
  };

  /** The conditions that take people out, in sentences. */
  const leaving = (chart: Chart): string[] =>
    Array.from({ length: chart.leaving }, (_, place) => said(`$exit.${place}`)).filter(Boolean);

  const branch = (step: Step): Words => {
    const asked = step.ways.length - 1;
    const only = asked === 1 ? said(`${step.id}.0`) : "";
    return { title: only || t("chart.branch.title", { count: asked }), detail: "" };
  };

  const send = (step: Step): Words => {
    const { channel, template, topic, expires } = objectOf(step.body.send);
    const named = { channel: textOf(channel), template: textOf(template) };
    const title = named.channel === "email" ? t("chart.send.email", named) : t("chart.send.title", named);
    return {
      title,
      detail: joined(
        textOf(topic),
        expires === undefined ? "" : t("chart.send.expires", { span: duration(textOf(expires)) }),
      ),
    };
  };

  const step = (each: Step): Words => {
    switch (each.kind) {
      case "send":
        return send(each);
      case "wait":
        return { title: t("chart.wait.title", { span: duration(textOf(each.body.wait)) }), detail: "" };
      case "wait_until": {
        const found = readMatch(objectOf(each.body.wait_until));
        return {
          title: t("chart.waitUntil.title", { event: found.event }),
          detail: t("chart.waitUntil.detail", { span: duration(textOf(each.body.at_most)) }),
        };
      }
      case "branch":
        return branch(each);
      case "split":
        return {
          title: t("chart.split.title", { shares: [...splitShares(each).values()].map(share).join(" / ") }),
          detail: t("chart.split.detail"),
        };
      case "join":
        return { title: t("chart.join.title"), detail: "" };
      case "exit":
        return {
          title: t("chart.exit.title", { outcome: textOf(objectOf(each.body.exit).outcome) }),
          detail: "",
        };
      case "other":
        return { title: each.word, detail: "" };
    }
  };

  /** What stands on the way out of a step: empty where there is only one. */
  const way = (from: Step, { edge }: Way): string => {
    if (edge === "else") return t("chart.way.else");
    if (from.kind === "wait_until") return t(edge === "then" ? "chart.way.happened" : "chart.way.timeout");
    if (from.kind === "split") return edge;
    if (from.kind !== "branch") return "";
    const place = Number(edge.slice("if_".length)) - 1;
    if (from.ways.length === 2) return t("chart.way.yes");
    return said(`${from.id}.${place}`) || t("chart.way.if", { place: place + 1 });
  };

  const kind = (each: Step): string => (each.kind === "other" ? each.word : t(`chart.kind.${each.kind}`));

  return { entry, step, way, match, leaving, kind, said };
}

export type JourneyWords = ReturnType<typeof useWords>;
