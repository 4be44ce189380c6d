export { TagsPage } from "@/features/compute/tags/TagsPage";
