export { HealthPage } from "@/features/runtime/doctor/HealthPage";
