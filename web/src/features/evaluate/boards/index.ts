export { BoardsPage } from "@/features/evaluate/boards/BoardsPage";
