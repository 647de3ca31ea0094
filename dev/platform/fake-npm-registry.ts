import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

const REPOSITORY = path.resolve(import.meta.dirname, "../..");
const MODULES = "node_modules/";

interface LockEntry {
  version?: string;
  dependencies?: Record<string, string>;
}

/** The lock file of npm, by the place of each package. */
export type LockedPackages = Readonly<Record<string, LockEntry>>;

/** A registry some weeks later: it has what is installed here, and of each package a newer release that every range takes. */
export interface FakeNpmRegistry {
  url: string;
  /** What was asked for that no function needs. */
  unknownRequests: string[];
  close(): Promise<void>;
}

/** The places of the packages that the named ones need, themselves included, as npm has installed them. */
export function placesNeededBy(names: readonly string[], lock: LockedPackages): Set<string> {
  const places = new Set(names.map((name) => `${MODULES}${name}`));
  // A set that grows while it is walked is walked to its new end.
  for (const place of places) {
    for (const name of Object.keys(lock[place]?.dependencies ?? {})) places.add(placeOf(name, place, lock));
  }
  return places;
}

export const nameAt = (place: string): string => place.slice(place.lastIndexOf(MODULES) + MODULES.length);

export async function startFakeNpmRegistry(
  places: ReadonlySet<string>,
  lock: LockedPackages,
): Promise<FakeNpmRegistry> {
  const unknownRequests: string[] = [];
  const named = Map.groupBy(places, nameAt);
  const packed = new Map<string, Buffer>();
  const pack = (place: string): Buffer => {
    const made = packed.get(place) ?? tarball(place);
    packed.set(place, made);
    return made;
  };
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent((request.url ?? "").slice(1));
    const held = named.get(asked);
    if (held !== undefined) {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(packument(asked, held)));
    } else if (asked.endsWith(".tgz") && places.has(asked.slice(0, -".tgz".length))) {
      response.end(pack(asked.slice(0, -".tgz".length)));
    } else {
      unknownRequests.push(asked);
      response.statusCode = 404;
      response.end("{}");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  function packument(name: string, held: readonly string[]): unknown {
    const versions = Object.fromEntries(
      held.flatMap((place) => {
        const { version = "", dependencies: all = {} } = lock[place] ?? {};
        // Deno has a mind of its own about Node's types; nothing of types is deployed.
        const dependencies = name.startsWith("@types/") ? {} : all;
        const integrity = `sha512-${createHash("sha512").update(pack(place)).digest("base64")}`;
        const shasum = createHash("sha1").update(pack(place)).digest("hex");
        const dist = { tarball: `${url}${place}.tgz`, integrity, shasum };
        return [version, nextPatch(version)].map((one) => [one, { name, version: one, dependencies, dist }]);
      }),
    );
    const latest = nextPatch(lock[`${MODULES}${name}`]?.version ?? "");
    return { name, "dist-tags": { latest }, versions };
  }

  return {
    url,
    unknownRequests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where npm has put what a package imports: as near to it as there is one. */
function placeOf(name: string, from: string, lock: LockedPackages): string {
  for (let place = from; ; place = place.slice(0, place.lastIndexOf(`/${MODULES}`))) {
    const near = `${place}/${MODULES}${name}`;
    if (near in lock) return near;
    if (!place.includes(`/${MODULES}`)) return `${MODULES}${name}`;
  }
}

function nextPatch(version: string): string {
  const [major, minor, patch] = version.split(".");
  return `${major}.${minor}.${Number(patch) + 1}`;
}

function tarball(place: string): Buffer {
  const args = [
    "-c",
    // It goes no further than this machine.
    "--use-compress-program=gzip -1",
    "--exclude=./node_modules",
    "--transform=s,^\\.,package,",
    "-C",
    path.join(REPOSITORY, place),
    ".",
  ];
  if (!fs.existsSync(path.join(REPOSITORY, place))) throw new Error(`${place} is not installed: run npm ci`);
  return execFileSync("tar", args, { maxBuffer: 256 * 1024 * 1024 });
}
