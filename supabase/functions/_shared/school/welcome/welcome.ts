import type { Compose, Composed, Sender } from "../../mail/compose.ts";
import { greetingName } from "../../mail/greeting-name.ts";
import type { MailMessage } from "../../mail/message.ts";
import { renderHtml } from "./layout.ts";
import { renderText } from "./plain.ts";
import { signInLink, withPlaceholder } from "./welcome-link.ts";
import { welcomeTexts } from "./welcome-texts.ts";

/** The welcome of a new student: the login, and the way to a password. */
export const composeWelcome: Compose = (message, settings, sender): Composed => {
  const { student } = message;
  if (student === null) return none("superseded", "student_deleted", "The student was deleted meanwhile");
  if (!student.isActive) return none("superseded", "student_inactive", "The student is not active any more");
  const email = student.email?.trim() ?? "";
  if (email === "") return none("rejected", "no_address", "The student has no e-mail: add it, then requeue");
  if (!student.hasLogin) {
    return none(
      "rejected",
      "no_login",
      "The student has no login (tripwire_users.user_id is null): make one with tripwire-students, then requeue",
    );
  }
  if (student.loginDiffers) {
    return none(
      "rejected",
      "login_differs",
      "The student's account has another address than the student: select tripwire_correct_email('<student id>', '<address>') makes them one and sends the welcome",
    );
  }
  if (message.suppressedBy !== null) {
    return none(
      "rejected",
      "address_suppressed",
      message.suppressedBy === "complained"
        ? "The owner of the address called an earlier mail spam: reach the student another way"
        : "An earlier mail to the address came back for good: correct it, then send the welcome again",
    );
  }
  const language =
    student.language === "ru" || student.language === "en" ? student.language : settings.language;
  const texts = welcomeTexts[language]({
    name: greetingName(student.fullName),
    email,
    courseName: settings.course_name,
    senderName: sender.name,
    linkDays: settings.link_days,
    hasPassword: student.hasPassword,
  });
  const link = student.hasPassword
    ? signInLink(sender.welcomePageUrl)
    : withPlaceholder(sender.welcomePageUrl);
  const mail = { language, texts, email, link };
  return {
    ok: true,
    body: {
      from: sender.from,
      to: [email],
      subject: texts.subject,
      html: renderHtml(mail),
      text: renderText(mail),
      ...replyTo(sender),
      tags: tagsOf(message),
    },
  };
};

function tagsOf({ id, subjectId }: MailMessage): { name: string; value: string }[] {
  return [
    { name: "message_id", value: String(id) },
    { name: "subject_id", value: subjectId },
  ];
}

function replyTo({ replyTo }: Sender): { reply_to?: string } {
  return replyTo === null ? {} : { reply_to: replyTo };
}

function none(verdict: "rejected" | "superseded", code: string, message: string): Composed {
  return { ok: false, verdict, code, message };
}
