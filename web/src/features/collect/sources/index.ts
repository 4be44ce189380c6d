export { SourcesPage } from "@/features/collect/sources/SourcesPage";
