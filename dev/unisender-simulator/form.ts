/** The methods that are known here, with their fields; another one is refused. */
export const KNOWN: Readonly<Record<string, readonly string[]>> = {
  getLists: [],
  createList: ["title"],
  importContacts: ["overwrite_tags", "overwrite_lists", "double_optin"],
  exclude: ["contact_type", "contact", "list_ids"],
  createEmailMessage: [
    "sender_name",
    "sender_email",
    "subject",
    "body",
    "list_id",
    "tag",
    "generate_text",
    "lang",
  ],
  createCampaign: ["message_id", "start_time", "timezone", "track_read", "track_links"],
  cancelCampaign: ["campaign_id"],
  getCampaignStatus: ["campaign_id"],
  getCampaignCommonStats: ["campaign_id"],
  getCampaigns: ["from", "to", "limit", "offset"],
  exportContacts: ["list_id", "field_names[0]", "email_status", "offset", "limit"],
};

/** A table of rows as Unisender's documentation has it in a form: `field_names[0]`, `data[0][0]`. */
export interface Rows {
  names: string[];
  rows: string[][];
}

/** Reads the rows; null where an index is missing, or a field is written in another way: both are refused here. */
export function readRows(form: URLSearchParams): Rows | null {
  const names: string[] = [];
  const rows: string[][] = [];
  for (const [key, value] of form) {
    const name = /^field_names\[(\d+)\]$/.exec(key);
    const cell = /^data\[(\d+)\]\[(\d+)\]$/.exec(key);
    if (name !== null) names[Number(name[1])] = value;
    else if (cell !== null) {
      const place = Number(cell[1]);
      rows[place] ??= [];
      (rows[place] as string[])[Number(cell[2])] = value;
    } else if (key.startsWith("field_names") || key.startsWith("data")) return null;
  }
  const isWhole = (list: readonly unknown[]): boolean =>
    [...list].every((one) => one !== undefined) && list.length > 0;
  return isWhole(names) && isWhole(rows) && rows.every((row) => isWhole(row) && row.length === names.length)
    ? { names, rows }
    : null;
}
