import { Tour } from "antd";
import { useTranslation } from "react-i18next";
import { endTour } from "@/app/touring";

/** The five stops, each a part of the sidebar or the way to everything. */
const STOPS = ["know", "reach", "collect", "control", "palette"] as const;

const find = (stop: string): HTMLElement | null =>
  document.querySelector<HTMLElement>(`aside [data-tour="${stop}"]`);

/** Five steps from who people are to how everything is found. */
export function TourSteps() {
  const { t } = useTranslation();
  const steps = STOPS.map((stop) => ({
    title: t(`tour.stop.${stop}.title`),
    description: t(`tour.stop.${stop}.text`),
    placement: "right" as const,
    // Null (in the middle) where the sidebar is folded away, as on a phone.
    target: () => visible(find(stop)),
  }));
  return <Tour open steps={steps} onClose={endTour} onFinish={endTour} />;
}

function visible(found: HTMLElement | null): HTMLElement {
  // AntD centres the step for a target of null, which its types do not say.
  return (found?.offsetParent ? found : null) as HTMLElement;
}
