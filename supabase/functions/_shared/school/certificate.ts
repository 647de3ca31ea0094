/** Certificates: who may see one, and how it is drawn. */
export { withoutTokenForCode } from "./certificate/anonymous.ts";
export { drawCertificate } from "./certificate/draw-pdf.ts";
export { answerCertificate } from "./certificate/endpoint.ts";
export { loadFonts } from "./certificate/fonts.ts";
