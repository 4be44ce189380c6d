import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fetchPreset, tagPresetsQuery } from "@/api/tags";
import { useWorkspace } from "@/api/workspace";
import type { JsonObject } from "@/lib/json";
import { Line } from "@/ui/Columns";
import { NameField } from "@/ui/conditions/Field";
import { useVocabulary } from "@/ui/conditions/useVocabulary";
import { Panel } from "@/ui/Panel";
import { useChange } from "@/ui/useChange";

/** Begin with a document that we ship, written for an event of one's own. */
export function PresetPanel({ onChoose }: { onChoose: (document: JsonObject) => void }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const { events, first } = useVocabulary();
  const [typed, setTyped] = useState<string | null>(null);
  const { data } = useQuery(tagPresetsQuery(name));
  const event = typed ?? first.event;
  const take = useChange({
    change: (preset: string) => fetchPreset(name, preset, event),
    refreshes: [],
    onDone: ({ document }) => onChoose(document as JsonObject),
  });
  return (
    <Panel title={t("tags.presets")} note={t("tags.presetsNote")}>
      <Line>
        <NameField label={t("condition.event")} value={event} choices={events} onChange={setTyped} />
        {data?.presets.map((preset) => (
          <Button
            key={preset}
            loading={take.isPending && take.variables === preset}
            onClick={() => take.mutate(preset)}
          >
            {preset}
          </Button>
        ))}
      </Line>
    </Panel>
  );
}
