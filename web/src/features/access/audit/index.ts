export { AuditPage } from "@/features/access/audit/AuditPage";
