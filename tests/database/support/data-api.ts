import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll } from "vitest";
import { createPool } from "#dev/stack/data-api/connection-pool.ts";
import { createDataApi } from "#dev/stack/data-api/handler.ts";
import type { TestDatabase } from "./database.ts";

/** A client of supabase-js on the stack's own Data API over this database, without a server between. */
export function openDataApi(database: TestDatabase, role = "service_role"): SupabaseClient {
  const pool = createPool(database.url("authenticator"), 2);
  afterAll(() => pool.close());
  const api = createDataApi({ pool, schemas: ["public"], extraSearchPath: [], maxRows: 1000 });
  return createClient("http://data-api.local", "a-key", {
    auth: { persistSession: false, autoRefreshToken: false },
    global: {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        return api(request, new URL(request.url).pathname.replace(/^\/rest\/v1/, ""), { role });
      },
    },
  });
}
