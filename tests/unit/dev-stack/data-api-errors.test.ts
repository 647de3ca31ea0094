import { describe, expect, it } from "vitest";
import { ApiError, errorResponse, statusOf } from "#dev/stack/data-api/errors.ts";

describe("statusOf", () => {
  it.each([
    ["23514", "anon", 400],
    ["P0001", "anon", 400],
    ["22P02", "anon", 400],
    ["22P05", "anon", 400],
    ["23502", "anon", 400],
    ["23505", "anon", 409],
    ["23503", "anon", 409],
    ["42501", "anon", 401],
    ["42501", "authenticated", 403],
    ["42501", "service_role", 403],
    ["57014", "anon", 500],
    ["40001", "anon", 500],
    ["53300", "anon", 503],
    ["PT418", "anon", 418],
  ])("gives for %s as %s what PostgREST gives", (code, role, status) => {
    expect(statusOf(code, role)).toBe(status);
  });
});

describe("errorResponse", () => {
  const databaseError = (fields: object): Error =>
    Object.assign(new Error("m"), { severity: "ERROR" }, fields);

  it("shows code, details and hint of a Postgres error", async () => {
    const response = errorResponse(databaseError({ code: "23505", detail: "d", hint: "h" }), "anon");
    expect(response.status).toBe(409);
    expect(await response.json()).toEqual({ code: "23505", message: "m", details: "d", hint: "h" });
  });

  it("gives the API's own error as it is", async () => {
    const response = errorResponse(new ApiError(404, "PGRST205", "no table"), "anon");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: "PGRST205", message: "no table" });
  });

  it("answers 503 when the connection was lost, which is not the request's fault", async () => {
    const lost = Object.assign(new Error("write CONNECTION_CLOSED"), { code: "CONNECTION_CLOSED" });
    const response = errorResponse(lost, "anon");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "PGRST001" });
  });

  it("lets a function choose the whole answer by raising PGRST", async () => {
    const raised = databaseError({ code: "PGRST", detail: '{"status": 402, "headers": {"x-a": "b"}}' });
    raised.message = '{"code": "pay", "message": "unpaid"}';
    const response = errorResponse(raised, "anon");
    expect(response.status).toBe(402);
    expect(response.headers.get("x-a")).toBe("b");
    expect(await response.json()).toMatchObject({ code: "pay", message: "unpaid" });
  });
});
