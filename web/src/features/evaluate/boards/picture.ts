import type { Palette } from "@/ui/tokens";

const SCALE = 2;
const CLEAR = /^(transparent|rgba\(.*, 0\))$/;

/** A board as a picture, as it stands on the page: charts as they are drawn, tables and notes at their places. */
export async function pictureOf(grid: HTMLElement, title: string, palette: Palette): Promise<Blob | null> {
  const around = grid.getBoundingClientRect();
  const top = 56;
  const canvas = document.createElement("canvas");
  canvas.width = (around.width + 32) * SCALE;
  canvas.height = (around.height + top + 16) * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) return null;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = palette.canvas;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const font = getComputedStyle(document.body).fontFamily;
  write(pen, title, { x: 16, y: 36, font: `650 20px ${font}`, colour: palette.text, width: around.width });
  for (const tile of grid.querySelectorAll<HTMLElement>("[data-tile]")) {
    const place = tile.getBoundingClientRect();
    const left = 16 + place.left - around.left;
    await drawTile(pen, tile, { left, top: top + place.top - around.top, font, palette });
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

interface Corner {
  left: number;
  top: number;
  font: string;
  palette: Palette;
}

async function drawTile(pen: CanvasRenderingContext2D, tile: HTMLElement, corner: Corner): Promise<void> {
  const { left, top, font, palette } = corner;
  const place = tile.getBoundingClientRect();
  pen.save();
  pen.beginPath();
  pen.roundRect(left, top, place.width, place.height, 10);
  pen.fillStyle = palette.surface;
  pen.fill();
  pen.strokeStyle = palette.line;
  pen.stroke();
  pen.clip();
  const title = tile.querySelector("h2")?.textContent ?? "";
  const room = place.width - 32;
  write(pen, title, {
    x: left + 16,
    y: top + 28,
    font: `600 14px ${font}`,
    colour: palette.text,
    width: room,
  });
  const chart = tile.querySelector<SVGSVGElement>("[data-body] [role=img] svg");
  if (chart) {
    const box = chart.getBoundingClientRect();
    const image = await imageOf(chart);
    pen.drawImage(image, left + box.left - place.left, top + box.top - place.top, box.width, box.height);
  } else {
    paint(pen, tile.querySelector("[data-body]"), { x: left - place.left, y: top - place.top });
  }
  pen.restore();
}

interface Written {
  x: number;
  y: number;
  font: string;
  colour: string;
  width: number;
}

function write(pen: CanvasRenderingContext2D, text: string, { x, y, font, colour, width }: Written): void {
  pen.font = font;
  pen.fillStyle = colour;
  let shown = text;
  while (shown.length > 1 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  pen.fillText(shown, x, y);
}

/** What stands in a box, as it stands there: the grounds of bars and cells, and every text at its place. */
function paint(pen: CanvasRenderingContext2D, box: Element | null, by: { x: number; y: number }): void {
  if (!box) return;
  for (const part of box.querySelectorAll("*")) {
    const ground = getComputedStyle(part).backgroundColor;
    if (CLEAR.test(ground)) continue;
    const { left, top, width, height } = part.getBoundingClientRect();
    pen.fillStyle = ground;
    pen.fillRect(left + by.x, top + by.y, width, height);
  }
  const texts = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const look = text.parentElement && getComputedStyle(text.parentElement);
    if (!look || !text.nodeValue?.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const { left, top, width, height } = range.getBoundingClientRect();
    const font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    const [x, y] = [left + by.x, top + by.y + height / 2 + 5];
    write(pen, text.nodeValue, { x, y, font, colour: look.color, width: width + 1 });
  }
}

async function imageOf(chart: SVGSVGElement): Promise<HTMLImageElement> {
  const box = chart.getBoundingClientRect();
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(box.width));
  copy.setAttribute("height", String(box.height));
  copy.style.fontFamily = getComputedStyle(document.body).fontFamily;
  const text = new XMLSerializer().serializeToString(copy);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  return image;
}
