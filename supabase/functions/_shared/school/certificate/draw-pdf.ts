// The package has no types of its own, and Deno does not look for others by itself.
// @ts-types="npm:@types/pdfkit@0.17.6"
import PDFDocument from "pdfkit";
import { encode } from "uqr";
import "./pinned-packages.ts";
import { type FittedText, fitText, type Room } from "./fit-text.ts";
import type { Fonts } from "./fonts.ts";
import type { Drawn } from "./port.ts";
import { type CertificateSheet, dayInWords, displayCode, printable } from "./sheet.ts";

/** A4 on its side, in points. */
const PAGE = { width: 841.89, height: 595.28 };
const INK = "#1f2a44";
const QUIET = "#5b6478";
const GOLD = "#b08d3c";

const SIDE = 90;
const TEXT_WIDTH = PAGE.width - 2 * SIDE;
const NAME_BASELINE = 306;
const QR_SIZE = 74;
const FOOT = 444;

const NAME_ROOM: Room = {
  width: TEXT_WIDTH,
  steps: [
    { lineCount: 1, largest: 40, smallest: 28 },
    { lineCount: 2, largest: 28, smallest: 20 },
    { lineCount: 3, largest: 19, smallest: 13 },
    { lineCount: 4, largest: 13, smallest: 12 },
  ],
};
const COURSE_ROOM: Room = {
  width: TEXT_WIDTH,
  steps: [
    { lineCount: 1, largest: 24, smallest: 16 },
    { lineCount: 2, largest: 16, smallest: 10 },
  ],
};
const SIGNATORY_ROOM: Room = {
  width: 220,
  steps: [
    { lineCount: 1, largest: 12, smallest: 9 },
    { lineCount: 2, largest: 9, smallest: 7 },
  ],
};
const ADDRESS_ROOM: Room = { width: TEXT_WIDTH, steps: [{ lineCount: 1, largest: 9, smallest: 5 }] };

/** Draws a certificate: one page, the same bytes for the same sheet. `address` is where it is checked. */
export async function drawCertificate(
  sheet: CertificateSheet,
  address: string,
  fonts: Fonts,
): Promise<Drawn> {
  const document = new PDFDocument({
    size: "A4",
    layout: "landscape",
    margin: 0,
    // Empty, or the built-in Helvetica is loaded from a file.
    font: "",
    info: {
      Title: `Сертификат ${sheet.number}`,
      Author: sheet.issuer ?? sheet.courseTitle,
      CreationDate: new Date(`${sheet.issuedOn}T12:00:00Z`),
    },
    lang: "ru",
    displayTitle: true,
  });
  const whole = blobOf(document);
  document.registerFont("regular", fonts.regular);
  document.registerFont("semiBold", fonts.semiBold);
  const pen = new Pen(document);
  const name = pen.clean(sheet.fullName);
  const course = pen.clean(sheet.courseTitle);
  const issuer = pen.clean(sheet.issuer ?? "");
  const signatory = pen.clean(sheet.signatory ?? "");
  if (pen.missing.size > 0) return { ok: false, missing: [...pen.missing] };

  drawFrame(document);
  drawHeading(pen, sheet.number);
  pen.centred("Выдан", { size: 14, y: 226, color: QUIET });
  drawName(document, pen, name);
  pen.centred("в подтверждение того, что пройдены все уроки курса", { size: 14, y: 352, color: QUIET });
  drawCourse(pen, course);
  drawFoot(document, pen, { day: dayInWords(sheet.issuedOn), issuer, signatory });
  if (sheet.showsQr) drawQr(document, address);
  drawAddress(document, pen, address, sheet.code);
  document.end();
  return { ok: true, pdf: await whole };
}

interface Line {
  size: number;
  /** Of the baseline, from the top. */
  y: number;
  color: string;
  font?: "regular" | "semiBold";
  spacing?: number;
  /** The middle; of the page if it is not given. */
  x?: number;
}

/** Puts lines of text by their baseline, and remembers what the font cannot write. */
class Pen {
  readonly missing = new Set<string>();
  readonly #document: PDFKit.PDFDocument;

  constructor(document: PDFKit.PDFDocument) {
    this.#document = document;
  }

