import { getDocumentProxy, getResolvedPDFJS } from "unpdf";
import { z } from "zod";

const Text = z.object({
  str: z.string(),
  transform: z.array(z.number()),
  width: z.number(),
  height: z.number(),
});

/** A PDF as a reader sees it. */
export interface ReadPdf {
  pageCount: number;
  /** Of the first page, in points. */
  width: number;
  height: number;
  title: string;
  /** The texts of the first page, with the left and right end of each. */
  texts: { text: string; left: number; right: number; size: number }[];
  /** How many rectangles and other shapes are drawn. */
  fillCount: number;
  links: string[];
}

/** Reads a PDF with Mozilla's own parser, which is none of the code that wrote it. */
export async function readPdf(pdf: Blob): Promise<ReadPdf> {
  const document = await getDocumentProxy(new Uint8Array(await pdf.arrayBuffer()), { verbosity: 0 });
  const { OPS } = await getResolvedPDFJS();
  try {
    const page = await document.getPage(1);
    const { width, height } = page.getViewport({ scale: 1 });
    const { items } = await page.getTextContent();
    const { info } = await document.getMetadata();
    const { fnArray } = await page.getOperatorList();
    const annotations = await page.getAnnotations();
    return {
      pageCount: document.numPages,
      width,
      height,
      title: z.looseObject({ Title: z.string() }).parse(info).Title,
      texts: items
        .map((item) => Text.parse(item))
        .filter(({ str }) => str.trim() !== "")
        .map(({ str, transform, width: length, height: size }) => {
          const left = transform[4] ?? 0;
          return { text: str, left, right: left + length, size };
        }),
      fillCount: fnArray.filter((operation) => operation === OPS.constructPath).length,
      links: annotations.flatMap(({ url }) => (typeof url === "string" ? [url] : [])),
    };
  } finally {
    await document.loadingTask.destroy();
  }
}
