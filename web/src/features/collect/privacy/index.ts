export { PrivacyPage } from "@/features/collect/privacy/PrivacyPage";
