import { htmlText } from './html-text.ts'

/** Longer bodies are cut: what follows is attachments in text form and whole web pages. */
const MAX_CHARACTERS = 20_000

/** Subject and readable body of a raw mail (RFC 822 with MIME), given as Latin-1 so that every byte is one character. */
export const readableText = (raw: string): { subject: string; body: string } => {
  const { headers, body } = splitEntity(raw.replace(/\r\n?/g, '\n').replace(/^From .*\n/, ''))
  return {
    subject: tidy(encodedWords(headers.get('subject') ?? '')).replace(/\n/g, ' '),
    body: withoutHeaders(tidy(bodyText(headers, body, 0)))
      .slice(0, MAX_CHARACTERS)
      .trim(),
  }
}

/** Broken mails have an empty line among their headers, and forwarded ones start with another's: neither is body. */
const withoutHeaders = (body: string): string =>
  body.replace(
    /^(?:(?:Received|Return-Path|Delivered-To|Message-I[Dd]|M(?:IME|ime)-Version|Date|From|To|Cc|Sender|Reply-To|References|In-Reply-To|Precedence|Status|Lines|Errors-To|Organization|(?:X|Content|List)-[\w-]+): ?[^\n]*\n+)+/,
    '',
  )

type Headers = Map<string, string>

const splitEntity = (entity: string): { headers: Headers; body: string } => {
  const end = entity.search(/\n[ \t]*\n/)
  const head = end < 0 ? entity : entity.slice(0, end)
  const headers: Headers = new Map()
  // A line that starts with a blank continues the header before it.
  for (const line of head.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return { headers, body: end < 0 ? '' : entity.slice(end).replace(/^\s*\n/, '') }
}

const bodyText = (headers: Headers, body: string, depth: number): string => {
  const type = (headers.get('content-type') ?? 'text/plain').toLowerCase()
  if (type.startsWith('multipart/') && depth < 5) return multipartText(headers.get('content-type')!, body, depth)
  if (type.startsWith('message/')) return bodyText(...entity(body), depth + 1)
  if (!type.startsWith('text') && type.includes('/')) return ''
  const text = decodeCharset(decodeTransfer(headers.get('content-transfer-encoding') ?? '', body), type)
  // Some of the spam declares nothing, or plain text, and sends HTML.
  return type.startsWith('text/html') || /<(html|body|table|font|br|p)\b[^>]*>/i.test(text) ? htmlText(text) : text
}

const entity = (text: string): [Headers, string] => {
  const { headers, body } = splitEntity(text)
  return [headers, body]
}

/** The first plain part with anything in it; else all readable parts. */
const multipartText = (type: string, body: string, depth: number): string => {
  const boundary = /boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))/i.exec(type)
  if (!boundary) return ''
  const parts = body
    .split(`--${boundary[1] ?? boundary[2]}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => entity(part.startsWith('\n') ? part.slice(1) : part))
  const texts = parts.map(([headers, content]) => ({
    plain: /^(text\/plain|$)/i.test(headers.get('content-type') ?? ''),
    text: bodyText(headers, content, depth + 1).trim(),
  }))
  if (/multipart\/alternative/i.test(type)) return (texts.find(({ plain, text }) => plain && text) ?? texts.find(({ text }) => text))?.text ?? ''
  return texts
    .map(({ text }) => text)
    .filter(Boolean)
    .join('\n\n')
}

const decodeTransfer = (encoding: string, body: string): string => {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1')
    case 'quoted-printable':
      return quotedPrintable(body)
    default:
      return body
  }
}

const quotedPrintable = (text: string): string =>
  text.replace(/[ \t]*=[ \t]*\n/g, '').replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))

const decodeCharset = (latin1: string, type: string): string => {
  const charset = /charset\s*=\s*"?([\w-]+)/.exec(type)?.[1] ?? 'windows-1252'
  try {
    return new TextDecoder(charset).decode(Buffer.from(latin1, 'latin1'))
  } catch {
    return latin1 // a charset that never existed, as spam likes to declare
  }
}

/** `=?iso-8859-1?Q?caf=E9?=` in headers (RFC 2047). */
const encodedWords = (text: string): string =>
  text.replace(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, kind: string, word: string) =>
    decodeCharset(kind.toLowerCase() === 'b' ? Buffer.from(word, 'base64').toString('latin1') : quotedPrintable(word.replace(/_/g, ' ')), `charset=${charset}`),
  )

/** Blanks at the ends of lines, control characters, runs of empty lines and encoded blocks say nothing. */
const tidy = (text: string): string =>
  text
    .replace(/[\u00ad\u200b-\u200f\u2028-\u202f\ufeff]/g, '')
    .replace(/[^\P{C}\n\t]/gu, ' ')
    .replace(/\u00a0/g, ' ')
    .replace(/^[A-Za-z0-9+/=]{60,}$/gm, '')
    .replace(/^begin \d{3} [^\n]*\n(?:M[^\n]*\n)+/gm, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
