import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { RADIUS } from "@/ui/tokens";

/** The place of something that is on its way, in about its size. */
export function Loading({ height }: { height: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy="true">
      <span className="visually-hidden">{t("loading")}</span>
      <Skeleton.Node
        active
        style={{ width: "100%", height, borderRadius: RADIUS.large }}
        styles={{ root: { width: "100%" } }}
      >
        <span />
      </Skeleton.Node>
    </div>
  );
}
