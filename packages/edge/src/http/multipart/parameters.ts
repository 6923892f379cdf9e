export type Parameters = Readonly<Record<string, string | undefined>>

/** One after the other, and nothing else between: a search from every semicolon would take the square of a header's length. */
const parameter = /\s*;\s*([^\s=;"]+)=(?:"((?:\\["\\]|[^"])*)"|([^\s;]*))/y

/**
 * What follows the first semicolon of a header's value. Browsers write a quotation mark and line breaks within a name as `%22`, `%0D` and `%0A`
 * (HTML, "multipart/form-data encoding algorithm"), others a backslash before a quotation mark, and before itself. `name*=UTF-8''…` is RFC 8187's way.
 */
export function parameters(header: string): Parameters {
  const found: Record<string, string> = Object.create(null)
  const first = header.indexOf(';')
  if (first < 0) return found
  parameter.lastIndex = first
  for (let match = parameter.exec(header); match; match = parameter.exec(header)) {
    const [, name, quoted, bare] = match
    const key = name!.toLowerCase()
    found[key] ??= key.endsWith('*') ? extended(bare ?? quoted ?? '') : quoted === undefined ? bare! : unquoted(quoted)
  }
  return found
}

const escapes: Readonly<Record<string, string>> = { '%22': '"', '%0D': '\r', '%0A': '\n' }

const unquoted = (text: string): string => text.replace(/\\(["\\])/g, '$1').replace(/%(?:22|0D|0A)/gi, (code) => escapes[code.toUpperCase()]!)

/** As it stands where it cannot be decoded: a name is for people. */
function extended(text: string): string {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(text) ?? []
  try {
    return encoded === undefined ? text : decodeURIComponent(encoded)
  } catch {
    return text
  }
}
