/** A query string in PHP's bracket notation, as a tree: leaves are strings. */
export interface QueryTree {
  [key: string]: string | QueryTree;
}

const MAX_DEPTH = 6;

/** Reads `filter[statuses][0][pipeline_id]=1&filter[id][]=2` into a tree; `[]` counts up from 0. */
export function parseQuery(params: URLSearchParams): QueryTree {
  const root: QueryTree = Object.create(null);
  for (const [name, value] of params) place(root, splitName(name), value);
  return root;
}

function splitName(name: string): string[] {
  const open = name.indexOf("[");
  if (open <= 0) return [name];
  const inner = [...name.slice(open).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? "");
  return [name.slice(0, open), ...inner].slice(0, MAX_DEPTH);
}

function place(root: QueryTree, path: string[], value: string): void {
  let node = root;
  path.forEach((step, position) => {
    const key = step === "" ? String(Object.keys(node).length) : step;
    if (position === path.length - 1) {
      node[key] = value;
      return;
    }
    const next = node[key];
    if (typeof next === "object") node = next;
    else node = node[key] = Object.create(null) as QueryTree;
  });
}

/** The branch under a key, or an empty one. */
export function branch(tree: QueryTree, key: string): QueryTree {
  const node = tree[key];
  return typeof node === "object" ? node : {};
}

/** The scalar under a key, or undefined. */
export function scalar(tree: QueryTree, key: string): string | undefined {
  const node = tree[key];
  return typeof node === "string" ? node : undefined;
}

/** All scalars under a key, whether it was written `a=1`, `a[]=1` or `a[0]=1`. */
export function scalars(tree: QueryTree, key: string): string[] {
  const node = tree[key];
  if (node === undefined) return [];
  if (typeof node === "string") return [node];
  return Object.values(node).filter((leaf) => typeof leaf === "string");
}

/** All whole numbers under a key; what is no number is left out. */
export function integers(tree: QueryTree, key: string): number[] {
  return scalars(tree, key)
    .map(Number)
    .filter((number) => Number.isSafeInteger(number));
}

/** The values of `with`, given as `a,b` or `with[]=a`. */
export function withValues(tree: QueryTree): Set<string> {
  return new Set(scalars(tree, "with").flatMap((part) => part.split(",").map((word) => word.trim())));
}
