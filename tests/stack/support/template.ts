import path from "node:path";
import type { TestProject } from "vitest/node";
import { makeMigratedTemplate } from "#dev/stack/migrated-template.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The migrated data directory that each stack of the run copies. */
    dataTemplate: string;
  }
}

export const ROOT = path.join(import.meta.dirname, "../../..");

export default async function provideTemplate(project: TestProject): Promise<() => void> {
  const template = await makeMigratedTemplate(ROOT);
  project.provide("dataTemplate", template.dir);
  return template.remove;
}
