import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { openCache, publishDir, sweepCache } from "../../../dev/stack/postgres/cache.ts";

const PACKAGE = path.resolve(import.meta.dirname, "../../../node_modules/@sparticuz/chromium");
const ARCHIVES = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];

/** Unpacks into TMPDIR, which the package takes at import: hence a process of its own. */
const UNPACK = `import { inflate } from ${JSON.stringify(path.join(PACKAGE, "build/index.js"))};
await Promise.all(process.argv.slice(1).map((archive) => inflate(archive)));`;

/** Where the unpacked browser is, and what its process must know of it. */
export interface InstalledBrowser {
  executable: string;
  environment: Record<string, string>;
}

/**
 * Unpacks the browser that npm brought, once per machine, with its fonts and the libraries that a bare server lacks.
 * The package's own way would unpack into /tmp itself, where two test processes at once meet a half-written binary.
 */
export function installBrowser(): InstalledBrowser {
  const { version } = JSON.parse(fs.readFileSync(path.join(PACKAGE, "package.json"), "utf8")) as {
    version: string;
  };
  const cache = openCache();
  const lasting = path.join(cache, `chromium-${version}`);
  if (!fs.existsSync(lasting)) {
    sweepCache(cache);
    const building = fs.mkdtempSync(path.join(cache, `building-${process.pid}-`));
    const archives = ARCHIVES.map((name) => path.join(PACKAGE, "bin", name));
    execFileSync(process.execPath, ["--input-type=module", "--eval", UNPACK, "--", ...archives], {
      env: { PATH: process.env["PATH"], TMPDIR: building },
    });
    fs.writeFileSync(path.join(building, "fonts/fonts.conf"), fontsConfiguration(lasting));
    publishDir(building, lasting);
  }
  return {
    executable: path.join(lasting, "chromium"),
    environment: {
      FONTCONFIG_PATH: path.join(lasting, "fonts"),
      LD_LIBRARY_PATH: path.join(lasting, "al2023/lib"),
    },
  };
}

/** Only the package's own font, so that a picture looks alike on every machine. */
function fontsConfiguration(lasting: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${lasting}/fonts/fonts</dir>
  <cachedir>${lasting}/fonts-cache</cachedir>
</fontconfig>
`;
}
