import type { TestProject } from "vitest/node";
import { makeRunFolder } from "./run-folder.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the first file that needs the built package puts it, for all of them. */
    packageFolder: string;
  }
}

export default function providePackageFolder(project: TestProject): () => void {
  const folder = makeRunFolder("package");
  project.provide("packageFolder", folder.dir);
  return folder.remove;
}
