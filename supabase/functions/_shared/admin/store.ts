import type { SupabaseClient } from "@supabase/supabase-js";
import { z } from "zod";
import { Configuration } from "../amocrm/configuration.ts";
import type { Outbox } from "../amocrm/drain.ts";
import type { Rpc } from "../platform/rpc.ts";
import { OpenAlert } from "../watch/report.ts";
import { AlertRoad, BackfillEstimate, Health, MailHealth, OutboxRow, PullProgress } from "./answer.ts";
import type { AdminStore, BackfillRange } from "./port.ts";
import { checked } from "./query-outcome.ts";

const Lessons = z.array(z.object({ id: z.int(), title: z.string(), module_id: z.int(), position: z.int() }));
const Outcome = z.enum(["done", "unchanged"]);
const RoadOutcomes = z.object({ alert_url: Outcome, dead_man_url: Outcome }).partial();
const Settings = z.record(z.string(), z.unknown());

/** The operator's command over tables, views and named functions, as service_role. */
export function createAdminStore(client: SupabaseClient, rpc: Rpc, outbox: Outbox): AdminStore {
  const rows = async (table: string) => checked(table, await client.from(table).select()).data;
  const upsert = async (table: string, row: object, key: string) => {
    checked(table, await client.from(table).upsert(row, { onConflict: key }));
  };
  const count = async (table: string) =>
    checked(table, await client.from(table).select("*", { count: "exact", head: true })).count ?? 0;

  return {
    async configured() {
      const [settings, routes, stages, fields] = await Promise.all([
        rows("amocrm_settings"),
        rows("amocrm_routes"),
        rows("amocrm_stages"),
        rows("amocrm_fields"),
      ]);
      return {
        settings: z.tuple([Settings]).parse(settings)[0],
        ...Configuration.pick({ routes: true, stages: true, fields: true }).parse({ routes, stages, fields }),
      };
    },
    async saveSettings(change) {
      checked(
        "amocrm_settings",
        await client.from("amocrm_settings").update(change).eq("is_the_only_row", true),
      );
    },
    saveRoute: (route) => upsert("amocrm_routes", route, "source"),
    saveStage: (stage) => upsert("amocrm_stages", stage, "event"),
    saveField: (field) => upsert("amocrm_fields", field, "entity,path"),
    savePipelines: (pipelines) => outbox.storePipelines(pipelines),
    async makeMonitorToken() {
      return z.string().parse(await rpc("amocrm_make_monitor_token"));
    },
    async setVault(functionsUrl) {
      return z
        .enum(["done", "unchanged"])
        .parse(await rpc("amocrm_set_vault", { p_functions_url: functionsUrl }));
    },
    async alertRoads() {
      return z.array(AlertRoad).parse(await rpc("amocrm_alert_roads"));
    },
    async setAlertRoads({ alertUrl = null, deadManUrl = null }) {
      return RoadOutcomes.parse(
        await rpc("amocrm_set_alert_roads", { p_alert_url: alertUrl, p_dead_man_url: deadManUrl }),
      );
    },
    async lessons() {
      return Lessons.parse(await rows("tripwire_lessons")).toSorted(
        (a, b) => a.module_id - b.module_id || a.position - b.position,
      );
    },
    async health() {
      return z.tuple([Health]).parse(await rows("amocrm_health"))[0];
    },
    async mailHealth() {
      return z.tuple([MailHealth]).parse(await rows("message_health"))[0];
    },
    async openAlerts() {
      const open = client.from("amocrm_alerts").select().is("resolved_at", null).order("first_seen_at");
      return z.array(OpenAlert).parse(checked("amocrm_alerts", await open).data);
    },
    async outboxRows() {
      return z.array(OutboxRow).parse(await rows("amocrm_outbox_status"));
    },
    duplicateCount: () => count("amocrm_duplicates"),
    deadLetterCount: () => count("amocrm_dead_letters"),
    async estimateBackfill(range) {
      const answer = await rpc("amocrm_backfill_estimate", backfillArguments(range));
      return z.tuple([BackfillEstimate]).parse(answer)[0];
    },
    async enqueueBackfill(range) {
      return z.int().parse(await rpc("amocrm_backfill", backfillArguments(range)));
    },
    async pullProgress() {
      return PullProgress.parse(await rpc("amocrm_pull_progress"));
    },
    async requestPull(since, acceptsDeletions) {
      return PullProgress.parse(
        await rpc("amocrm_pull_request", { p_since: since, p_accepts_deletions: acceptsDeletions }),
      );
    },
  };
}

function backfillArguments({ table, since, limit }: BackfillRange): Record<string, unknown> {
  return { p_table: table, p_since: since, p_limit: limit };
}
