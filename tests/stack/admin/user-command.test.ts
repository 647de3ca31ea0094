import { afterAll, beforeAll, expect, it } from "vitest";
import { type AdminProject, startAdminProject } from "./admin-project.ts";

let project: AdminProject;
let password = "";

beforeAll(async () => {
  project = await startAdminProject();
});
afterAll(() => project?.stop());

async function signIn(): Promise<{ status: number; role: unknown }> {
  const answer = await fetch(`${project.stack.url}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { apikey: project.stack.publishableKey, "content-type": "application/json" },
    body: JSON.stringify({ email: "anna@school.example", password }),
  });
  const body = (await answer.json()) as { user?: { app_metadata: { role?: unknown } } };
  return { status: answer.status, role: body.user?.app_metadata.role };
}

it("user add makes an account that can sign in with the password it shows", async () => {
  const added = await project.command([
    "user",
    "add",
    "--role",
    "viewer",
    "--email",
    " Anna@School.example",
    "--json",
  ]);
  expect([added.exitCode, added.stderr]).toEqual([0, expect.not.stringContaining("✗")]);
  const document = JSON.parse(added.stdout) as { outcome: string; password: string };
  expect(document.outcome).toBe("made");
  password = document.password;
  expect(await signIn()).toEqual({ status: 200, role: "viewer" });
});

it("user add gives another role to an account that is there, whose password stays", async () => {
  const changed = await project.command([
    "user",
    "add",
    "--role",
    "sales_manager",
    "--email",
    "anna@school.example",
  ]);
  expect(changed.exitCode).toBe(0);
  expect(changed.stdout).toContain("was there and is sales_manager now");
  expect(await signIn()).toEqual({ status: 200, role: "sales_manager" });
});

it("user remove takes the role away, and says so if there is nobody", async () => {
  const removed = await project.command(["user", "remove", "--email", "anna@school.example"]);
  expect(removed.exitCode).toBe(0);
  expect(await signIn()).toEqual({ status: 200, role: null });
  const nobody = await project.command(["user", "remove", "--email", "nobody@school.example"]);
  expect([nobody.exitCode, nobody.stdout]).toEqual([1, "✗ There is no account nobody@school.example\n"]);
});

it.each([
  [["user"], "user needs add or remove"],
  [["user", "add", "--role", "viewer"], "--email is missing"],
  [["user", "add", "--email", "a@b.example", "--role", "boss"], "--role must be one of"],
])("%j is wrong usage that names what is missing", async (args, message) => {
  const answer = await project.command(args);
  expect(answer.exitCode).toBe(2);
  expect(answer.stderr).toContain(message);
});
