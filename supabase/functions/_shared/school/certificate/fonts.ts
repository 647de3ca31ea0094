import { PACKED_FONT as REGULAR } from "./fonts/source-serif-regular.ts";
import { PACKED_FONT as SEMI_BOLD } from "./fonts/source-serif-semi-bold.ts";

/** The fonts of a certificate, as TrueType files. */
export interface Fonts {
  regular: Uint8Array;
  semiBold: Uint8Array;
}

let unpacked: Promise<Fonts> | null = null;

/** Unpacks the fonts that travel with the function; once per worker. */
export function loadFonts(): Promise<Fonts> {
  unpacked ??= Promise.all([inflate(REGULAR), inflate(SEMI_BOLD)]).then(([regular, semiBold]) => ({
    regular,
    semiBold,
  }));
  return unpacked;
}

async function inflate(packed: string): Promise<Uint8Array> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
