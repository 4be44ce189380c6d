export { InsightsPage } from "@/features/evaluate/insights/InsightsPage";
