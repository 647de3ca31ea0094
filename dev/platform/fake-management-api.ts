import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { z } from "zod";

/** A function as the platform would have got it: what the CLI said about it and the files that it sent. */
interface DeployedFunction {
  slug: string;
  entrypointPath: string;
  importMapPath: string | null;
  /** Null when the CLI did not say: the platform then keeps the value of the deployed function. */
  verifyJwt: boolean | null;
  /** File names relative to the project's root, with their contents. */
  files: Map<string, string>;
}

export interface FakeManagementApi {
  /** To be given to the CLI as `--profile`. */
  profilePath: string;
  /** By slug; a second deploy replaces the first. */
  functions: Map<string, DeployedFunction>;
  /** Requests that the stand-in has no answer for; a test should see none. */
  unknownRequests: string[];
  /** The functions' variables, as `supabase secrets` sets them. */
  secrets: Map<string, string>;
  close(): Promise<void>;
}

const Metadata = z.object({
  name: z.string(),
  entrypoint_path: z.string(),
  import_map_path: z.string().nullish(),
  verify_jwt: z.boolean().nullish(),
});

const Secrets = z.array(z.object({ name: z.string(), value: z.string() }));
const Query = z.object({ query: z.string(), read_only: z.boolean().default(false) });

/** A project of the form that the CLI accepts; it exists nowhere. */
export const FAKE_PROJECT_REF = "abcdefghijklmnopqrst";
/** A token of the form that the CLI accepts; it opens nothing. */
export const FAKE_ACCESS_TOKEN = `sbp_${"0".repeat(40)}`;

/** What stands behind the stand-in. */
interface Project {
  functions: Map<string, DeployedFunction>;
  secrets: Map<string, string>;
  /** Runs SQL, as the platform does for `supabase db query`: rows of one statement. */
  query: ((sql: string, isReadOnly: boolean) => Promise<unknown>) | null;
}

/**
 * Starts the part of Supabase's Management API that `supabase functions`, `secrets` and `db query` talk to, on loopback.
 * The profile is written into `dir`. It accepts every upload and bundles nothing: what arrives is the result.
 */
export async function startFakeManagementApi(
  dir: string,
  query: Project["query"] = null,
): Promise<FakeManagementApi> {
  const functions = new Map<string, DeployedFunction>();
  const secrets = new Map<string, string>();
  const unknownRequests: string[] = [];
  const server = http.createServer((request, response) => {
    answer(request, { functions, secrets, query }).then(
      ({ status, body }) => {
        if (status === 404) unknownRequests.push(`${request.method} ${request.url}`);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const profilePath = path.join(dir, "profile.yml");
  fs.writeFileSync(
    profilePath,
    `name: fake\napi_url: ${url}\ndashboard_url: ${url}\nproject_host: localhost\n`,
  );
  return {
    profilePath,
    functions,
    unknownRequests,
    secrets,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Reply {
  status: number;
  body: unknown;
}

async function answer(request: http.IncomingMessage, { functions, secrets, query }: Project): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://loopback");
  const route = `${request.method} ${url.pathname.replace(`/v1/projects/${FAKE_PROJECT_REF}`, "")}`;
  switch (route) {
    case "GET ":
      return { status: 200, body: { id: FAKE_PROJECT_REF, ref: FAKE_PROJECT_REF, name: "fake" } };
    case "GET /functions":
      return { status: 200, body: [...functions.values()].map(describe) };
    case "POST /functions/deploy": {
      const deployed = await readUpload(request, url.searchParams.get("slug") ?? "");
      functions.set(deployed.slug, deployed);
      return { status: 201, body: describe(deployed) };
    }
    case "PUT /functions":
      request.resume();
      return { status: 200, body: { functions: [...functions.values()].map(describe) } };
    case "POST /secrets":
      for (const { name, value } of Secrets.parse(await readJson(request))) secrets.set(name, value);
      return { status: 201, body: {} };
    case "POST /database/query": {
      const { query: sql, read_only: isReadOnly } = Query.parse(await readJson(request));
      if (query === null) return { status: 404, body: { message: "The stand-in has no database" } };
      return await query(sql, isReadOnly).then(
        (rows) => ({ status: 201, body: rows }),
        (error: Error) => ({ status: 400, body: { message: error.message } }),
      );
    }
    default:
      request.resume();
      if (route.startsWith("DELETE /functions/")) {
        const slug = route.slice("DELETE /functions/".length);
        const isThere = functions.delete(slug);
        return { status: isThere ? 200 : 404, body: {} };
      }
      return { status: 404, body: { message: `The stand-in does not know ${route}` } };
  }
}

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function readUpload(request: http.IncomingMessage, slug: string): Promise<DeployedFunction> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  // A Response, because the platform's own parser for multipart bodies hangs on it.
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  const metadata = Metadata.parse(JSON.parse(await textOf(form.get("metadata"))));
  const files = new Map<string, string>();
  for (const file of form.getAll("file")) {
    files.set(file instanceof File ? file.name : "", await textOf(file));
  }
  return {
    slug,
    entrypointPath: metadata.entrypoint_path,
    importMapPath: metadata.import_map_path ?? null,
    verifyJwt: metadata.verify_jwt ?? null,
    files,
  };
}

async function textOf(part: File | string | null): Promise<string> {
  return part instanceof File ? part.text() : (part ?? "");
}

function describe(deployed: DeployedFunction): Record<string, unknown> {
  return {
    id: deployed.slug,
    slug: deployed.slug,
    name: deployed.slug,
    status: "ACTIVE",
    version: 1,
    verify_jwt: deployed.verifyJwt ?? true,
    entrypoint_path: deployed.entrypointPath,
    import_map_path: deployed.importMapPath ?? undefined,
  };
}
