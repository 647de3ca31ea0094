import fs from "node:fs";
import path from "node:path";
import { deflateRawSync } from "node:zlib";
import subsetFont from "subset-font";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const FONTS = "supabase/functions/_shared/school/certificate/fonts";

/** The cuts that a certificate uses, by the name of their module. */
export const CUTS = {
  "source-serif-regular": "400Regular/SourceSerif4_400Regular.ttf",
  "source-serif-semi-bold": "600SemiBold/SourceSerif4_600SemiBold.ttf",
} as const;
export type Cut = keyof typeof CUTS;

/**
 * Names come in Latin, Greek and Cyrillic of many languages, Kazakh among them; the rest of the font is left out. As
 * Unicode ranges, both ends included.
 */
const KEPT: readonly (readonly [from: number, to: number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x24f],
  [0x259, 0x259],
  [0x2b0, 0x2ff],
  [0x300, 0x36f],
  [0x370, 0x3ff],
  [0x400, 0x52f],
  [0x1e00, 0x1eff],
  [0x2010, 0x203a],
  [0x20ac, 0x20ac],
  [0x20b8, 0x20bd],
  [0x2116, 0x2116],
];

/** Names are not hyphenated and need no small capitals: of the layout only kerning and marks stay. */
const SUBSET_OPTIONS = {
  targetFormat: "truetype",
  keepFeatures: ["kern", "mark", "mkmk", "ccmp", "locl"],
  noHinting: true,
} as const;

/** The part of a cut that is printed with, as a TrueType font. The same package gives the same bytes. */
export async function subsetOf(cut: Cut): Promise<Uint8Array> {
  const file = path.join(REPOSITORY, "node_modules/@expo-google-fonts/source-serif-4", CUTS[cut]);
  const letters = KEPT.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index)),
  );
  return subsetFont(fs.readFileSync(file), letters.join(""), SUBSET_OPTIONS);
}

/** The module of a cut: the CLI uploads what is imported, and static files not on every road (supabase-platform.md 1.3). */
function moduleOf(cut: Cut, font: Uint8Array): string {
  const packed = deflateRawSync(font, { level: 9 }).toString("base64");
  return `/**
 * Source Serif 4, ${cut.replace("source-serif-", "")}: Latin, Greek and Cyrillic, deflated. Copyright 2014 The Source Serif 4 Project
 * Authors; SIL Open Font License 1.1, see OFL.txt. Made by dev/certificate/make-fonts.ts.
 */
export const PACKED_FONT =
  "${packed}";
`;
}

/** Where the module of a cut stands. */
function moduleFile(cut: Cut): string {
  return path.join(REPOSITORY, FONTS, `${cut}.ts`);
}

if (process.argv[1] === import.meta.filename) {
  for (const cut of Object.keys(CUTS) as Cut[]) {
    const font = await subsetOf(cut);
    fs.writeFileSync(moduleFile(cut), moduleOf(cut, font));
    console.log(`${cut}: ${font.byteLength} bytes`);
  }
}
