export { ApprovalsPage } from "@/features/access/approvals/ApprovalsPage";
