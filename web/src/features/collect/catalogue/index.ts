export { CataloguePage } from "@/features/collect/catalogue/CataloguePage";
