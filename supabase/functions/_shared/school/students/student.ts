import { z } from "zod";

/** What a manager is told of a student; times are ISO 8601 with an offset. */
export const Student = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  full_name: z.string().nullable(),
  email: z.string(),
  phone: z.string().nullable(),
  status: z.string(),
  granted_by: z.uuid().nullable(),
  created_at: z.string(),
});
export type Student = z.infer<typeof Student>;