  clean(text: string): string {
    // pdfkit shows the font that it has parsed in no other way; parsing it a second time would cost as much as drawing.
    const font = (this.#document.font("semiBold") as unknown as { _font: { font: GlyphTable } })._font.font;
    const { text: kept, missing } = printable(text, (codePoint) => font.hasGlyphForCodePoint(codePoint));
    for (const letter of missing) this.missing.add(letter);
    return kept;
  }

  fit(text: string, room: Room, font: "regular" | "semiBold" = "semiBold"): FittedText {
    const known = new Map<string, number>();
    this.#document.font(font).fontSize(100);
    return fitText(text, room, (part) => {
      const width = known.get(part) ?? this.#document.widthOfString(part) / 100;
      known.set(part, width);
      return width;
    });
  }

  width(text: string, line: Pick<Line, "size" | "font" | "spacing">): number {
    const options = { characterSpacing: line.spacing ?? 0 };
    return this.#document
      .font(line.font ?? "regular")
      .fontSize(line.size)
      .widthOfString(text, options);
  }

  centred(text: string, line: Line): void {
    const left = (line.x ?? PAGE.width / 2) - this.width(text, line) / 2;
    this.at(text, left, line);
  }

  at(text: string, left: number, line: Omit<Line, "x">): void {
    this.#document
      .font(line.font ?? "regular")
      .fontSize(line.size)
      .fillColor(line.color)
      .text(text, left, line.y, {
        lineBreak: false,
        baseline: "alphabetic",
        characterSpacing: line.spacing ?? 0,
      });
  }
}

interface GlyphTable {
  hasGlyphForCodePoint(codePoint: number): boolean;
}

function drawFrame(document: PDFKit.PDFDocument): void {
  const frame = (inset: number, width: number, color: string) =>
    document
      .lineWidth(width)
      .strokeColor(color)
      .rect(inset, inset, PAGE.width - 2 * inset, PAGE.height - 2 * inset)
      .stroke();
  frame(26, 2.5, INK);
  frame(33, 0.75, GOLD);
  const corner = 12;
  for (const x of [33, PAGE.width - 33]) {
    for (const y of [33, PAGE.height - 33]) {
      document
        .save()
        .translate(x, y)
        .rotate(45)
        .rect(-corner / 2, -corner / 2, corner, corner);
      document.fillAndStroke("#ffffff", GOLD).restore();
    }
  }
}

function drawHeading(pen: Pen, number: string): void {
  pen.centred("СЕРТИФИКАТ", { size: 46, y: 140, color: INK, font: "semiBold", spacing: 8 });
  pen.centred(`№ ${number}`, { size: 12, y: 170, color: GOLD, spacing: 1 });
}

function drawName(document: PDFKit.PDFDocument, pen: Pen, name: string): void {
  const { size, lines } = pen.fit(name, NAME_ROOM);
  const step = size * 1.18;
  // The last line stands on the rule, or near it; a block of several is lifted so that its middle stays in place.
  const first = NAME_BASELINE - 14 - ((lines.length - 1) * step) / 2 + (lines.length > 1 ? size * 0.1 : 0);
  lines.forEach((line, index) => {
    pen.centred(line, { size, y: first + index * step, color: INK, font: "semiBold" });
  });
  document
    .lineWidth(0.75)
    .strokeColor(GOLD)
    .moveTo(PAGE.width / 2 - 130, NAME_BASELINE + 16)
    .lineTo(PAGE.width / 2 + 130, NAME_BASELINE + 16)
    .stroke();
}

function drawCourse(pen: Pen, title: string): void {
  const { size, lines } = pen.fit(`«${title}»`, COURSE_ROOM);
  lines.forEach((line, index) => {
    pen.centred(line, { size, y: 388 + index * size * 1.2, color: INK, font: "semiBold" });
  });
}

function drawFoot(
  document: PDFKit.PDFDocument,
  pen: Pen,
  { day, issuer, signatory }: { day: string; issuer: string; signatory: string },
): void {
  pen.at("Дата выдачи", SIDE, { size: 9, y: FOOT + 22, color: QUIET });
  pen.at(day, SIDE, { size: 13, y: FOOT + 40, color: INK });
  if (issuer !== "") {
    const { size, lines } = pen.fit(issuer, SIGNATORY_ROOM, "regular");
    lines.forEach((line, index) => {
      pen.at(line, SIDE, { size, y: FOOT + 60 + index * size * 1.2, color: INK });
    });
  }
  if (signatory === "") return;
  const middle = PAGE.width / 2;
  document
    .lineWidth(0.5)
    .strokeColor(INK)
    .moveTo(middle - 110, FOOT + 44)
    .lineTo(middle + 110, FOOT + 44)
    .stroke();
  const { size, lines } = pen.fit(signatory, SIGNATORY_ROOM, "regular");
  lines.forEach((line, index) => {
    pen.centred(line, { size, y: FOOT + 60 + index * size * 1.2, color: INK, x: middle });
  });
}

function drawQr(document: PDFKit.PDFDocument, address: string): void {
  const { data, size } = encode(address, { ecc: "M", border: 0 });
  const dot = QR_SIZE / size;
  const left = PAGE.width - SIDE - QR_SIZE;
  data.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (isDark) document.rect(left + x * dot, FOOT + y * dot, dot, dot);
    });
  });
  document.fill(INK);
}

function drawAddress(document: PDFKit.PDFDocument, pen: Pen, address: string, code: string): void {
  pen.centred(`Проверить: код ${displayCode(code)}`, { size: 8.5, y: 533, color: QUIET });
  const { size, lines } = pen.fit(address, ADDRESS_ROOM, "regular");
  const [line = ""] = lines;
  pen.centred(line, { size, y: 546, color: QUIET });
  const width = pen.width(line, { size });
  document.link((PAGE.width - width) / 2, 546 - size, width, size * 1.3, address);
}

/** What pdfkit writes to; its own types name Node's streams, which not every Deno knows. */
interface Output {
  on(event: "data", listener: (chunk: Uint8Array) => void): void;
  on(event: "end", listener: () => void): void;
  on(event: "error", listener: (error: unknown) => void): void;
}

function blobOf(document: PDFKit.PDFDocument): Promise<Blob> {
  const output = document as unknown as Output;
  const chunks: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    output.on("data", (chunk) => void chunks.push(chunk));
    output.on("end", () => resolve(new Blob(chunks as BlobPart[], { type: "application/pdf" })));
    output.on("error", reject);
  });
}
