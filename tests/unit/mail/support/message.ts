import type { Sender } from "#shared/mail/compose.ts";
import type { MailMessage, MailSettings } from "#shared/mail/message.ts";

export const SETTINGS: MailSettings = {
  link_days: 14,
  language: "ru",
  course_name: "Tripwire",
  alert_language: null,
  time_zone: "Asia/Almaty",
};
export const SENDER: Sender = {
  from: "School <hello@school.example>",
  name: "School",
  replyTo: null,
  unsubscribeUrl: "https://abcdefgh.supabase.co/functions/v1/unsubscribe",
  unsubscribePageUrl: null,
  addresses: {},
  welcomePageUrl: "https://school.example/welcome.html",
  adminEmail: "admin@school.example",
  project: "abcdefgh.supabase.co",
};

/** A welcome to be sent; `student` replaces parts of the student. */
export function welcome({
  student = {},
  ...more
}: Partial<Omit<MailMessage, "student">> & {
  student?: Partial<MailMessage["student"]> | null;
} = {}): MailMessage {
  return {
    id: 7,
    kind: "student.welcome",
    subjectId: "5b1a1f0e-1111-4111-8111-111111111111",
    payload: {},
    isInDoubt: false,
    attemptCount: 0,
    doubtMs: null,
    resendId: null,
    suppressedBy: null,
    alert: null,
    details: null,
    student:
      student === null
        ? null
        : {
            fullName: "Әсел Қуанышқызы",
            email: "asel@example.kz",
            language: null,
            hasLogin: true,
            loginDiffers: false,
            hasPassword: false,
            isActive: true,
            ...student,
          },
    ...more,
  };
}
