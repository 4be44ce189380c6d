export { RejectsPage } from "@/features/collect/rejects/RejectsPage";
