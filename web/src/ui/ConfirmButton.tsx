import { Button, type ButtonProps, Popconfirm } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ConfirmButtonProps extends Pick<ButtonProps, "size" | "type" | "loading" | "disabled" | "icon"> {
  /** What is asked; what it touches is named in `text`. */
  title: string;
  text: ReactNode;
  onConfirm: () => void;
  isDangerous?: boolean;
  children: string;
}

/** A button that says what it touches before it does it. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { title, text, onConfirm, isDangerous = false, children, ...look } = props;
  const { t } = useTranslation();
  return (
    <Popconfirm
      title={title}
      description={<div style={{ maxWidth: 320 }}>{text}</div>}
      okText={children}
      cancelText={t("action.cancel")}
      okButtonProps={{ danger: isDangerous }}
      onConfirm={onConfirm}
    >
      <Button danger={isDangerous} {...look}>
        {children}
      </Button>
    </Popconfirm>
  );
}
