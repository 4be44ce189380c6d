import { useFormats } from "@/ui/useFormats";

/** An instant in the workspace's time zone; a dash where there was none. */
export function Moment({ at }: { at: string | null | undefined }) {
  const { instant } = useFormats();
  if (!at) return <span>–</span>;
  return <time dateTime={at}>{instant(at)}</time>;
}
