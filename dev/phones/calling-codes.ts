import fs from "node:fs";
import path from "node:path";
import metadata from "libphonenumber-js/min/metadata";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const HEADER = "Made by `npm run calling-codes` from libphonenumber-js; not edited by hand.";

/** Where the country codes are checked in: the same ones for SQL, which decides, and for its twin. */
export const SQL_FILE = path.join(REPOSITORY, "supabase/schemas/00-core/calling-codes.sql");
export const TYPESCRIPT_FILE = path.join(
  REPOSITORY,
  "supabase/functions/_shared/platform/phones/calling-codes.ts",
);

/** Behind +7 there are exactly ten digits, and these begin them; the library also knows of inner ones with fourteen. */
const PATTERN_OF_SEVEN = "[34789]\\d{9}";

/** The library's rows as far as they are used here: a country's third entry is the pattern of its national numbers. */
interface Metadata {
  country_calling_codes: Record<string, string[]>;
  countries: Record<string, unknown[]>;
  nonGeographic: Record<string, unknown[]>;
}

/** Each calling code with the pattern of the numbers behind it, in the order of the codes as texts. */
export function callingCodes(): [code: string, pattern: string][] {
  const { country_calling_codes, countries, nonGeographic } = metadata as unknown as Metadata;
  const geographic = Object.entries(country_calling_codes).map(([code, [main]]): [string, string] => [
    code,
    code === "7" ? PATTERN_OF_SEVEN : patternOf(countries[main ?? ""]),
  ]);
  const others = Object.entries(nonGeographic).map(([code, row]): [string, string] => [code, patternOf(row)]);
  return [...geographic, ...others].sort(([a], [b]) => (a < b ? -1 : 1));
}

function patternOf(row: unknown[] | undefined): string {
  const pattern = row?.[2];
  if (typeof pattern !== "string") throw new Error("libphonenumber-js keeps its patterns elsewhere by now");
  return pattern;
}

/** The migration that fills the table. */
export function asSql(): string {
  const rows = callingCodes().map(([code, pattern]) => `  ('${code}', '${pattern}')`);
  return `-- Which numbers a country can have at all: what does not fit is no phone number, however many digits it has.
-- ${HEADER}

create table amocrm.calling_codes (
  calling_code text primary key,
  national_pattern text not null,
  constraint calling_code_has_one_to_three_digits check (calling_code ~ '^[1-9][0-9]{0,2}$')
);
comment on table amocrm.calling_codes is
  'The calling codes of the world, none of which begins another, and what the digits behind each must look like.';
alter table amocrm.calling_codes enable row level security;
revoke all on amocrm.calling_codes from public, anon, authenticated, service_role;
grant select on amocrm.calling_codes to service_role;

insert into amocrm.calling_codes (calling_code, national_pattern) values
${rows.join(",\n")};
`;
}

/** Its twin for the functions. */
export function asTypeScript(): string {
  const rows = callingCodes().map(([code, pattern]) => `  ["${code}", String.raw\`${pattern}\`],`);
  return `// ${HEADER}

/** The calling codes of the world, none of which begins another, and what the digits behind each must look like. */
export const CALLING_CODES: ReadonlyMap<string, string> = new Map([
${rows.join("\n")}
]);
`;
}

function main(): void {
  fs.writeFileSync(SQL_FILE, asSql());
  fs.writeFileSync(TYPESCRIPT_FILE, asTypeScript());
  console.log(
    `Wrote ${path.relative(process.cwd(), SQL_FILE)} and ${path.relative(process.cwd(), TYPESCRIPT_FILE)}`,
  );
}

if (process.argv[1] === import.meta.filename) main();
