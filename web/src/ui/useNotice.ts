import { App } from "antd";
import { useTranslation } from "react-i18next";
import { Problem, Unreachable } from "@/api/problems";

const LONG = 8;

/** Says at the edge of the page how something went, without asking for anything. */
export function useNotice(): { done: (text: string) => void; failed: (error: unknown) => void } {
  const { message } = App.useApp();
  const { t } = useTranslation();
  return {
    done: (text) => void message.success(text),
    failed: (error) => {
      if (error instanceof Unreachable) void message.error(t("problem.unreachable"), LONG);
      else if (error instanceof Problem && error.code === "approval_asked") {
        void message.info(t("problem.approvalNeeded"), LONG);
      } else if (error instanceof Problem) {
        void message.error([error.message, error.hint].filter(Boolean).join(" "), LONG);
      } else void message.error(t("problem.unexpected"), LONG);
    },
  };
}
