/** Where an address is pasted at somebody else's site, drawn: their pages are not ours to photograph, and change. */
interface Panel {
  name: string;
  /** The way through the menus. */
  path: string;
  field: string;
  tick: string;
  button: string;
  /** What the arrow says. */
  paste: string;
}

const ADDRESS = "https://<ref>.supabase.co/functions/v1/form-intake/<key>";
const WIDTH = 760;
const HEIGHT = 268;

const PANELS: readonly Panel[] = [
  {
    name: "tilda-en",
    path: "Site settings › Forms › Other › Webhook",
    field: "Webhook URL",
    tick: "Send cookies",
    button: "Add",
    paste: "the address that forms add has printed",
  },
  {
    name: "tilda-ru",
    path: "Настройки сайта › Формы › Другое › Webhook",
    field: "Webhook URL",
    tick: "Передавать cookies",
    button: "Добавить",
    paste: "адрес, который напечатала команда forms add",
  },
  {
    name: "taplink-en",
    path: "Modules › Webhooks › New lead",
    field: "URL",
    tick: "Format: JSON",
    button: "Save",
    paste: "the address that forms add has printed",
  },
  {
    name: "taplink-ru",
    path: "Модули › Webhooks › Новая заявка",
    field: "URL",
    tick: "Формат: JSON",
    button: "Сохранить",
    paste: "адрес, который напечатала команда forms add",
  },
];

/** Each drawing by the name of its file. */
export function picturesOfFormHosts(): { name: string; svg: string }[] {
  return PANELS.map((panel) => ({ name: panel.name, svg: draw(panel) }));
}

function draw({ path, field, tick, button, paste }: Panel): string {
  const text = (x: number, y: number, said: string, more = "") =>
    `<text x="${x}" y="${y}"${more === "" ? "" : ` ${more}`}>${escaped(said)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"
  font-family="system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif" font-size="15" fill="#1f2328">
<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="10" fill="#ffffff" stroke="#d0d7de"/>
<path d="M0.5 48.5H${WIDTH - 0.5}" stroke="#d0d7de"/>
${text(24, 31, path, 'font-weight="600"')}
${text(24, 84, field, 'fill="#59636e" font-size="13"')}
<rect x="24" y="94" width="${WIDTH - 48}" height="40" rx="6" fill="#fff8c5" stroke="#bf8700" stroke-width="2"/>
${text(38, 119, ADDRESS, 'font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="14"')}
<path d="M60 158V138M54 145L60 138L66 145" stroke="#bf8700" stroke-width="2" fill="none"/>
${text(78, 158, paste, 'fill="#9a6700" font-weight="600"')}
<rect x="24" y="182" width="18" height="18" rx="4" fill="#0969da"/>
<path d="M28 191L32 195L39 186" stroke="#ffffff" stroke-width="2" fill="none"/>
${text(54, 196, tick)}
<rect x="24" y="216" width="132" height="36" rx="6" fill="#1f2328"/>
${text(90, 239, button, 'fill="#ffffff" text-anchor="middle" font-weight="600"')}
</svg>
`;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
