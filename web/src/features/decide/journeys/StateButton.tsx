import { PauseOutlined, PlayCircleOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { changeState, type JourneyPicture } from "@/api/journeys";
import { useWorkspace } from "@/api/workspace";
import { countsOf } from "@/features/decide/journeys/counts";
import { ProblemNotice } from "@/ui/ProblemNotice";

/** Stop a journey's clockwork, or let it run on; it says first whom that touches. */
export function StateButton({ journey }: { journey: JourneyPicture }) {
  const { t } = useTranslation();
  const { name } = useWorkspace();
  const queries = useQueryClient();
  const verb = journey.state === "paused" ? "resume" : "pause";
  const change = useMutation({
    mutationFn: () => changeState(name, journey.id, verb),
    onSuccess: () => queries.invalidateQueries(),
  });
  if (journey.state === "ended") return null;
  const underWay = Object.values(journey.nodes).reduce((sum, node) => sum + countsOf(node).waiting, 0);
  return (
    <Popconfirm
      title={t(`journey.${verb}.title`)}
      description={
        <div style={{ maxWidth: 320 }}>
          {t(`journey.${verb}.text`, { count: underWay })}
          {change.error && <ProblemNotice error={change.error} />}
        </div>
      }
      icon={null}
      placement="bottomRight"
      okText={t(`journey.${verb}.do`)}
      cancelText={t("action.cancel")}
      onConfirm={() => change.mutateAsync()}
    >
      <Button icon={verb === "pause" ? <PauseOutlined /> : <PlayCircleOutlined />}>
        {t(`journey.${verb}.do`)}
      </Button>
    </Popconfirm>
  );
}
