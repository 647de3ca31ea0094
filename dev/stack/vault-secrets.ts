import type postgres from "postgres";

/**
 * Creates or changes the named Vault secrets, as `supabase db push` does from `[db.vault]` before the migrations; but one that
 * this database cannot decrypt, since it was restored from another one, is made anew, where `db push` gives up.
 */
export async function writeVaultSecrets(sql: postgres.Sql, secrets: Record<string, string>): Promise<void> {
  const [vault] = await sql<{ name: string | null }[]>`select to_regclass('vault.secrets') as name`;
  if (vault?.name == null) {
    await sql.unsafe("create schema if not exists vault; create extension supabase_vault with schema vault");
  }
  for (const [name, value] of Object.entries(secrets)) {
    await sql.begin(async (transaction) => {
      await transaction`delete from vault.secrets where name = ${name}`;
      await transaction`select vault.create_secret(${value}, ${name})`;
    });
  }
}
