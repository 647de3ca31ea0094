import fs from "node:fs";
import path from "node:path";
import { z } from "zod";

/** What other programs need to know about a running stack; design 3.5 and design-wings 8 name the fields. */
const stackFileSchema = z.object({
  url: z.string(),
  publishableKey: z.string(),
  secretKey: z.string(),
  dbUrl: z.string(),
  functionsUrl: z.string(),
  amocrmUrl: z.string(),
  /** The simulators of other services, each only if it was started. */
  resendUrl: z.string().optional(),
  mobizonUrl: z.string().optional(),
  unisenderUrl: z.string().optional(),
  managersUrl: z.string().optional(),
  dashboardUrl: z.string().optional(),
  cardUrl: z.string().optional(),
  /** Who can sign in on the pages. */
  accounts: z
    .array(
      z.object({
        role: z.enum(["admin", "viewer", "sales_manager"]),
        email: z.string(),
        password: z.string(),
      }),
    )
    .optional(),
  pids: z.object({
    /** The process that keeps the stack, `npm run dev` itself. */
    dev: z.int(),
    functions: z.int().optional(),
    postgres: z.int().optional(),
  }),
});
export type StackFile = z.infer<typeof stackFileSchema>;

/** Writes the file in one step, so that a reader sees the old one or the new one. It holds keys: owner only. */
export function writeStackFile(file: string, content: StackFile): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(temporary, file);
}

/** The stack that the file describes; undefined if there is none, or it is not a stack file. */
export function readStackFile(file: string): StackFile | undefined {
  try {
    return stackFileSchema.parse(JSON.parse(fs.readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Removes the file and says so, unless another stack has written its own there since. */
export function removeStackFile(file: string, devPid: number): boolean {
  const isOurs = readStackFile(file)?.pids.dev === devPid;
  if (isOurs) fs.rmSync(file, { force: true });
  return isOurs;
}
