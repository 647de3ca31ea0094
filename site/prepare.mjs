// Copies the repository's documents into pages/, English at the root and Russian under ru/, and turns their links to the
// new places. GitHub reads the originals, so they stay where they are and as they are.
import fs from "node:fs";
import path from "node:path";

const SITE = import.meta.dirname;
const REPOSITORY = path.dirname(SITE);
const PAGES = path.join(SITE, "pages");
const PICTURES = /\.(png|svg|jpe?g)$/;

const documents = [
  "README.md",
  "README.ru.md",
  "CHANGELOG.md",
  "findings/README.md",
  ...["docs", "dev", "tests"].flatMap((folder) =>
    fs
      .readdirSync(path.join(REPOSITORY, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/"))),
  ),
].filter((file) => !file.includes("node_modules/"));

/** Where a document stands in the site, relative to pages/. */
function placeOf(file) {
  const plain = file.replace(/\.ru\.md$/, ".md").replace(/^docs\//, "");
  const place = plain.replace(/(^|\/)README\.md$/, "$1index.md");
  return file.endsWith(".ru.md") ? path.posix.join("ru", place) : place;
}

/** The text with links that lead to the site's places; a link to something that is no document becomes its text. */
function withLinks(file, text) {
  const from = path.posix.dirname(placeOf(file));
  return text.replace(/(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)/g, (_, bang, label, link, anchor = "") => {
    const target = path.posix.join(path.posix.dirname(file), link);
    if (bang === "!") return `![${label}](/${path.posix.relative("docs", target)})`;
    if (!documents.includes(target)) return label;
    return `[${label}](${path.posix.relative(from, placeOf(target)) || "index.md"}${anchor})`;
  });
}

fs.rmSync(PAGES, { recursive: true, force: true });
for (const file of documents) {
  const place = path.join(PAGES, placeOf(file));
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, withLinks(file, fs.readFileSync(path.join(REPOSITORY, file), "utf8")));
}
for (const file of fs.readdirSync(path.join(REPOSITORY, "docs"), { recursive: true, encoding: "utf8" })) {
  if (!PICTURES.test(file)) continue;
  const place = path.join(PAGES, "public", file);
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.copyFileSync(path.join(REPOSITORY, "docs", file), place);
}
console.log(`${documents.length} documents in ${path.relative(process.cwd(), PAGES) || "."}`);
