export { JourneysPage } from "@/features/decide/journeys/JourneysPage";
