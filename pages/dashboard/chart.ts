import { make } from "../kit/element.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 600;
const HEIGHT = 150;
/** Bars side by side in each slot of time, from the same ground. */
export interface Chart {
  label: string;
  /** The words for the highest value, with {n} for it. */
  most: string;
  slots: readonly { at: number; values: readonly number[] }[];
  /** The class of each value's bar. */
  classes: readonly string[];
  axis: (at: number) => string;
  /** Moments at which something was changed. */
  marks?: readonly { at: number; name: string }[];
}

/** Drawn with attributes and classes only, since the page's policy allows no style of an element. */
export function drawChart({ label, most, slots, classes, axis, marks = [] }: Chart): HTMLElement {
  const svg = element("svg", {
    class: "chart",
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
    "aria-label": label,
  });
  const highest = Math.max(0, ...slots.flatMap(({ values }) => values));
  const top = Math.max(1, highest);
  const width = WIDTH / Math.max(slots.length, 1);
  const bar = Math.max((width - 1) / classes.length, 0.5);
  slots.forEach(({ values }, place) => {
    values.forEach((value, index) => {
      if (value > 0)
        svg.append(barOf(classes[index] ?? "in", place * width + index * bar, bar, (value / top) * HEIGHT));
    });
  });
  svg.append(
    element("line", { class: "axis", x1: "0", x2: String(WIDTH), y1: String(HEIGHT), y2: String(HEIGHT) }),
  );
  const [first, last] = [slots[0], slots.at(-1)];
  if (first === undefined || last === undefined) return make("figure", "", svg);
  for (const { at, name } of marks.filter((mark) => mark.at >= first.at && mark.at <= last.at)) {
    const x = String(((at - first.at) / Math.max(last.at - first.at, 1)) * (WIDTH - width));
    const line = element("line", { class: "note", x1: x, x2: x, y1: "0", y2: String(HEIGHT) });
    const words = element("title", {});
    words.textContent = name;
    line.append(words);
    svg.append(line);
  }
  const words = [axis(first.at), most.replace("{n}", String(highest)), axis(last.at)].map((one) =>
    make("span", "", one),
  );
  return make("figure", "", svg, make("div", "axis-words", ...words));
}

/** A bar across, as long as a share of one. It says nothing that does not stand beside it in numbers. */
export function drawBar(share: number, className: string): SVGElement {
  const svg = element("svg", {
    class: "bar-of chart",
    viewBox: "0 0 100 10",
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const width = share > 0 ? Math.max(Math.min(share, 1) * 100, 0.5) : 0;
  svg.append(element("rect", { class: className, x: "0", y: "0", width: String(width), height: "10" }));
  return svg;
}

/** A circle whose area is a share of one, and which says nothing that does not stand beside it in numbers. */
export function drawBubble(share: number): SVGElement {
  const svg = element("svg", { class: "bubble", viewBox: "0 0 40 40", "aria-hidden": "true" });
  svg.append(
    element("circle", { class: "in", cx: "20", cy: "20", r: String(Math.max(Math.sqrt(share) * 19, 2)) }),
  );
  return svg;
}

function barOf(className: string, x: number, width: number, height: number): SVGElement {
  const [tall, y] = [Math.max(height, 1), HEIGHT - Math.max(height, 1)];
  return element("rect", {
    class: className,
    x: String(x),
    y: String(y),
    width: String(width),
    height: String(tall),
  });
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
