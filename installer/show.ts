import type { Change } from "./plan.ts";

/** Every change of a plan, as a list; of config.toml its lines. */
export function changeLines(changes: readonly Change[]): string[] {
  return changes.flatMap((change) => {
    const { place, was, text } = change;
    const lines = place === "config.toml" ? lineDiff(was ?? "", text ?? "") : [];
    return [`  ${signOf(change)} ${place}`, ...lines.map((line) => `      ${line}`)];
  });
}

/** The same for who is asked: of functions and of what they share one line each, with how many files. */
export function summaryLines(changes: readonly Change[]): string[] {
  const counts = new Map<string, number>();
  const folderOf = (place: string): string | undefined =>
    /^functions\/(?:_shared\/)?[^/]+\//.exec(place)?.[0];
  for (const change of changes) {
    const folder = folderOf(change.place);
    const line = folder === undefined ? "" : `  ${signOf(change)} ${folder}`;
    if (line !== "") counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  const others = changes.filter(({ place }) => folderOf(place) === undefined);
  return [...[...counts].map(([line, count]) => `${line} (${count})`), ...changeLines(others)];
}

function signOf({ was, text }: Change): string {
  return was === null ? "+" : text === null ? "-" : "~";
}

export function countsOf(changes: readonly Change[]): { added: number; replaced: number; removed: number } {
  const added = changes.filter(({ was }) => was === null).length;
  const removed = changes.filter(({ text }) => text === null).length;
  return { added, removed, replaced: changes.length - added - removed };
}

/** Lines that are added and taken out. What both have at the beginning and at the end is left out first. */
function lineDiff(before: string, after: string): string[] {
  let [left, right] = [before, after].map((text) => text.split(/\r?\n/)) as [string[], string[]];
  const isSame = (a: string | undefined, b: string | undefined): boolean => a !== undefined && a === b;
  while (isSame(left[0], right[0])) [left, right] = [left.slice(1), right.slice(1)];
  while (isSame(left.at(-1), right.at(-1))) [left, right] = [left.slice(0, -1), right.slice(0, -1)];
  const kept = new Set(left.filter((line) => right.includes(line)));
  return [
    ...left.filter((line) => !kept.has(line)).map((line) => `- ${line}`),
    ...right.filter((line) => !kept.has(line)).map((line) => `+ ${line}`),
  ];
}
