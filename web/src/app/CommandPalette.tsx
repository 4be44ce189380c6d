import { lazy, Suspense, useEffect } from "react";
import { togglePalette, usePalette } from "@/app/palette";

const Commands = lazy(() => import("@/app/Commands").then((module) => ({ default: module.Commands })));

/** Ctrl-K or ⌘K from everywhere; fetched when first opened. */
export function CommandPalette() {
  const isOpen = usePalette();
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      togglePalette();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  if (!isOpen) return null;
  return (
    <Suspense>
      <Commands />
    </Suspense>
  );
}
