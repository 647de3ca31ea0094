import type { Catalogue, Relation, Role, SqlFunction } from "./catalogue.ts";

const INTRO = `# SQL reference

Made by \`npm run sql-reference\` from the catalogue of a migrated database and its \`comment on\` texts; not edited by hand.
The owner, \`postgres\`, may do everything. A function that anybody signed in may call checks the role by itself
([who may what](architecture.md#who-may-what)). With examples: [what an admin sees and does in SQL](operate/admin-sql.md).`;

const PUBLIC_NOTE = "What programs and people use: the Data API shows this schema.";
const PRIVATE_NOTE =
  "The engine. The Data API does not show this schema; read it in SQL, and change it by functions only.";
const ROLE_NAMES: Readonly<Record<Role, string>> = {
  anon: "visitors",
  authenticated: "signed in",
  service_role: "secret key",
};

/** The reference as one page of Markdown. */
export function pageOf({ relations, functions }: Catalogue): string {
  const sections = (["public", "amocrm"] as const).flatMap((schema) => {
    const ours = relations.filter((relation) => relation.schema === schema);
    const calls = functions.filter((one) => one.schema === schema && !one.isTrigger);
    const triggers = functions.filter((one) => one.schema === schema && one.isTrigger);
    return [
      `## Schema \`${schema}\`\n\n${schema === "public" ? PUBLIC_NOTE : PRIVATE_NOTE}`,
      ...relationsOf(`Tables of \`${schema}\``, ours, "table"),
      ...relationsOf(`Views of \`${schema}\``, ours, "view"),
      ...functionsOf(`Functions of \`${schema}\``, calls),
      ...triggersOf(`Trigger functions of \`${schema}\``, triggers),
    ];
  });
  return `${[INTRO, ...sections].join("\n\n")}\n`;
}

function relationsOf(title: string, all: readonly Relation[], kind: Relation["kind"]): string[] {
  const relations = all.filter((relation) => relation.kind === kind);
  if (relations.length === 0) return [];
  return [`### ${title}`, ...relations.map(relationOf)];
}

function relationOf({ name, comment, columns, rights }: Relation): string {
  const rightLines = Object.entries(rights)
    .filter(([, names]) => names.length > 0)
    .map(([role, names]) => `${ROLE_NAMES[role as Role]}: ${names.join(", ")}`);
  const allowed = rightLines.length === 0 ? "owner only" : rightLines.join("; ");
  const rows = columns.map((column) => `| \`${column.name}\` | ${column.type} | ${cell(column.comment)} |`);
  return [
    `#### \`${name}\``,
    cell(comment),
    `Rights: ${allowed}.`,
    ["| column | type | |", "|---|---|---|", ...rows].join("\n"),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function functionsOf(title: string, functions: readonly SqlFunction[]): string[] {
  if (functions.length === 0) return [];
  const rows = functions.map(
    (one) =>
      `| \`${one.name}(${cell(one.parameters)})\` | ${cell(one.returns)} | ${callersOf(one)} | ${cell(one.comment)} |`,
  );
  return [
    `### ${title}`,
    ["| function | returns | who may call | |", "|---|---|---|---|", ...rows].join("\n"),
  ];
}

function triggersOf(title: string, functions: readonly SqlFunction[]): string[] {
  if (functions.length === 0) return [];
  const rows = functions.map((one) => `| \`${one.name}\` | ${cell(one.comment)} |`);
  return [`### ${title}`, ["| function | |", "|---|---|", ...rows].join("\n")];
}

function callersOf({ callers }: SqlFunction): string {
  return callers.length === 0 ? "owner" : callers.map((role) => ROLE_NAMES[role]).join(", ");
}

/** Text within a cell: on one line, with nothing that Markdown or a site's templates would read as markup. */
function cell(text: string | null): string {
  return (text ?? "")
    .replace(/\s+/g, " ")
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replaceAll("{{", "{ {");
}
