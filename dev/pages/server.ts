import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { PageProject } from "#cli/pages/fill.ts";
import { buildPage } from "./build.ts";

/** A web server for the pages, as the company's own would be. */
export interface PageServer {
  managersUrl: string;
  dashboardUrl: string;
  welcomeUrl: string;
  cardUrl: string;
  /** Which project the pages work on; before this they answer 503. */
  workOn(project: PageProject): void;
  close(): Promise<void>;
}

/** Serves each page as it is built from the files of this moment. */
export async function startPages(): Promise<PageServer> {
  let project: PageProject | undefined;
  const server = createServer((request, response) => {
    const [, name] = /^\/(managers|dashboard|welcome|card)\.html(?:\?.*)?$/.exec(request.url ?? "") ?? [];
    if (name === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (project === undefined) {
      response.writeHead(503).end();
      return;
    }
    buildPage(name, project).then(
      (page) => response.setHeader("content-type", "text/html; charset=utf-8").end(page),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    managersUrl: `${url}/managers.html`,
    dashboardUrl: `${url}/dashboard.html`,
    welcomeUrl: `${url}/welcome.html`,
    cardUrl: `${url}/card.html`,
    workOn: (one) => {
      project = one;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
