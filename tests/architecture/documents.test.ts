import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { REPOSITORY, readText, sourceFiles } from "./support/repository.ts";

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

  it("names in the table of promises only tests that are there", () => {
    const promises =
      /\| what holds \| proven by \|([\s\S]*?)\n\n/.exec(readText("docs/promises.md"))?.[1] ?? "";
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

describe("a sentence that sends the reader to a document", () => {
  it("names one that is there", () => {
    const named = [
      ...sourceFiles(".ts", ".cjs", ".js", ".sql"),
      { path: ".env.example", text: readText(".env.example") },
    ]
      .filter(({ path: file }) => !file.includes("/data/"))
      .flatMap(({ path: file, text }) =>
        [...text.matchAll(/\bdocs\/[\w/.-]+?\.md\b/g)].map(([document]) => ({ file, document })),
      );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ document }) => !exists(document))).toEqual([]);
  });
});

const READMES = ["README.md", "README.ru.md"];
const MAX_README_LINES = 200;
/** From the first look to a lead in the local CRM. */
const MAX_COMMANDS = 5;

describe.each(READMES)("%s", (readme) => {
  it("is short, so that a reader reaches its end", () => {
    expect(readText(readme).trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_README_LINES);
  });

  it("leads to a lead in the local CRM by at most five commands, the same in each language", () => {
    const commandsOf = (file: string): string[] =>
      (/```sh\n([\s\S]*?)```/.exec(readText(file))?.[1] ?? "")
        .replace(/\\\n\s*/g, "")
        .replace(/ {2,}#.*$/gm, "")
        .replace(/"full_name": "[^"]*"/, "")
        .split("\n")
        .filter((line) => line !== "");
    const commands = commandsOf(readme);
    expect(commands.length).toBeGreaterThan(3);
    expect(commands.length).toBeLessThanOrEqual(MAX_COMMANDS);
    expect(commands.at(-1)).toContain("find --email ada@example.com");
    expect(commands).toEqual(commandsOf("README.md"));
  });
});

describe("the site", () => {
  const linked = [...readText("site/.vitepress/config.mts").matchAll(/link: "(\/[^"]*)"/g)].map(
    ([, link = ""]) => link,
  );
  /** The place in the site, as site/prepare.mjs gives it. */
  const placeOf = (file: string): string => {
    const place = file
      .replace(/^docs\//, "")
      .replace(/(\.ru)?\.md$/, "")
      .replace(/(^|\/)README$/, "$1");
    return `${file.endsWith(".ru.md") ? "/ru/" : "/"}${place}`;
  };

  it("leads to each document of docs by its sidebar, but to single decisions by their list", () => {
    const documents = DOCUMENTS.filter((file) => /^(docs\/|README)/.test(file) && !/adr\/\d/.test(file));
    expect(documents.map(placeOf).filter((place) => !linked.includes(place))).toEqual([]);
  });

  it("links in its sidebar only to documents that are there", () => {
    const places = DOCUMENTS.map(placeOf);
    expect(linked.length).toBeGreaterThan(30);
    expect(linked.filter((link) => !places.includes(link))).toEqual([]);
  });
});

describe("the glossary", () => {
  it("has one line for each word", () => {
    const words = [...readText("docs/glossary.md").matchAll(/^\| ([^|]+?) \| [^|]+ \| [^|]* ?\|$/gm)]
      .flatMap(([, cell = ""]) => cell.split(", "))
      .filter((word) => word !== "word");
    expect(words.length).toBeGreaterThan(100);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });
});

describe("a document in two languages", () => {
  it.each(DOCUMENTS.filter((file) => file.endsWith(".ru.md")))("has an English one beside it: %s", (file) => {
    expect(exists(file.replace(".ru.md", ".md"))).toBe(true);
  });

  /** Told whole in Russian; the others are told shorter there. */
  const WHOLE = [
    "docs/areas/certificates.ru.md",
    "docs/areas/forms.ru.md",
    "docs/areas/mail.ru.md",
    "docs/operate/admin-sql.ru.md",
    "docs/operate/rehearsal.ru.md",
  ];
  const REMARKS: Readonly<Record<string, RegExp>> = { sh: /(^|\s)# .*$/gm, sql: /(^|\s)-- .*$/gm };
  /** Lines of code that are to be pasted, without remarks, which are in the reader's language. */
  const codeOf = (file: string): string[] =>
    [...readText(file).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
      .flatMap(([, language = "", code = ""]) =>
        code.replace(REMARKS[language] ?? /<!--.*?-->|(^|\s)\/\/ .*$/gm, "").split("\n"),
      )
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const headingsOf = (file: string): string[] =>
    [...readText(file).matchAll(/^(#+) /gm)].map(([, depth = ""]) => depth);
  const rowsOf = (file: string): number => [...readText(file).matchAll(/^ *\|/gm)].length;

  it.each(WHOLE)("has the same code, headings and rows of tables in both: %s", (file) => {
    const english = file.replace(".ru.md", ".md");
    // What the Russian page shows besides: the state in Russian.
    const code = codeOf(file).filter((line) => !line.includes("amocrm_in_russian(problem)"));
    expect(code).toEqual(codeOf(english));
    expect(headingsOf(file)).toEqual(headingsOf(english));
    expect(rowsOf(file)).toBe(rowsOf(english));
  });
});
