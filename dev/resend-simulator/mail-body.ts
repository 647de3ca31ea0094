import { z } from "zod";

/** In ASCII: letters of other scripts are for the sender's name only. */
const ADDRESS = String.raw`[!#-\x2b\x2d-:=?A-~]+@[!#-\x2b\x2d-:=?A-~]+\.[!#-\x2b\x2d-:=?A-~]+`;
const Address = z.string().regex(new RegExp(`^${ADDRESS}$`));
/** A name with signs that split it has to be quoted, as several services read it. */
const NAME = String.raw`(?:"(?:[^"\\]|\\.)*"|[^,;:()<>@"]*)`;
const From = z.string().regex(new RegExp(`^(?:${NAME}\\s*<${ADDRESS}>|${ADDRESS})$`));

/** A mail as `POST /emails` takes it; strict, so that a misspelt field is noticed here and not by a student. */
export const SentBody = z
  .strictObject({
    from: From,
    to: z.union([Address, z.array(Address).min(1).max(50)]),
    subject: z.string().min(1),
    html: z.string().optional(),
    text: z.string().optional(),
    reply_to: z.union([Address, z.array(Address)]).optional(),
    tags: z
      .array(
        z.strictObject({
          name: z.string().regex(/^[\w-]{1,256}$/),
          value: z.string().regex(/^[\w-]{1,256}$/),
        }),
      )
      .optional(),
    headers: z.record(z.string(), z.string()).optional(),
  })
  .refine((body) => body.html !== undefined || body.text !== undefined, {
    path: ["html"],
    error: "is missing",
  });
export type SentBody = z.infer<typeof SentBody>;

/** The domain of a From field. */
export function domainOf(from: string): string {
  return from.replace(/^.*@|>.*$/g, "").toLowerCase();
}
