import { defineConfig } from "vitepress";

const SIDEBAR_EN = [
  {
    text: "Start",
    items: [
      { text: "What it is", link: "/" },
      { text: "Keys and places", link: "/start/keys" },
      { text: "Deploy", link: "/start/deploy" },
      { text: "Into a project that you have", link: "/start/install" },
      { text: "Adopting existing tables", link: "/start/adopting" },
    ],
  },
  {
    text: "Operate",
    items: [
      { text: "Configuration", link: "/operate/configuration" },
      { text: "Looking after it", link: "/operate/watching" },
      { text: "Commands", link: "/operate/commands" },
      { text: "SQL for admins", link: "/operate/admin-sql" },
      { text: "Runbook", link: "/operate/runbook" },
      { text: "Rehearsal", link: "/operate/rehearsal" },
    ],
  },
  {
    text: "Areas",
    items: [
      { text: "Outbox", link: "/areas/outbox" },
      { text: "Forms", link: "/areas/forms" },
      { text: "Forms that post", link: "/areas/forms-that-post" },
      { text: "School", link: "/areas/school" },
      { text: "Mail", link: "/areas/mail" },
      { text: "SMS", link: "/areas/sms" },
      { text: "Follow-ups", link: "/areas/follow-ups" },
      { text: "Analytics", link: "/areas/analytics" },
      { text: "Webhooks and deal events", link: "/areas/webhooks" },
      { text: "Inbox", link: "/areas/inbox" },
      { text: "Telling amoCRM", link: "/areas/tell" },
      { text: "Short links", link: "/areas/links" },
      { text: "Loyalty", link: "/areas/loyalty" },
      { text: "Mailings through Unisender", link: "/areas/mailings" },
      { text: "The dashboard", link: "/areas/dashboard" },
      { text: "Certificates", link: "/areas/certificates" },
      { text: "Accounts without a token", link: "/areas/session" },
      { text: "amoCRM accounts", link: "/areas/accounts" },
    ],
  },
  {
    text: "Understand",
    items: [
      { text: "Architecture", link: "/architecture" },
      { text: "Glossary", link: "/glossary" },
      { text: "Decisions", link: "/adr/" },
      { text: "Protection of the account", link: "/protection" },
      { text: "SQL reference", link: "/sql-reference" },
    ],
  },
  {
    text: "Trust and change",
    items: [
      { text: "Promises", link: "/promises" },
      { text: "Faults found", link: "/faults" },
      { text: "Benchmarks", link: "/benchmarks" },
      { text: "When there is more of it", link: "/scale" },
      { text: "For developers", link: "/develop" },
      { text: "What the gate proves", link: "/testing" },
      { text: "Changelog", link: "/CHANGELOG" },
    ],
  },
];

const SIDEBAR_RU = [
  {
    text: "Начать",
    items: [
      { text: "Что это", link: "/ru/" },
      { text: "Ключи: где что взять", link: "/ru/start/keys" },
      { text: "Установка", link: "/ru/start/deploy" },
      { text: "В существующий проект", link: "/ru/start/install" },
      { text: "Принятие таблиц", link: "/ru/start/adopting" },
    ],
  },
  {
    text: "Работать",
    items: [
      { text: "Настройка", link: "/ru/operate/configuration" },
      { text: "Наблюдение", link: "/ru/operate/watching" },
      { text: "Инструкция (на двух языках)", link: "/operate/runbook" },
      { text: "Репетиция", link: "/ru/operate/rehearsal" },
      { text: "Команды", link: "/ru/operate/commands" },
      { text: "Администратору в SQL", link: "/ru/operate/admin-sql" },
      { text: "Когда этого станет больше", link: "/ru/scale" },
    ],
  },
  {
    text: "Области",
    items: [
      { text: "Путь сообщения", link: "/ru/areas/outbox" },
      { text: "Формы", link: "/ru/areas/forms" },
      { text: "Формы Tilda и другие", link: "/ru/areas/forms-that-post" },
      { text: "Школа", link: "/ru/areas/school" },
      { text: "Почта", link: "/ru/areas/mail" },
      { text: "SMS", link: "/ru/areas/sms" },
      { text: "Цепочки", link: "/ru/areas/follow-ups" },
      { text: "Аналитика", link: "/ru/areas/analytics" },
      { text: "Сертификаты", link: "/ru/areas/certificates" },
      { text: "Вебхуки и судьба сделок", link: "/ru/areas/webhooks" },
      { text: "Входящие", link: "/ru/areas/inbox" },
      { text: "Сообщить amoCRM", link: "/ru/areas/tell" },
      { text: "Короткие ссылки", link: "/ru/areas/links" },
      { text: "Лояльность", link: "/ru/areas/loyalty" },
      { text: "Рассылки", link: "/ru/areas/mailings" },
      { text: "Панель администратора", link: "/ru/areas/dashboard" },
      { text: "Аккаунты без токена", link: "/ru/areas/session" },
      { text: "Аккаунты amoCRM", link: "/ru/areas/accounts" },
      { text: "Обещания", link: "/ru/promises" },
    ],
  },
];

const SEARCH_RU = {
  translations: {
    button: { buttonText: "Поиск", buttonAriaLabel: "Поиск" },
    modal: {
      displayDetails: "Показать подробно",
      resetButtonTitle: "Сбросить",
      backButtonTitle: "Закрыть",
      noResultsText: "Ничего не найдено:",
      footer: { selectText: "открыть", navigateText: "выбрать", closeText: "закрыть" },
    },
  },
};

/** The site of the repository's documents. It builds without a network; a link to a page that is not there fails the build. */
export default defineConfig({
  srcDir: "pages",
  outDir: "dist",
  title: "supabase-amocrm",
  cleanUrls: true,
  // {{ is a template to Vue; documents have it in code only, which VitePress escapes.
  markdown: {
    config: (md) => {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, options, env, self) =>
        tokens[index]?.info.trim() === "mermaid"
          ? `<Mermaid code="${encodeURIComponent(tokens[index].content)}" />`
          : (fence?.(tokens, index, options, env, self) ?? "");
    },
  },
  vite: { build: { chunkSizeWarningLimit: 3000 } },
  themeConfig: { search: { provider: "local", options: { locales: { ru: SEARCH_RU } } } },
  locales: {
    root: { label: "English", lang: "en", themeConfig: { sidebar: SIDEBAR_EN, outline: [2, 3] } },
    ru: {
      label: "Русский",
      lang: "ru",
      link: "/ru/",
      themeConfig: {
        sidebar: SIDEBAR_RU,
        outline: { level: [2, 3], label: "На этой странице" },
        docFooter: { prev: "Назад", next: "Дальше" },
        darkModeSwitchLabel: "Тема",
        sidebarMenuLabel: "Меню",
        returnToTopLabel: "Наверх",
        langMenuLabel: "Язык",
      },
    },
  },
});
