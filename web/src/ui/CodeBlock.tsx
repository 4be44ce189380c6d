import styles from "@/ui/CodeBlock.module.css";
import { CopyButton } from "@/ui/CopyButton";

interface CodeBlockProps {
  text: string;
  /** What it is, for those who hear it. */
  label: string;
  /** Without a button to copy it. */
  isPlain?: boolean;
}

/** Text to copy or to read as it is. */
export function CodeBlock({ text, label, isPlain = false }: CodeBlockProps) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled with the keyboard */}
      <section className={styles.text} tabIndex={0} aria-label={label}>
        <pre>{text}</pre>
      </section>
      {!isPlain && (
        <div className={styles.copy}>
          <CopyButton text={text} />
        </div>
      )}
    </div>
  );
}
