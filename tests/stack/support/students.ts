import type { System } from "./system.ts";
import { ACCOUNT } from "./system.ts";

export interface StudentInput {
  full_name: string;
  email: string;
  phone?: string;
}

/** The stages of the default set-up: bought, then the three lessons. */
export async function setStages(system: System): Promise<void> {
  await system.sql`insert into amocrm_stages (event, pipeline_id, status_id)
    select event, ${ACCOUNT.tripwirePipelineId}, status_id
    from (values ('student.created', 62001), ('lesson.67', 62002), ('lesson.68', 62003), ('lesson.69', 62004)) as stage (event, status_id)
    on conflict (event) do update set pipeline_id = excluded.pipeline_id, status_id = excluded.status_id`;
}

/** Inserts students in one statement; tells their ids in order. */
export async function admit(system: System, students: readonly StudentInput[]): Promise<string[]> {
  const rows = await system.sql<{ id: string }[]>`
    insert into public.tripwire_users (full_name, email, phone)
    select full_name, email, phone from jsonb_to_recordset(${JSON.stringify(students)}::text::jsonb)
      as student (full_name text, email text, phone text)
    returning id`;
  return rows.map(({ id }) => id);
}

/** As the school's trigger does it for lessons that have just been completed, in this order. */
export async function complete(
  system: System,
  completions: readonly { studentId: string; lessonId: number }[],
): Promise<void> {
  await append(
    system,
    "lesson.completed",
    completions.map(({ studentId, lessonId }) => ({ id: studentId, payload: { lessonId } })),
  );
}

/** Appends messages about students, and rings. */
export async function append(
  system: System,
  kind: string,
  subjects: readonly { id: string; payload: Record<string, unknown> }[],
): Promise<void> {
  await system.sql`select amocrm.append(${kind}, 'tripwire_users', (
    select jsonb_agg(subject.value || jsonb_build_object('email', student.email, 'phone', student.phone) order by subject.place)
    from jsonb_array_elements(${JSON.stringify(subjects)}::text::jsonb) with ordinality as subject (value, place)
    join tripwire_users as student on student.id = (subject.value ->> 'id')::uuid))`;
  await system.sql`select amocrm.ring('amocrm')`;
}

/** The state and reason of a student's last message. */
export async function lastMessage(system: System, studentId: string) {
  const [row] = await system.sql`select kind, state, last_error_code as code, last_error_message as message,
      warnings, amocrm_deal_id::int as deal_id, amocrm_contact_id::int as contact_id
    from amocrm_outbox where subject_id = ${studentId} order by id desc limit 1`;
  return row;
}
