/** The little of Node's HTTP client that is used here, which Deno has as well. */
interface NodeAnswer {
  statusCode?: number;
  headers: Record<string, string | string[] | undefined>;
  on(event: "data", heard: (chunk: BlobPart & { byteLength: number }) => void): void;
  on(event: "end" | "aborted", heard: () => void): void;
  on(event: "error", heard: (error: unknown) => void): void;
}
interface NodeRequest {
  on(event: "error", heard: (error: unknown) => void): void;
  on(event: "socket", heard: (socket: { on(event: "secureConnect", heard: () => void): void }) => void): void;
  end(): void;
  destroy(): void;
}
interface NodeHttp {
  request(url: string, options: object, answered: (answer: NodeAnswer) => void): NodeRequest;
}

/** What an answer may hold at most; the readers have smaller bounds of their own. */
const MAX_BYTES = 16 * 1024 * 1024;
/** The newest Deno whose fetch was measured to send a request once, whatever becomes of its connection. */
const LAST_SINGLE = [2, 1] as const;

/**
 * fetch for hosts that are called at a pace: a read leaves once, in its slot. From some version after 2.1 on Deno's own
 * fetch repeats a request at once when its connection breaks, unless the body cannot be read twice, and a read has none
 * (docs/adr/0007). There Node's client is taken for reads, which Deno brings and which repeats nothing.
 */
export const outsideFetch: typeof globalThis.fetch = (input, init) => {
  const isRead = (init?.method ?? "GET") === "GET" && init?.body == null && typeof input === "string";
  return isRead && repeatsByItself() ? readOnce(input, init) : globalThis.fetch(input, init);
};

function repeatsByItself(): boolean {
  const { Deno } = globalThis as { Deno?: { version?: { deno?: string } } };
  const [major = 0, minor = 0] = (Deno?.version?.deno ?? "0.0").split(".").map(Number);
  return major > LAST_SINGLE[0] || (major === LAST_SINGLE[0] && minor > LAST_SINGLE[1]);
}

/** By the runtime's own door: an import would be one more thing for the hosted bundler to find. */
function nodeClient(name: string): NodeHttp | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(name) as NodeHttp | undefined;
}

async function readOnce(url: string, init: RequestInit | undefined): Promise<Response> {
  const isPlain = new URL(url).protocol === "http:";
  const http = nodeClient(isPlain ? "node:http" : "node:https");
  if (http === undefined) return await globalThis.fetch(url, init);
  const signal = init?.signal ?? null;
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    let request: NodeRequest;
    const options = { method: "GET", agent: false, headers: Object.fromEntries(new Headers(init?.headers)) };
    const hear = (answer: NodeAnswer) => {
      const chunks: BlobPart[] = [];
      let byteCount = 0;
      answer.on("data", (chunk) => {
        byteCount += chunk.byteLength;
        chunks.push(chunk);
        if (byteCount > MAX_BYTES) answered(answer, chunks);
      });
      answer.on("end", () => answered(answer, chunks));
      answer.on("aborted", () =>
        reject(new TypeError("The connection was lost before the answer was complete")),
      );
      answer.on("error", reject);
    };
    const answered = (answer: NodeAnswer, chunks: readonly BlobPart[]) => {
      request.destroy();
      try {
        resolve(responseOf(answer, chunks));
      } catch (error) {
        reject(error);
      }
    };
    try {
      request = http.request(url, options, hear);
    } catch {
      // Deno's https asks for the right to read the system's certificates; without it nothing has left yet.
      resolve(globalThis.fetch(url, init));
      return;
    }
    // Before the connection stands nothing has left: what Node's client cannot do, a certificate for instance, fetch may.
    let stands = isPlain;
    request.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        stands = true;
      });
    });
    request.on("error", (error) => {
      if (stands || signal?.aborted === true) reject(error);
      else resolve(globalThis.fetch(url, init));
    });
    signal?.addEventListener("abort", () => {
      request.destroy();
      reject(signal.reason);
    });
    request.end();
  });
}

function responseOf(answer: NodeAnswer, chunks: readonly BlobPart[]): Response {
  const status = answer.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  // These have no body, and the constructor takes none for them.
  const isBare = status === 204 || status === 205 || status === 304;
  return new Response(isBare ? null : new Blob([...chunks]), { status, headers });
}
