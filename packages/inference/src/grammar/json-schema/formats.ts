const date = '[0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))'
const time = String.raw`([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])`
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?'
const octet = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const ipv4 = String.raw`${octet}(\.${octet}){3}`

/** Formats that are honoured, as expressions of the string's content. Where there is a pattern too, the pattern is what counts. */
export const formats: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `${date}T${time}`,
  duration: duration(),
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  email: String.raw`[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20}){0,2}@(${label}\.){1,3}[A-Za-z]{2,10}`,
  hostname: String.raw`${label}(\.${label}){0,3}`,
  ipv4,
  ipv6: ipv6(),
  uri: uri(),
}

/** RFC 3339, appendix A: of ISO 8601, a unit may follow only the next larger one, and weeks stand alone. */
function duration(): string {
  const some = (unit: string): string => `[0-9]{1,6}${unit}`
  const ofTime = `T(${some('H')}(${some('M')}(${some('S')})?)?|${some('M')}(${some('S')})?|${some('S')})`
  const ofDate = `(${some('Y')}(${some('M')}(${some('D')})?)?|${some('M')}(${some('D')})?|${some('D')})`
  return `P(${ofDate}(${ofTime})?|${ofTime}|${some('W')})`
}

/** RFC 4291, section 2.2: eight groups, or fewer with `::` in place of one or more. */
function ipv6(): string {
  const group = '[0-9A-Fa-f]{1,4}'
  const groups = (least: number, most: number): string => `${group}(:${group}){${least - 1},${most - 1}}`
  const shortened = Array.from({ length: 8 }, (_, before) => {
    const behind = 7 - before
    return `${before === 0 ? '' : groups(before, before)}::${behind === 0 ? '' : `(${groups(1, behind)})?`}`
  })
  return [groups(8, 8), ...shortened].join('|')
}

/**
 * RFC 3986, of the web: what `http` and `https` name. Browsers read a host whose end begins with a digit as an address, and one with `--` as
 * letters of other scripts, so neither is written. No longer than the 2083 characters that pydantic's `HttpUrl` takes.
 */
function uri(): string {
  const word = '[A-Za-z0-9]{1,15}'
  const name = `(${word}(-${word}){0,2}\\.){0,4}[A-Za-z][A-Za-z0-9]{0,15}`
  const port = '(:([1-9][0-9]{0,3}|[1-5][0-9]{4}))?'
  const some = (more: string, most: number): string => `([A-Za-z0-9._~!$&'()*+,;=:@${more}-]|%[0-9A-F]{2}){0,${most}}`
  return String.raw`https?://(${name}|${ipv4})${port}(/${some('/', 300)})?(\?${some('/?', 200)})?(#${some('/?', 60)})?`
}
