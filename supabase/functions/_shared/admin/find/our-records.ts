import { z } from "zod";

/** What `amocrm_find` answers; the latest 50 rows and messages, with the count of all. */
export const Known = z.object({
  email_key: z.string().nullable(),
  phone_key: z.string().nullable(),
  /** The same if they are this person's own and not another's. */
  own_email_key: z.string().nullable(),
  own_phone_key: z.string().nullable(),
  person: z
    .object({
      person_id: z.int(),
      contact_id: z.int().nullable(),
      emails: z.array(z.string()),
      phones: z.array(z.string()),
    })
    .nullable(),
  row_count: z.int(),
  rows: z.array(
    z.object({
      subject_table: z.string(),
      id: z.string(),
      created_at: z.string(),
      source: z.string().nullable(),
      amocrm_contact_id: z.int().nullable(),
      amocrm_deal_id: z.int().nullable(),
      amocrm_synced_at: z.string().nullable(),
    }),
  ),
  message_count: z.int(),
  messages: z.array(
    z.object({
      id: z.int(),
      kind: z.string(),
      state: z.string(),
      subject_id: z.string(),
      created_at: z.string(),
      next_attempt_at: z.string().nullable(),
      last_error_code: z.string().nullable(),
      last_error_message: z.string().nullable(),
      amocrm_contact_id: z.int().nullable(),
      amocrm_deal_id: z.int().nullable(),
      warnings: z.array(z.object({ code: z.string(), message: z.string() })),
    }),
  ),
});
export type Known = z.infer<typeof Known>;
