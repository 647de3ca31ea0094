import { CALLBACK_PAGES } from "./callback-pages.ts";
import { type Page, plainName } from "./page.ts";
import { refusalPage } from "./refusal-page.ts";
import { START_PAGES } from "./start-pages.ts";

const PAGES = { ...START_PAGES, ...CALLBACK_PAGES };

/** What a person is told instead of being connected, and by which code the log and the command name it. */
export interface Refusal {
  ok: false;
  code: string;
  page: Page;
  /** What the refusal came from, for the log. */
  causeCode?: string;
}

/** A refusal whose page says the same for everybody. */
export function refused(code: keyof typeof PAGES): Refusal {
  return { ok: false, code, page: PAGES[code] };
}

/** The function lacks variables; `message` names them. */
export function refusedUnconfigured(message: string): Refusal {
  const page = refusalPage(
    503,
    {
      title: "Функция не настроена",
      why: plainName(message),
      remedy: "Задайте переменные (supabase secrets set) и откройте ссылку ещё раз.",
    },
    {
      title: "The function is not configured",
      why: plainName(message),
      remedy: "Set the variables (supabase secrets set), and open the link again.",
    },
  );
  return { ok: false, code: "unconfigured", page };
}

/** Leads would go to somebody else's CRM, so changing the account has to be asked for. */
export function refusedOtherAccount(connectedId: number, namedId: number): Refusal {
  const page = refusalPage(
    409,
    {
      title: "Это другой аккаунт amoCRM",
      why: `До сих пор подключён аккаунт ${connectedId}, а согласие дано в аккаунте ${namedId}. Заявки ушли бы не туда.`,
      remedy:
        "Войдите в нужный аккаунт и откройте ссылку ещё раз. Если аккаунт действительно меняется: npm run amocrm -- connect --switch",
    },
    {
      title: "This is another amoCRM account",
      why: `Account ${connectedId} has been connected so far, and the consent is from account ${namedId}. Leads would go to the wrong place.`,
      remedy:
        "Sign in to the right account and open the link again. If the account does change: npm run amocrm -- connect --switch",
    },
  );
  return { ok: false, code: "other_account", page };
}

/** Who is connected now; what amoCRM did not tell is null. */
export interface ConnectedFacts {
  host: string;
  accountId: number;
  accountName: string | null;
  /** ISO 8601: until when the refresh token lasts if it is never used. */
  expiresAt: string;
  /** Another account was connected before. */
  isSwitched: boolean;
}

/** Success. The account was not read if its name is null: the pair is stored all the same. */
export function connectedPage({ host, accountId, accountName, expiresAt, isSwitched }: ConnectedFacts): Page {
  const day = expiresAt.slice(0, 10);
  const name = accountName === null ? null : plainName(accountName);
  const warning = {
    ru: "Аккаунт сейчас прочитать не удалось; токены сохранены, отправка попробует сама.",
    en: "The account could not be read just now; the tokens are stored, and sending will try by itself.",
  };
  const switched = {
    ru: "Аккаунт сменился, отправка остановлена: проверьте воронки, этапы и поля (npm run amocrm -- setup), затем select amocrm_resume().",
    en: "The account has changed and sending is paused: check pipelines, stages and fields (npm run amocrm -- setup), then select amocrm_resume().",
  };
  return {
    status: 200,
    ru: {
      title: "✓ amoCRM подключена",
      text: [
        `Аккаунт: ${name ?? "?"} (${host}, ${accountId})`,
        `Подключение продлевается само; без обращений оно закончилось бы ${day}.`,
        ...(name === null ? [warning.ru] : []),
        ...(isSwitched ? [switched.ru] : []),
        "Эту страницу можно закрыть.",
      ],
    },
    en: {
      title: "✓ amoCRM is connected",
      text: [
        `Account: ${name ?? "?"} (${host}, ${accountId})`,
        `The connection renews itself; unused, it would end on ${day}.`,
        ...(name === null ? [warning.en] : []),
        ...(isSwitched ? [switched.en] : []),
        "You can close this page.",
      ],
    },
  };
}
