export { MembersPage } from "@/features/access/members/MembersPage";
