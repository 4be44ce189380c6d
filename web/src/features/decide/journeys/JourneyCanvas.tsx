import { FullscreenOutlined, MinusOutlined, PlusOutlined } from "@ant-design/icons";
import {
  MarkerType,
  type NodeChange,
  Panel,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { Button } from "antd";
import { useCallback, useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "@/features/decide/journeys/JourneyCanvas.module.css";
import { useJourney } from "@/features/decide/journeys/JourneyContext";
import { EDGE_TYPES } from "@/features/decide/journeys/LineEdge";
import { NODE_TYPES } from "@/features/decide/journeys/nodes";
import { type Picture, type PictureNode, pictureOf } from "@/features/decide/journeys/picture";
import { usePalette } from "@/ui/theme";
import { useIsNarrow } from "@/ui/useIsNarrow";

interface JourneyCanvasProps {
  selected: string | null;
  onSelect: (step: string | null) => void;
}

/** The flowchart as drawn from the document. Steps can be chosen, and the picture moved and scaled. */
export function JourneyCanvas(props: JourneyCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

const MARGIN = 24;
const COMFORTABLE = 0.75;
const LEAST = 0.6;

/** The whole chart where it stays comfortable to read, else its whole width; what is below is scrolled to. */
function zoomOf(width: number, height: number): number {
  const whole = Math.min(1, width, height);
  return whole >= COMFORTABLE ? whole : Math.min(1, Math.max(LEAST, width));
}

function Canvas({ selected, onSelect }: JourneyCanvasProps) {
  const { t } = useTranslation();
  const { mode, lineStrong } = usePalette();
  const { chart, words } = useJourney();
  const isNarrow = useIsNarrow();
  const picture = useMemo(() => pictureOf(chart, isNarrow), [chart, isNarrow]);
  const box = useRef<HTMLDivElement>(null);
  const showWhole = useShowWhole(picture, box);
  const nodes = picture.nodes.map((node) => {
    const isStep = node.type === "step";
    return {
      ...node,
      selected: node.id === selected,
      selectable: isStep,
      focusable: isStep,
      style: { pointerEvents: "all" as const },
      ariaLabel: isStep ? words.step(node.data.step).title : t(`chart.kind.${node.type ?? "entry"}`),
    };
  });
  const edges = useMemo(
    () =>
      picture.edges.map((edge) => ({
        ...edge,
        focusable: false,
        markerEnd: { type: MarkerType.ArrowClosed, color: lineStrong, width: 14, height: 14 },
      })),
    [picture, lineStrong],
  );
  // Clicks and keys both arrive as changes of the selection.
  const follow = (changes: NodeChange<PictureNode>[]) => {
    const selections = changes.filter((change) => change.type === "select");
    const chosen = selections.find((change) => change.selected);
    if (chosen) onSelect(chosen.id);
    else if (selections.some((change) => change.id === selected)) onSelect(null);
  };
  return (
    <section className={styles.canvas} aria-label={t("chart.label")} ref={box}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        colorMode={mode}
        minZoom={0.15}
        maxZoom={1.5}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        deleteKeyCode={null}
        panOnScroll
        onlyRenderVisibleElements={picture.nodes.length > 60}
        onNodesChange={follow}
        onPaneClick={() => onSelect(null)}
        attributionPosition="bottom-left"
        onInit={showWhole}
        ariaLabelConfig={{
          "node.a11yDescription.default": t("chart.stepHelp"),
          "edge.a11yDescription.default": "",
        }}
      >
        <Panel position="bottom-right">
          <Scale onWhole={showWhole} />
        </Panel>
      </ReactFlow>
    </section>
  );
}

/** Puts the chart into the window: the entry above, in the middle where not all of the width can be seen. */
function useShowWhole(picture: Picture, box: React.RefObject<HTMLDivElement | null>): () => void {
  const { setViewport } = useReactFlow();
  const show = useCallback(() => {
    if (!box.current) return;
    const { clientWidth, clientHeight } = box.current;
    const [wide, high] = [clientWidth - 2 * MARGIN, clientHeight - 2 * MARGIN];
    const zoom = zoomOf(wide / picture.width, high / picture.height);
    const isWide = picture.width * zoom > clientWidth;
    const x = clientWidth / 2 - (isWide ? picture.middle : picture.width / 2) * zoom;
    const spare = clientHeight - picture.height * zoom;
    void setViewport({ x: Math.round(x), y: Math.max(MARGIN, Math.min(spare / 2, 2 * MARGIN)), zoom });
  }, [picture, box, setViewport]);
  useLayoutEffect(() => {
    if (!box.current) return undefined;
    const watcher = new ResizeObserver(show);
    watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [box, show]);
  return show;
}

function Scale({ onWhole }: { onWhole: () => void }) {
  const { t } = useTranslation();
  const { zoomIn, zoomOut } = useReactFlow();
  return (
    <div className={styles.scale}>
      <Button
        size="small"
        icon={<PlusOutlined />}
        aria-label={t("chart.zoomIn")}
        onClick={() => void zoomIn()}
      />
      <Button
        size="small"
        icon={<MinusOutlined />}
        aria-label={t("chart.zoomOut")}
        onClick={() => void zoomOut()}
      />
      <Button
        size="small"
        icon={<FullscreenOutlined />}
        aria-label={t("chart.zoomWhole")}
        onClick={onWhole}
      />
    </div>
  );
}
