import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { segmentSizesQuery } from "@/api/segments";
import { useWorkspace } from "@/api/workspace";
import { sizesOption } from "@/features/compute/segments/sizesOption";
import { Answer } from "@/ui/Answer";
import { EmptyState } from "@/ui/EmptyState";
import { LazyChart } from "@/ui/LazyChart";
import { Panel } from "@/ui/Panel";
import { usePalette } from "@/ui/theme";
import { useFormats } from "@/ui/useFormats";

const HEIGHT = 220;

/** How large a segment was over time. */
export function SizesPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const formats = useFormats();
  const palette = usePalette();
  const query = useQuery(segmentSizesQuery(name, id));
  return (
    <Panel title={t("segments.sizes")}>
      <Answer query={query} height={HEIGHT}>
        {({ sizes }) =>
          sizes.length === 0 ? (
            <EmptyState title={t("segments.noSizesTitle")}>{t("segments.noSizesText")}</EmptyState>
          ) : (
            <LazyChart
              label={t("segments.sizesSpoken", { count: sizes.at(-1)?.people ?? 0 })}
              height={HEIGHT}
              option={sizesOption({ sizes, label: t("segments.people"), formats, palette })}
            />
          )
        }
      </Answer>
    </Panel>
  );
}
