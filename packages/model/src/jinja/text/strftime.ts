const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

const two = (value: number): string => String(value).padStart(2, '0')

/** Days since the first of January. */
const dayOfYear = (date: Date): number =>
  Math.round((Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000)

/** Weeks of the year begun, where they begin on a Sunday (0) or a Monday (1). */
const weekOfYear = (date: Date, first: number): number => Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 7 - first) % 7)) / 7)

/** The ISO 8601 year and week: that of the week's Thursday. */
const isoWeek = (date: Date): { year: number; week: number } => {
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 3 - ((date.getDay() + 6) % 7))
  return { year: thursday.getFullYear(), week: 1 + Math.floor(dayOfYear(thursday) / 7) }
}

const hour12 = (date: Date): number => date.getHours() % 12 || 12

const FIELDS: Record<string, (date: Date) => string> = {
  a: (d) => DAYS[d.getDay()].slice(0, 3),
  A: (d) => DAYS[d.getDay()],
  b: (d) => MONTHS[d.getMonth()].slice(0, 3),
  B: (d) => MONTHS[d.getMonth()],
  C: (d) => two(Math.floor(d.getFullYear() / 100)),
  d: (d) => two(d.getDate()),
  e: (d) => String(d.getDate()).padStart(2),
  f: (d) => String(d.getMilliseconds() * 1000).padStart(6, '0'),
  G: (d) => String(isoWeek(d).year),
  H: (d) => two(d.getHours()),
  I: (d) => two(hour12(d)),
  j: (d) => String(dayOfYear(d) + 1).padStart(3, '0'),
  k: (d) => String(d.getHours()).padStart(2),
  l: (d) => String(hour12(d)).padStart(2),
  m: (d) => two(d.getMonth() + 1),
  M: (d) => two(d.getMinutes()),
  n: () => '\n',
  p: (d) => (d.getHours() < 12 ? 'AM' : 'PM'),
  P: (d) => (d.getHours() < 12 ? 'am' : 'pm'),
  s: (d) => String(Math.floor(d.getTime() / 1000)),
  S: (d) => two(d.getSeconds()),
  t: () => '\t',
  u: (d) => String(d.getDay() || 7),
  U: (d) => two(weekOfYear(d, 0)),
  V: (d) => two(isoWeek(d).week),
  w: (d) => String(d.getDay()),
  W: (d) => two(weekOfYear(d, 1)),
  y: (d) => two(d.getFullYear() % 100),
  Y: (d) => String(d.getFullYear()),
  z: () => '', // a time without a zone has none to name
  Z: () => '',
  '%': () => '%',
}

const COMPOUND: Record<string, string> = {
  c: '%a %b %e %H:%M:%S %Y',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  h: '%b',
  r: '%I:%M:%S %p',
  R: '%H:%M',
  T: '%H:%M:%S',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
}

/** `datetime.strftime` in the C locale, in local time; `%-d` and its like leave leading zeros out. What is no directive stays. */
export const strftime = (date: Date, format: string): string =>
  format.replace(/%(-?)([a-zA-Z%])/g, (whole, unpadded: string, letter: string) => {
    if (Object.hasOwn(COMPOUND, letter)) return strftime(date, COMPOUND[letter])
    if (!Object.hasOwn(FIELDS, letter)) return whole
    const text = FIELDS[letter](date)
    return unpadded ? text.replace(/^[0 ]+(?=.)/, '') : text
  })
