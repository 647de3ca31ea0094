/** All that a mail says, in one language and without any markup. */
export interface MailTexts {
  subject: string;
  /** The line that mail programs show beside the subject. */
  preview: string;
  heading: string;
  greeting: string;
  paragraphs: string[];
  loginLabel: string;
  button: string;
  /** Below the button: how long the link works, and what helps when the button does not. */
  hint: string;
  linkIntroduction: string;
  footer: string;
}

/** What of a welcome differs from student to student. */
export interface WelcomeFacts {
  /** Null: greeted without a name. */
  name: string | null;
  email: string;
  courseName: string;
  senderName: string;
  linkDays: number;
  /** The account has a password: there is nothing to set. */
  hasPassword: boolean;
}
