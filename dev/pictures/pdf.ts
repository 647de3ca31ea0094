import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Page } from "playwright-core";

const PDFJS = path.resolve(import.meta.dirname, "../../node_modules/unpdf/dist/pdfjs.mjs");
const WIDTH = 842;

/** Draws the first page of a PDF within a browser, which has the canvas that Node lacks. */
export async function pictureOfPdf(page: Page, pdf: Uint8Array, file: string): Promise<void> {
  const server = http.createServer((request, response) => {
    if (request.url === "/pdfjs.mjs") {
      response.setHeader("content-type", "text/javascript").end(fs.readFileSync(PDFJS));
    } else {
      response.setHeader("content-type", "text/html").end("<canvas></canvas>");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await page.goto(`${address}/`);
    await page.evaluate(SCRIPT, { bytes: [...pdf], width: WIDTH, module: `${address}/pdfjs.mjs` });
    await page.locator("canvas").screenshot({ path: file, scale: "css" });
  } finally {
    server.close();
  }
}

/** Runs within the browser. */
const SCRIPT = async (given: { bytes: number[]; width: number; module: string }): Promise<void> => {
  const { getDocument } = await import(given.module);
  const pdf = await getDocument({ data: new Uint8Array(given.bytes), useSystemFonts: true }).promise;
  const first = await pdf.getPage(1);
  const viewport = first.getViewport({ scale: given.width / first.getViewport({ scale: 1 }).width });
  const canvas = (
    globalThis as unknown as { document: { querySelector(name: string): Canvas } }
  ).document.querySelector("canvas");
  canvas.width = viewport.width;
  canvas.height = viewport.height;
  await first.render({ canvas, canvasContext: canvas.getContext("2d"), viewport }).promise;
};

interface Canvas {
  width: number;
  height: number;
  getContext(kind: string): unknown;
}
