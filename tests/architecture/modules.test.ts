import { describe, expect, it } from "vitest";
import { functionSources } from "#dev/check/deno.ts";
import { type Import, readImports } from "./support/module-graph.ts";
import {
  FLOORS,
  floorOf,
  isConnection,
  isFace,
  layerOf,
  MAX_ARROWS,
  moduleOf,
  SHARED,
} from "./support/modules.ts";
import { linesWith, sourceFiles } from "./support/repository.ts";

interface Arrow extends Import {
  to: string;
}

const imports = readImports(functionSources()).filter(
  (one): one is Arrow => one.specifier.startsWith(".") && one.to !== null,
);
const between = imports.filter(({ from, to }) => moduleOf(from) !== moduleOf(to));
const shared = sourceFiles(".ts").filter(({ path }) => path.startsWith(SHARED));
/** Faces that only pass on what is in the rooms. */
const passesOn = new Set(
  shared
    .filter(
      ({ path, text }) =>
        isFace(path) && !/^(?:import|(?:export )?(?:async )?(?:const|function|interface))\b/m.test(text),
    )
    .map(({ path }) => path),
);
const told = ({ from, to }: Arrow): string => `${from.replace(SHARED, "")} imports ${to.replace(SHARED, "")}`;

describe("the order of modules (rule 1)", () => {
  it("has one floor for each folder of _shared, and none for others", () => {
    const modules = new Set(shared.map(({ path }) => moduleOf(path)));
    expect(FLOORS.flat().toSorted()).toEqual([...modules, "entry"].toSorted());
  });

  it("is kept: imports go down, and never to the module next door", () => {
    const wrong = between.filter(
      ({ from, to }) => (floorOf(moduleOf(from)) ?? 0) <= (floorOf(moduleOf(to)) ?? Infinity),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it(`needs at most ${MAX_ARROWS} arrows between modules`, () => {
    const arrows = new Set(
      between
        .filter(({ from }) => moduleOf(from) !== "entry")
        .map(({ from, to }) => `${moduleOf(from)} → ${moduleOf(to)}`),
    );
    const list = `${arrows.size} arrows: ${[...arrows].toSorted().join(", ")}`;
    expect(arrows.size, list).toBeLessThanOrEqual(MAX_ARROWS);
  });

  it("has no circle inside of a module either", () => {
    expect(circles(imports)).toEqual([]);
  });
});

describe("the face of a module (rule 2)", () => {
  it("is all that other modules and the functions name", () => {
    expect(between.filter(({ to }) => !isFace(to)).map(told)).toEqual([]);
  });

  it("is all that the operator's command and the pages name", () => {
    const outside = sourceFiles(".ts").filter(({ path }) => /^(?:cli|pages)\//.test(path));
    const named = outside.flatMap(({ path, text }) =>
      [...text.matchAll(/"#shared\/([^"]+)"/g)].map(([, file = ""]) => ({ path, file: `${SHARED}${file}` })),
    );
    expect(named).not.toEqual([]);
    expect(named.filter(({ file }) => !isFace(file))).toEqual([]);
  });
});

describe("the layer of a file (rule 3)", () => {
  it("lets nobody but a function and a connection import an adapter", () => {
    const wrong = imports.filter(
      ({ from, to }) => layerOf(to) === "adapter" && layerOf(from) !== "entry" && !isConnection(from),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it("lets only functions and adapters import values that reach the machine", () => {
    const wrong = imports.filter(
      ({ from, to, isTypeOnly }) =>
        layerOf(to) === "machine" && !isTypeOnly && !["entry", "adapter", "machine"].includes(layerOf(from)),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it("makes a port of types alone", () => {
    expect(
      imports.filter(({ from, isTypeOnly }) => layerOf(from) === "port" && !isTypeOnly).map(told),
    ).toEqual([]);
  });

  it("lets only a function, or the face of its module, import an endpoint", () => {
    const wrong = imports.filter(
      ({ from, to }) => layerOf(to) === "endpoint" && layerOf(from) !== "entry" && !passesOn.has(from),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it("lets a rule name other rules, what an answer holds, and what lies below", () => {
    const mayName = (to: string): boolean =>
      layerOf(to) === "rule" || to.endsWith("/api/entities.ts") || moduleOf(to) === "platform";
    const wrong = imports.filter(
      ({ from, to, isTypeOnly }) => layerOf(from) === "rule" && !isTypeOnly && !mayName(to),
    );
    expect(wrong.map(told)).toEqual([]);
  });
});

describe("what handlers and composers reach (rule 4)", () => {
  /** What says what a message does, or what a mail says. */
  const handling = shared.filter(({ path }) =>
    /\/(?:amocrm\/steps|leads|school\/deals|school\/welcome|watch\/mails)\/[a-z-]+\.ts$/.test(path),
  );
  const composing = handling.filter(({ path }) => !/\/(?:press|port|store|adapters|form)\.ts$/.test(path));

  it("is amoCRM and mail by Tools and Compose only", () => {
    const reaching = /\b(?:AmocrmClient|Transport|Mailer|Rpc|SupabaseClient|fetch)\b/;
    expect(composing.length).toBeGreaterThan(20);
    expect(composing.flatMap((file) => linesWith(file, reaching))).toEqual([]);
  });
});

describe("a new area (rule 7)", () => {
  /** The kinds that each module brings, by its handlers and composers. */
  const kinds = shared
    .filter(({ path }) => /\/(?:handlers|composers)\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/^ {2}"([a-z.]+)":/gm)].map(([, kind = ""]) => ({ kind, module: moduleOf(path) })),
    );

  it("is named by no module below it: its kinds stand in its own files", () => {
    expect(kinds.length).toBeGreaterThanOrEqual(8);
    const named = kinds.flatMap(({ kind, module }) =>
      shared
        .filter(({ path }) => (floorOf(moduleOf(path)) ?? 0) < (floorOf(module) ?? 0))
        .flatMap((file) => linesWith(file, new RegExp(`["'\`]${kind.replace(".", "\\.")}["'\`]`))),
    );
    expect(named).toEqual([]);
  });
});

/** Each circle of imports that matter at run time, told by the import that closes it. */
function circles(all: readonly Arrow[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const { from, to, isTypeOnly } of all) {
      if (from === file && !isTypeOnly) visit(to, [...trail, file]);
    }
    done.add(file);
  };
  for (const { from } of all) visit(from, []);
  return found;
}
