import http from "node:http";
import type { Stack } from "#dev/stack/stack.ts";

export interface VisitorAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/**
 * A visitor whose requests come from an address of his own: the whole of 127.0.0.0/8 is this machine, and the
 * gateway sees which of it has called, as the platform's proxy sees the visitor's.
 */
export function visitorAt(address: string, stack: Stack, options: { keepsConnection?: boolean } = {}) {
  const agent = new http.Agent({
    keepAlive: options.keepsConnection === true,
    maxSockets: options.keepsConnection === true ? 16 : 1,
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}): Promise<VisitorAnswer> =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const request = http.request(`${stack.url}${path}`, {
        method: "POST",
        agent,
        localAddress: address,
        headers: {
          apikey: stack.publishableKey,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
          ...headers,
        },
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const answer = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: answer === "" ? {} : (JSON.parse(answer) as Record<string, unknown>),
          });
        });
      });
      request.end(text);
    });
  return {
    leave: (lead: object, headers?: Record<string, string>) => post("/rest/v1/landing_leads", lead, headers),
    submit: (form: object, headers?: Record<string, string>) =>
      post("/functions/v1/form-submit", form, headers),
    close: () => agent.destroy(),
  };
}
