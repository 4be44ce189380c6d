import {
  ApartmentOutlined,
  ApiOutlined,
  AppstoreOutlined,
  AuditOutlined,
  BookOutlined,
  CheckSquareOutlined,
  HeartOutlined,
  LineChartOutlined,
  SafetyOutlined,
  SunOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UsergroupAddOutlined,
  UserOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { Permission } from "@/api/workspace";

/** A part of the console that one can go to from everywhere. */
export interface Area {
  /** Its address below the workspace, and its name in the locale files (`nav.…`). */
  key:
    | "today"
    | "people"
    | "segments"
    | "tags"
    | "insights"
    | "boards"
    | "journeys"
    | "sources"
    | "live"
    | "rejects"
    | "catalogue"
    | "members"
    | "approvals"
    | "audit"
    | "privacy"
    | "health";
  icon: ReactNode;
  /** Who may not has no use for it, and does not see it. */
  needs: Permission;
}

export interface AreaGroup {
  key: "start" | "know" | "reach" | "collect" | "control";
  areas: readonly Area[];
}

/** The sidebar and the command palette, in their order. */
export const AREAS: readonly AreaGroup[] = [
  { key: "start", areas: [{ key: "today", icon: <SunOutlined aria-hidden="true" />, needs: "look" }] },
  {
    key: "know",
    areas: [
      { key: "people", icon: <UserOutlined aria-hidden="true" />, needs: "people:read" },
      { key: "segments", icon: <TeamOutlined aria-hidden="true" />, needs: "look" },
      { key: "insights", icon: <LineChartOutlined aria-hidden="true" />, needs: "look" },
      { key: "boards", icon: <AppstoreOutlined aria-hidden="true" />, needs: "look" },
      { key: "tags", icon: <TagsOutlined aria-hidden="true" />, needs: "look" },
    ],
  },
  {
    key: "reach",
    areas: [{ key: "journeys", icon: <ApartmentOutlined aria-hidden="true" />, needs: "look" }],
  },
  {
    key: "collect",
    areas: [
      { key: "sources", icon: <ApiOutlined aria-hidden="true" />, needs: "look" },
      { key: "live", icon: <ThunderboltOutlined aria-hidden="true" />, needs: "people:read" },
      { key: "rejects", icon: <WarningOutlined aria-hidden="true" />, needs: "people:read" },
      { key: "catalogue", icon: <BookOutlined aria-hidden="true" />, needs: "look" },
    ],
  },
  {
    key: "control",
    areas: [
      { key: "members", icon: <UsergroupAddOutlined aria-hidden="true" />, needs: "members" },
      { key: "approvals", icon: <CheckSquareOutlined aria-hidden="true" />, needs: "look" },
      { key: "audit", icon: <AuditOutlined aria-hidden="true" />, needs: "audit" },
      { key: "privacy", icon: <SafetyOutlined aria-hidden="true" />, needs: "people:erase" },
      { key: "health", icon: <HeartOutlined aria-hidden="true" />, needs: "look" },
    ],
  },
];
