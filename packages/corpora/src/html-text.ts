const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  middot: '·',
  bull: '•',
  mdash: '—',
  ndash: '–',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  pound: '£',
  euro: '€',
  cent: '¢',
}

/**
 * What a reader of the page sees, near enough: no scripts, no styles, no comments, no tags; block ends become line
 * ends. Enough for a corpus, no HTML parser: its output goes to a tokenizer and never back to a browser.
 */
export const htmlText = (html: string): string =>
  html
    .replace(/<!--[\s\S]*?(-->|$)/g, '')
    .replace(/<(script|style|head|title)\b[\s\S]*?(<\/\1\s*>|$)/gi, ' ')
    .replace(/\s+/g, ' ')
    .replace(/<(br|hr|\/p|\/div|\/tr|\/h\d|\/li|\/table|\/center)\b[^>]*>/gi, '\n')
    .replace(/<[!/a-z][^<>]*>?/gi, (tag) => (/^<\/?(b|i|u|font|span|a|strong|em|big|small)\b/i.test(tag) ? '' : ' '))
    .replace(/&(#x?[0-9a-f]+|[a-z]+);?/gi, (whole, name: string) => NAMED[name.toLowerCase()] ?? character(name) ?? whole)

const character = (name: string): string | undefined => {
  if (!name.startsWith('#')) return undefined
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : Number(name.slice(1))
  // Below U+00A0 pages of that time mean Windows-1252.
  if (code >= 0x80 && code < 0xa0) return new TextDecoder('windows-1252').decode(new Uint8Array([code]))
  return code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : ' '
}
