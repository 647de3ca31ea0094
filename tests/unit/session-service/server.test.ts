import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { listen, type ServiceServer } from "#session-service/http/server.ts";
import { playService, SECRET } from "./support/service.ts";

let server: ServiceServer | undefined;
afterEach(() => server?.close());

async function serve() {
  const played = playService();
  server = await listen(played.service, { host: "127.0.0.1", port: 0 }, () => undefined);
  return { ...played, url: server.url };
}

/** What a socket answers to these bytes, which no client of ours would send. */
async function raw(url: string, text: string): Promise<string> {
  const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
  socket.end(text.replaceAll("\n", "\r\n"));
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const headersWith = (more: string): string =>
  `Host: evil.example\nAuthorization: Bearer ${SECRET}\n${more}Connection: close\n\n`;

describe("the service behind a socket", () => {
  it.each([
    "http://evil.example/api/v4/account",
    "//evil.example/api/v4/account",
    "/api/v4/../../ajax/x",
    "/api/v4/%2e%2e/%2e%2e/ajax/x",
    "/api/v4/leads/..%2f..%2fajax",
    "/api/v4/%252e%252e/ajax",
  ])("judges the path as it came on the wire: %s", async (target) => {
    const { url, asked } = await serve();
    expect(await raw(url, `GET ${target} HTTP/1.1\n${headersWith("")}`)).toMatch(/^HTTP\/1\.1 404 /);
    expect(asked).toEqual([]);
  });

  it("sends to the one account, whatever host the request names", async () => {
    const { url, asked } = await serve();
    expect(await raw(url, `GET /api/v4/account HTTP/1.1\n${headersWith("")}`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(asked.map((one) => one.url)).toEqual(["https://sim.amocrm.ru/api/v4/account"]);
  });

  it("refuses a body over 1 MiB, whether its length is told or not, and takes one of 1 MiB", async () => {
    const { url, asked } = await serve();
    const post = (body: RequestInit["body"], more: object = {}) =>
      fetch(`${url}/api/v4/leads`, {
        method: "POST",
        headers: { authorization: `Bearer ${SECRET}` },
        body: body ?? null,
        ...more,
      });
    expect((await post("x".repeat(1_048_577))).status).toBe(413);
    const stream = new Blob(["x".repeat(1_048_577)]).stream();
    expect((await post(stream, { duplex: "half" })).status).toBe(413);
    expect(asked).toEqual([]);
    expect((await post(" ".repeat(1_048_576))).headers.get("x-amocrm-session")).toBe("passed");
  });

  it("needs no secret for its health, and says there nothing that is one", async () => {
    const { url } = await serve();
    const text = await (await fetch(`${url}/health`)).text();
    expect(JSON.parse(text)).toMatchObject({ state: "signed_out", needs_person: false });
    expect(text).not.toContain(SECRET);
  });
});
