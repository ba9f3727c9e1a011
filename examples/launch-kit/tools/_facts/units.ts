/** What a word after a number means, in one spelling for all languages; null for words that only count things. */
export function unitOf(word: string): string | null {
  return exactUnits[word] ?? units[word.toLowerCase()] ?? null;
}

/** What a word after a number multiplies it by; null when it does not. */
export function magnitudeOf(word: string): number | null {
  return exactMagnitudes[word] ?? magnitudes[word.toLowerCase()] ?? null;
}

/** Signs that stand before a price, for a pattern. */
export const currencySigns = 'US\\$|R\\$|[$€£¥₹₩₽]';

/** Codes that stand before a price, for a pattern. */
export const currencyCodes = 'USD|EUR|GBP|CHF|JPY|CNY|RMB|INR|KRW|RUB|BRL';

const times: Readonly<Record<string, string>> = {
  ns: 'ns nanosecond nanoseconds',
  us: 'us μs microsecond microseconds',
  ms: 'ms msec millis millisecond milliseconds millisekunde millisekunden milliseconde millisecondes milisegundo milisegundos миллисекунд мс 毫秒 ミリ秒 밀리초',
  s: 's sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondo secondi секунд секунды секунда 秒 秒間 초',
  min: 'min mins minute minutes minuten minuto minutos minuti минут минуты минута 分 分钟 分鐘 分間 분',
  h: 'h hr hrs hour hours stunde stunden heure heures hora horas ora ore час часа часов 小时 小時 時間 시간',
  day: 'day days tag tage tagen jour jours día días dia dias giorno giorni день дня дней 天 日間 일',
  week: 'week weeks woche wochen semaine semaines semana semanas settimana settimane неделя недели недель 周 週間 주',
  month:
    'month months monat monate monaten mois mes meses mese mesi месяц месяца месяцев 个月 個月 か月 ヶ月 개월',
  year: 'year years jahr jahre jahren ans année années año años ano anos anno anni год года лет 年間',
};

const sizes: Readonly<Record<string, string>> = {
  byte: 'byte bytes octets 字节',
  kb: 'kb kilobyte kilobytes',
  mb: 'mb megabyte megabytes',
  gb: 'gb gigabyte gigabytes',
  tb: 'tb terabyte terabytes',
  kib: 'kib',
  mib: 'mib',
  gib: 'gib',
  tib: 'tib',
  px: 'px pixel pixels',
  fps: 'fps',
  hz: 'hz',
  khz: 'khz',
  mhz: 'mhz',
  ghz: 'ghz',
  kwh: 'kwh',
  '°c': '°c',
  '°f': '°f',
  mg: 'mg',
  g: 'g gram grams gramm',
  kg: 'kg kilogram kilograms kilogramm 公斤',
  mm: 'mm',
  cm: 'cm',
  m: 'm meter meters metre metres mètres metros 米',
  km: 'km kilometer kilometers kilometre kilometres 公里',
};

const ratios: Readonly<Record<string, string>> = {
  '%': '% percent pct prozent procent процент процента процентов パーセント 퍼센트',
  '‰': '‰ promille',
  x: 'x × times fold mal fach fois veces vezes volte раз раза 倍 배',
};

const currencies: Readonly<Record<string, string>> = {
  usd: '$ us$ usd dollar dollars dólares 美元 ドル 달러',
  eur: '€ eur euro euros 欧元 ユーロ 유로',
  gbp: '£ gbp pound pounds',
  // The sign ¥ is both yen and yuan: one bucket, so that ¥100 and 100元 agree.
  yen: '¥ jpy cny rmb yen yuan 円 元',
  inr: '₹ inr rupee rupees',
  krw: '₩ krw 원',
  rub: '₽ rub рублей рубля рубль',
  brl: 'r$ brl reais',
  chf: 'chf',
  cent: '¢ cent cents centimes ct',
};

const units = spelled({ ...times, ...sizes, ...ratios, ...currencies });

/** Bits, which only case tells from bytes. */
const exactUnits: Readonly<Record<string, string>> = Object.freeze({ Kb: 'kbit', Mb: 'mbit', Gb: 'gbit' });

const magnitudes = Object.freeze({
  k: 1e3,
  thousand: 1e3,
  thousands: 1e3,
  tausend: 1e3,
  mille: 1e3,
  mil: 1e3,
  тыс: 1e3,
  тысяч: 1e3,
  千: 1e3,
  천: 1e3,
  万: 1e4,
  萬: 1e4,
  만: 1e4,
  lakh: 1e5,
  million: 1e6,
  millions: 1e6,
  mio: 1e6,
  millionen: 1e6,
  millones: 1e6,
  milhões: 1e6,
  млн: 1e6,
  миллионов: 1e6,
  mn: 1e6,
  百万: 1e6,
  crore: 1e7,
  亿: 1e8,
  億: 1e8,
  억: 1e8,
  billion: 1e9,
  billions: 1e9,
  bn: 1e9,
  mrd: 1e9,
  milliarde: 1e9,
  milliarden: 1e9,
  milliards: 1e9,
  млрд: 1e9,
  trillion: 1e12,
  trillions: 1e12,
} as const) as Readonly<Record<string, number>>;

/** Small letters are units here: `m` is a metre, `t` a ton. */
const exactMagnitudes: Readonly<Record<string, number>> = Object.freeze({ M: 1e6, B: 1e9, T: 1e12 });

function spelled(table: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(table).flatMap(([unit, words]) =>
    words.split(' ').map((word) => [word, unit] as const),
  );
  return Object.freeze(Object.fromEntries(entries));
}
