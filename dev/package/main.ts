/** `npm run package` builds dist/; `npm pack` calls the other two around its own work. */
import path from "node:path";
import { restoreManifest, swapManifest } from "./manifest.ts";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const [, , step = "build"] = process.argv;

if (step === "postpack") {
  restoreManifest(REPOSITORY);
} else {
  // Not above: behind npm pack, package.json does not say for a moment where #cli and the like are.
  restoreManifest(REPOSITORY);
  const { buildPackage } = await import("./build.ts");
  await buildPackage();
  if (step === "prepack") swapManifest(REPOSITORY);
}
