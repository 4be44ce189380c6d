import {
  BranchesOutlined,
  ClockCircleOutlined,
  ExperimentOutlined,
  FlagOutlined,
  HourglassOutlined,
  LoginOutlined,
  LogoutOutlined,
  MailOutlined,
  NodeCollapseOutlined,
  PercentageOutlined,
  QuestionOutlined,
  ScissorOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";
import type { Kind } from "@/features/decide/journeys/document";

export type IconKind = Kind | "entry" | "arms" | "goal" | "leave";

const ICONS: Record<IconKind, ComponentType<{ "aria-hidden": "true" }>> = {
  entry: LoginOutlined,
  arms: ExperimentOutlined,
  goal: FlagOutlined,
  leave: ScissorOutlined,
  send: MailOutlined,
  wait: ClockCircleOutlined,
  wait_until: HourglassOutlined,
  branch: BranchesOutlined,
  split: PercentageOutlined,
  join: NodeCollapseOutlined,
  exit: LogoutOutlined,
  other: QuestionOutlined,
};

export function KindIcon({ kind }: { kind: IconKind }) {
  const Icon = ICONS[kind];
  return <Icon aria-hidden="true" />;
}
