import type { World } from "../account/world.ts";
import type { Answer, Incoming } from "../http.ts";
import { isObject } from "../json.ts";
import { htmlAnswer, problemText } from "../routes/problem.ts";
import { CSRF_COOKIE, SESSION_COOKIE } from "./desk.ts";
import {
  accountChoicePage,
  changedPage,
  deskPage,
  formPage,
  pageAnswer,
  robotCheckPage,
  secondFactorPage,
} from "./pages.ts";

const SUBMIT = "/oauth2/authorize";
/** Where the user lands between the password and the desk. */
const STEPS = { code: "/sign-in/code", robot: "/sign-in/robot", account: "/sign-in/account" } as const;
const WRONG = "Неверный логин или пароль";
const LOCKED = "Слишком много попыток: вход закрыт";

/** The pages that a browser sees; everything else is the API's. */
export function isSignInPath(path: string): boolean {
  return path === "/" || path === SUBMIT || Object.values(STEPS).some((step) => step === path);
}

/** The value of a cookie of the request. */
export function cookieOf(incoming: Incoming, name: string): string | undefined {
  const pairs = (incoming.header("cookie") ?? "").split(";").map((pair) => pair.trim().split("="));
  return pairs.find(([known]) => known === name)?.[1];
}

export function answerSignIn(world: World, incoming: Incoming): Answer {
  const { pathname } = incoming.url;
  if (pathname === SUBMIT) {
    return incoming.method === "POST"
      ? submit(world, incoming)
      : problemText(world.settings, 405, "methodNotAllowed");
  }
  if (incoming.method !== "GET") return problemText(world.settings, 405, "methodNotAllowed");
  if (pathname === STEPS.code) return pageAnswer(200, secondFactorPage());
  if (pathname === STEPS.robot) return pageAnswer(200, robotCheckPage());
  if (pathname === STEPS.account) return pageAnswer(200, accountChoicePage());
  if (world.desk.use(cookieOf(incoming, SESSION_COOKIE)) !== undefined) return pageAnswer(200, deskPage());
  return form(world, { error: null, typed: null });
}

/** How the API answers a cookie whose session has ended, or that is none. */
export function endedAnswer(world: World, origin: string): Answer {
  const { ended_answer } = world.settings.sign_in;
  if (ended_answer === "json_401") return problemText(world.settings, 401, "unauthorized");
  if (ended_answer === "redirect") return { status: 302, headers: { location: `${origin}/` }, body: "" };
  return ended_answer === "page" ? form(world, { error: null, typed: null }, 200) : htmlAnswer(401);
}

/** The cookie of a session as it is set in the browser. */
export function sessionCookie(value: string): string {
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Lax`;
}

function form(
  world: World,
  said: { error: string | null; typed: { email: string; password: string } | null },
  status?: number,
): Answer {
  const { sign_in } = world.settings;
  const csrf = world.desk.visit();
  const cookies = [`session_id=${csrf.slice(0, 16)}; Path=/; HttpOnly`, `${CSRF_COOKIE}=${csrf}; Path=/`];
  const page =
    sign_in.page === "changed"
      ? changedPage()
      : formPage({ csrf, submit: sign_in.submit, robotCheck: sign_in.robot_check === "before", ...said });
  return pageAnswer(status ?? sign_in.visitor_status, page, cookies);
}

function submit(world: World, incoming: Incoming): Answer {
  const { sign_in } = world.settings;
  const fields = fieldsOf(incoming);
  const typed = { email: fields["username"] ?? "", password: fields["password"] ?? "" };
  if (!world.desk.isOurForm(fields["csrf_token"] ?? "", cookieOf(incoming, CSRF_COOKIE))) {
    return refuse(world, "Форма устарела", null);
  }
  // Nobody solves it here: a form that is sent with the check open is refused before the password is looked at.
  if (sign_in.robot_check === "before") return refuse(world, "Подтвердите, что вы не робот", null);
  const verdict = world.desk.check(typed.email, typed.password);
  if (verdict !== "right") {
    const error = verdict === "locked" ? LOCKED : WRONG;
    return sign_in.echoes_password
      ? refuse(world, `${error}: ${typed.email} / ${typed.password}`, typed)
      : refuse(world, error, null);
  }
  const step = stepOf(world);
  if (step !== null) return go(world, step, []);
  return go(world, "/", [sessionCookie(world.desk.begin())]);
}

function stepOf({ settings: { sign_in } }: World): string | null {
  if (sign_in.robot_check === "after") return STEPS.robot;
  if (sign_in.second_factor) return STEPS.code;
  return sign_in.account_choice ? STEPS.account : null;
}

/** On to another page: told to the script, or by a redirect of the browser. */
function go({ settings }: World, next: string, cookies: string[]): Answer {
  if (settings.sign_in.submit === "form")
    return { status: 303, headers: { location: next }, body: "", cookies };
  return { ...json(200, { next }), cookies };
}

function refuse(world: World, error: string, typed: { email: string; password: string } | null): Answer {
  const { submit: by, refusal_status } = world.settings.sign_in;
  return by === "form" ? form(world, { error, typed }, refusal_status) : json(refusal_status, { error });
}

function fieldsOf(incoming: Incoming): Record<string, string> {
  const isForm = (incoming.header("content-type") ?? "").includes("application/x-www-form-urlencoded");
  if (isForm) return Object.fromEntries(new URLSearchParams(incoming.body));
  try {
    const body: unknown = JSON.parse(incoming.body);
    if (!isObject(body)) return {};
    return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]));
  } catch {
    return {};
  }
}

function json(status: number, body: unknown): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
