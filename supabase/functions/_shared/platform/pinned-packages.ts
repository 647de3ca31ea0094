/**
 * What the packages of Supabase take in any version of a range. Imported by name, each comes in the version of deno.json:
 * a deploy uploads no lock file, and Deno takes for a range what the modules ask for exactly, if that fits. A dynamic
 * import would come too late. tests/platform/pinned-packages.test.ts keeps the list whole.
 */
import "@supabase/middleware";
import "iceberg-js";
import "jose";
import "std-env";
