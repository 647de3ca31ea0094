/** The project that a page works on. All values are public: every page of the project shows them. */
export interface PageProject {
  url: string;
  publishableKey: string;
  /** Where the course is, for the welcome page's last button. */
  courseUrl?: string;
  /** The company's name, beside the page's. */
  brand?: string;
  /** Its picture as a data: URL. */
  logo?: string;
}

/** The project of a page that has none yet; no such host can ever be. */
export const NOBODYS_ORIGIN = "https://project.invalid";

const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>/;
const PROJECT = /<script type="application\/json" id="project">[^<]*<\/script>/;

/** What a page knows of its project, as it stands in the file. */
export function projectElement(project: PageProject): string {
  const known = { ...project, url: new URL(project.url).origin };
  return `<script type="application/json" id="project">${inScript(JSON.stringify(known))}</script>`;
}

/** A built page for this project. Script and style stay as they are, so the policy's hashes of them hold. */
export function fillPage(template: string, project: PageProject): string {
  if (!POLICY.test(template) || !PROJECT.test(template)) throw new Error("no_place_for_a_project");
  return template
    .replace(POLICY, (policy) => policy.replaceAll(NOBODYS_ORIGIN, new URL(project.url).origin))
    .replace(PROJECT, () => projectElement(project));
}

/** What would end the element early, or open one that hides its end, is written with an escape. */
export function inScript(text: string): string {
  return text.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
}
