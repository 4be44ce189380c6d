export { SegmentsPage } from "@/features/compute/segments/SegmentsPage";
