export { PeoplePage } from "@/features/compute/people/PeoplePage";
