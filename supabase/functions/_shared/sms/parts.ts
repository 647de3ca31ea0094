/** What an SMS costs: how its letters are written, and in how many parts. The SQL twin is public.sms_parts. */
export interface SmsParts {
  encoding: "GSM-7" | "UCS-2";
  /** In units of the encoding: an emoji has two, and so has a bracket in GSM-7. */
  unitCount: number;
  partCount: number;
}

/** GSM 03.38. */
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Those that take an escape, and so two places. */
const EXTENDED = new Set("\f^{}\\[~]|€");
/** Units of a single SMS, and of each part of a longer one, which has a head. */
const ROOM = { "GSM-7": { single: 160, part: 153 }, "UCS-2": { single: 70, part: 67 } } as const;

/** Counts the parts of an SMS. A pair stays whole: what no longer fits begins the next part. */
export function smsParts(text: string): SmsParts {
  const letters = [...text];
  const encoding = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter)) ? "GSM-7" : "UCS-2";
  const { single, part } = ROOM[encoding];
  let unitCount = 0;
  let partCount = 0;
  let room = 0;
  for (const letter of letters) {
    const size = encoding === "UCS-2" ? letter.length : EXTENDED.has(letter) ? 2 : 1;
    unitCount += size;
    if (size > room) {
      partCount += 1;
      room = part;
    }
    room -= size;
  }
  return { encoding, unitCount, partCount: unitCount > 0 && unitCount <= single ? 1 : partCount };
}
