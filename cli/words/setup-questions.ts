import type { Texts } from "#shared/platform/text.ts";

/** What `setup` asks at a terminal, and the summary before it writes. */
export const QUESTIONS = {
  asking: {
    en: "Asking amoCRM for pipelines, users and fields …",
    ru: "Узнаём у amoCRM воронки, пользователей и поля…",
  },
  write: { en: "Write this?", ru: "Записать это?" },
  alerts: {
    en: 'Where to post when the functions are down and no mail can go? A webhook that takes {"text": …} (Enter for nowhere):',
    ru: 'Куда сообщить, если функции не работают и почта не уходит? Вебхук, который принимает {"text": …} (Enter: никуда):',
  },
  sms: { en: "Do you send SMS, through Mobizon?", ru: "Отправляете ли вы SMS, через Mobizon?" },
  smsHow: {
    en: "SMS: the key is at Mobizon under API; the secret is yours, for its webhook, and optional (docs/areas/sms.md). Outside of Kazakhstan also MOBIZON_BASE_URL.",
    ru: "SMS: ключ в Mobizon, раздел API; секрет придумываете вы, для его вебхука, он необязателен (docs/areas/sms.ru.md). Вне Казахстана ещё MOBIZON_BASE_URL.",
  },
  sequences: {
    en: "Do sequences of mails go out, with a link for unsubscribing?",
    ru: "Будут ли цепочки писем, со ссылкой для отписки?",
  },
  sequencesHow: {
    en: "Sequences: npm run page -- unsubscribe makes the page; put it on your site (docs/areas/follow-ups.md).",
    ru: "Цепочки: страницу делает npm run page -- unsubscribe; положите её на свой сайт (docs/areas/follow-ups.ru.md).",
  },
  links: {
    en: "Shall short links stand under an address of your own?",
    ru: "Нужны ли короткие ссылки под вашим адресом?",
  },
  linksHow: {
    en: "Short links: an address without a path that passes requests on to the function go, and where expired ones lead (docs/areas/links.md).",
    ru: "Короткие ссылки: адрес без пути, который передаёт запросы функции go, и куда ведут истёкшие (docs/areas/links.ru.md).",
  },
  orders: { en: "Do orders come from Qtickets?", ru: "Приходят ли заказы из Qtickets?" },
  ordersHow: {
    en: "Orders: the token is in the settings of Qtickets; the secret is its webhook's, and optional (docs/areas/loyalty.md).",
    ru: "Заказы: токен в настройках Qtickets; секрет у его вебхука, он необязателен (docs/areas/loyalty.ru.md).",
  },
  thenType: {
    en: "Then type, with your values in place of …",
    ru: "Затем наберите, подставив свои значения вместо …",
  },
  marker: {
    en: "May deals carry the lead's id in a field of their own, made if it is missing? By it a deal is found whose answer was lost.",
    ru: "Можно ли хранить id заявки в отдельном поле сделки (создать, если нет)? По нему находится сделка, ответ о которой потерялся.",
  },
  utm: {
    en: "Put utm_source … utm_term into the deal fields of those codes?",
    ru: "Записывать utm_source … utm_term в поля сделки с такими кодами?",
  },
  field: { en: "Does another value go into a field?", ru: "Записывать в поля ещё какие-то значения?" },
  another: { en: "Another one?", ru: "Ещё одно?" },
  path: {
    en: "Which value? A column, or a path such as metadata.tariff:",
    ru: "Какое значение? Колонка или путь, например metadata.tariff:",
  },
  pathFault: {
    en: "A column such as source, or metadata.a.b",
    ru: "Колонка, например source, или metadata.a.b",
  },
  whichField: {
    en: "Into which field? Type a part of its name:",
    ru: "В какое поле? Наберите часть названия:",
  },
  contactField: { en: "contact: {name}", ru: "контакт: {name}" },
  dealField: { en: "deal: {name}", ru: "сделка: {name}" },
  mainPipeline: { en: "{name}, the main one", ru: "{name}, основная" },
  firstStage: {
    en: "In which stage of {pipeline} do they begin?",
    ru: "С какого этапа {pipeline} они начинаются?",
  },
  firstOne: { en: "The first one, whichever that is", ru: "С первого, каким бы он ни был" },
  note: { en: "A note on that deal", ru: "Примечание в этой сделке" },
  noteAndTask: { en: "A note and a task on that deal", ru: "Примечание и задача в этой сделке" },
  ownDeal: { en: "A deal of its own", ru: "Отдельная сделка" },
  elsewhere: {
    en: "Do leads of some source go elsewhere?",
    ru: "Заявки какого-то источника идут в другое место?",
  },
  anotherSource: { en: "Another source?", ru: "Ещё источник?" },
  source: {
    en: "Which source? As forms send it in `source`:",
    ru: "Какой источник? Как формы пишут его в `source`:",
  },
  whereRest: {
    en: "Where do leads go that have no place of their own?",
    ru: "Куда идут заявки, для которых места не задано?",
  },
  whereSource: { en: "Where do leads of {source} go?", ru: "Куда идут заявки источника {source}?" },
  repeat: {
    en: "What becomes of a further lead of somebody with an open deal?",
    ru: "Что делать с новой заявкой того, у кого есть открытая сделка?",
  },
  tags: {
    en: "Tags for the deals, with commas between (Enter for none):",
    ru: "Теги сделок через запятую (Enter: без тегов):",
  },
  responsible: { en: "Who is responsible for the deals?", ru: "Кто отвечает за сделки?" },
  asAmocrm: { en: "As amoCRM decides", ru: "Как решит amoCRM" },
  changePlace: {
    en: "Leads without a place of their own go to {place}. Change that?",
    ru: "Заявки, для которых места не задано, идут в {place}. Изменить?",
  },
  lostPipeline: { en: "pipeline {id}, which is not there", ru: "воронку {id}, которой нет" },
  sourceNamed: { en: "A source has a name of its own", ru: "У источника должно быть своё имя" },
  tooLong: { en: "At most {max} characters", ru: "Не больше {max} знаков" },
  justAsked: { en: "That one was just asked for", ru: "Об этом источнике уже спрашивали" },
  school: {
    en: "Does the school have a pipeline, in which students' deals move?",
    ru: "Есть ли у школы воронка, по которой движутся сделки учеников?",
  },
  schoolPipeline: { en: "Which pipeline is that of the school?", ru: "Какая воронка у школы?" },
  stage: { en: "{title} ({event}): to which stage?", ru: "{title} ({event}): на какой этап?" },
  studentCreated: { en: "A student is admitted", ru: "Ученик принят" },
  movesNothing: { en: "It moves nothing", ru: "Сделка не движется" },
  asNow: { en: "As it is now", ru: "Как сейчас" },
  rowRoute: { en: "route {name}", ru: "маршрут {name}" },
  rowStage: { en: "stage {name}", ru: "этап {name}" },
  rowField: { en: "field {name}", ru: "поле {name}" },
  onRepeat: { en: "on repeat {what}", ru: "при повторе {what}" },
  withTags: { en: "tags {tags}", ru: "теги {tags}" },
  rowMarker: { en: "marker", ru: "метка" },
  markerHow: {
    en: "the deal field with the lead's id, made if it is missing",
    ru: "поле сделки с id заявки, создаётся, если его нет",
  },
  utmHow: {
    en: "utm_source … utm_term into the deal fields of those codes",
    ru: "utm_source … utm_term в поля сделки с такими кодами",
  },
  vaultHow: { en: "{url} and a token of the database's own", ru: "{url} и собственный ключ базы" },
  alertAddress: { en: "alert address", ru: "адрес оповещений" },
  deadManAddress: { en: "dead-man address", ru: "адрес проверки связи" },
  none: { en: "none", ru: "нет" },
  pipeline: { en: "pipeline {id}", ru: "воронка {id}" },
  first: { en: "first stage", ru: "первый этап" },
  responsibleIs: { en: "responsible {name}", ru: "ответственный {name}" },
  fieldId: { en: "field {id}", ru: "поле {id}" },
} as const satisfies Texts;
