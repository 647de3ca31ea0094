import fs from "node:fs";
import path from "node:path";
import { z } from "zod";

const FILE = path.join(import.meta.dirname, "../../tests/data/leads-1000.ndjson");
/** Most of them good, and a few of each kind that a form must refuse. */
const GOOD_COUNT = 57;
const BAD_COUNT = 3;

const Submission = z.object({
  input: z.record(z.string(), z.unknown()),
  /** The true person behind it, or null for what must be refused. */
  person: z.int().nullable(),
  ok: z.boolean(),
});
/** A made-up form submission, as messy as real ones (tests/data/README.md). */
export type Submission = z.infer<typeof Submission>;

/** Sixty submissions, the refused ones spread among the good ones. */
export function pickSubmissions(): Submission[] {
  const all = fs
    .readFileSync(FILE, "utf8")
    .trim()
    .split("\n")
    .map((line) => Submission.parse(JSON.parse(line)));
  const picked = all.filter((submission) => submission.ok).slice(0, GOOD_COUNT);
  const bad = all.filter((submission) => !submission.ok).slice(0, BAD_COUNT);
  bad.forEach((submission, index) => void picked.splice((index + 1) * 15, 0, submission));
  return picked;
}
