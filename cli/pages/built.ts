import fs from "node:fs";
import path from "node:path";
import { OUR_FOLDER } from "../our-files.ts";
import type { PageName } from "./order.ts";

const fileOf = (name: PageName): string => path.join(OUR_FOLDER, "pages", `${name}.html`);

/** Whether the pages are here as they were built: in the package. The repository has their sources, and `npm run page`. */
export const ARE_PAGES_BUILT = fs.existsSync(fileOf("dashboard"));

export async function readBuiltPage(name: PageName): Promise<string> {
  return await fs.promises.readFile(fileOf(name), "utf8");
}
