export { LivePage } from "@/features/collect/debugger/LivePage";
