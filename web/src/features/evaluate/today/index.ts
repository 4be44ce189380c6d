export { TodayPage } from "@/features/evaluate/today/TodayPage";
