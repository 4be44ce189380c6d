import { createStore, useStore } from "@/lib/store";

const palette = createStore({ isOpen: false });

export const usePalette = (): boolean => useStore(palette).isOpen;
export const openPalette = (): void => palette.set({ isOpen: true });
export const closePalette = (): void => palette.set({ isOpen: false });
export const togglePalette = (): void => palette.set({ isOpen: !palette.get().isOpen });
