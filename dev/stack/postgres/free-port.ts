import net from "node:net";

/**
 * A loopback TCP port that nobody listened on a moment ago.
 * Another process may take it before the caller does, so callers that can listen on port 0 should do that instead.
 */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the system gave no TCP port");
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
