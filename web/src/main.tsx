import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app/App";
import { startSpeaking } from "@/lib/i18n";
import { preferences } from "@/lib/preferences";
import "@/ui/base.css";

const root = document.getElementById("root");
if (root) {
  await startSpeaking(preferences.get().language);
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
