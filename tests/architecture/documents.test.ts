import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY, readText } from "./support/repository.ts";

const DOCUMENTS = [
  "README.md",
  "README.ru.md",
  "CHANGELOG.md",
  ...["docs", "dev", "tests"].flatMap((folder) =>
    fs
      .readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.posix.join(folder, file)),
  ),
];

const exists = (file: string): boolean => fs.existsSync(path.join(REPOSITORY, file));

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const prose = readText(document).replace(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("a document", () => {
  it.each(DOCUMENTS)("links only to files and headings that are there: %s", (document) => {
    const links = [...readText(document).matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(
      ([, link = ""]) => link,
    );
    const dead = links.filter((link) => {
      const [file = "", anchor] = link.split("#");
      const target = file === "" ? document : path.posix.join(path.posix.dirname(document), file);
      return !exists(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
    expect(dead).toEqual([]);
  });

  it("names in the README's table of promises only tests that are there", () => {
    const promises = /\| what holds \| proven by \|([\s\S]*?)\n\n/.exec(readText("README.md"))?.[1] ?? "";
    const named = promises.split("\n").flatMap((row) => {
      let folder = "";
      // A name without a folder is in that of the one before.
      return [...(row.split(" | ").at(-1) ?? "").matchAll(/`([a-z/-]+)`/g)].map(([, name = ""]) => {
        folder = name.includes("/") ? path.posix.dirname(name) : folder;
        return name.includes("/") ? name : `${folder}/${name}`;
      });
    });
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter((name) => !exists(`tests/${name}.test.ts`) && !exists(`tests/${name}`))).toEqual([]);
  });

  it("names for each layer around the account tests that are there, by their titles", () => {
    const text = readText("docs/protection.md");
    const quoted = [...text.matchAll(/`([\w/-]+\.test\.ts)`((?:,?\s“[^”]+”)+)/g)].flatMap(
      ([, file = "", titles = ""]) =>
        [...titles.matchAll(/“([^”]+)”/g)].map(([, title = ""]) => ({ file, title })),
    );
    const missing = quoted.filter(({ file, title }) => {
      const place = `tests/${file}`;
      return !exists(place) || !readText(place).replaceAll('\\"', '"').includes(title);
    });
    expect(missing).toEqual([]);
    const layers = [...text.matchAll(/^\| (\d) \| \*\*.*$/gm)];
    expect(layers.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(layers.filter(([row]) => !row.includes(".test.ts` “")).map(([row]) => row)).toEqual([]);
  });
});
