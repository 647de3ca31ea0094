import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { createClient } from "#dev/stack/postgres/client.ts";
import { processExists } from "#dev/stack/postgres/process-exists.ts";
import { startPostgres } from "#dev/stack/postgres.ts";
import { waitFor } from "#dev/stack/wait.ts";
import { makeProject } from "./dev-stack-project.ts";

const STACK_MODULE = path.join(import.meta.dirname, "../../../dev/stack/stack.ts");
const POSTGRES_MODULE = path.join(import.meta.dirname, "../../../dev/stack/postgres.ts");
const project = makeProject();
afterAll(() => project.remove());

describe("the processes of a stack", () => {
  it("leave nothing behind when the parent is killed with -9", async () => {
    const program = `const { startStack } = await import(${JSON.stringify(STACK_MODULE)});
      const stack = await startStack({ root: ${JSON.stringify(project.root)} });
      console.log(JSON.stringify(stack.pids));`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = await new Promise<string>((resolve) =>
      parent.stdout.once("data", (d) => resolve(String(d))),
    );
    const pids = Object.values(JSON.parse(output) as Record<string, number>);
    expect(pids.map(processExists)).toEqual([true, true]);
    parent.kill("SIGKILL");
    await waitFor("the end of Postgres and Deno", () => !pids.some(processExists));
  });

  it("do not collide when several make the first start on a machine at the same time", async () => {
    const parent = fs.mkdtempSync(path.join(os.tmpdir(), "dev-stack-cache-"));
    // The server runs as nobody under root, and must be able to pass.
    fs.chmodSync(parent, 0o755);
    const cacheDir = path.join(parent, "cache");
    const program = `const { startPostgres } = await import(${JSON.stringify(POSTGRES_MODULE)});
      const server = await startPostgres({ cacheDir: ${JSON.stringify(cacheDir)} });
      await server.stop();`;
    const starts = [1, 2].map(() =>
      spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "inherit" }),
    );
    const codes = await Promise.all(
      starts.map((start) => new Promise((resolve) => start.once("exit", resolve))),
    );
    expect(codes).toEqual([0, 0]);
    const kept = fs.readdirSync(cacheDir).map((name) => name.replace(/-.*/, ""));
    expect(kept.sort()).toEqual(["pg", "template"]);
    fs.rmSync(parent, { recursive: true });
  });

  it("of Postgres come back after a kill -9, with the data and on the same port", async () => {
    let restartedPid = 0;
    const server = await startPostgres({ onRestart: (pid) => (restartedPid = pid) });
    const client = createClient(server.url(), "test");
    await client.run((sql) => sql`create table public.kept as select 42 as answer`);
    process.kill(server.pid, "SIGKILL");
    await waitFor("the restart", () => restartedPid > 0);
    const rows = await waitFor("the data", () => client.run((sql) => sql`select answer from public.kept`));
    expect(rows[0]).toEqual({ answer: 42 });
    await client.end();
    await server.stop();
  });

  it("copy a database with the stand-in extensions and another one's owner", async () => {
    const server = await startPostgres();
    const admin = postgres(server.url("supabase_admin", "template1"), { max: 1, onnotice: () => {} });
    await admin.unsafe("create database copy template postgres owner postgres");
    await admin.end();
    const sql = postgres(server.url("postgres", "copy"), { max: 1, onnotice: () => {} });
    await sql.unsafe("create schema own; create extension pg_net with schema extensions");
    const rows = await sql`select net.http_get('http://127.0.0.1:2/') as id`;
    expect(rows).toHaveLength(1);
    await sql.end();
    await server.stop();
  });
});
