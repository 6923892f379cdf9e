import { bytesOf } from './byte-characters.ts'
import { type Definition, unknownPart } from './definition.ts'
import { compilePattern, replaceMatches } from './pattern.ts'

/** Tokens to the parts of a text. */
export type Decoder = (tokens: string[]) => string[]

const lossy = new TextDecoder('utf-8', { ignoreBOM: true, fatal: false })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

const byteLevel: Decoder = (tokens) => {
  const parts = tokens.map(bytesOf)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return [lossy.decode(bytes)]
}

const BYTE = /^<0x([\da-fA-F]{2})>$/

/** Runs of byte tokens as the text that they are, or a replacement for each byte where they are none. */
const byteFallback: Decoder = (tokens) => {
  const text: string[] = []
  let run: number[] = []
  const flush = (): void => {
    if (run.length > 0) text.push(fromBytes(run))
    run = []
  }
  for (const token of tokens) {
    const byte = BYTE.exec(token)
    if (byte) run.push(Number.parseInt(byte[1], 16))
    else {
      flush()
      text.push(token)
    }
  }
  flush()
  return text
}

const fromBytes = (bytes: number[]): string => {
  try {
    return strict.decode(Uint8Array.from(bytes))
  } catch {
    return '\uFFFD'.repeat(bytes.length)
  }
}

/** English as it is written: no space before its signs and shortened words. */
const CLEANUP: [string, string][] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]
const cleanedUp = (text: string): string => CLEANUP.reduce((done, [from, to]) => done.replaceAll(from, to), text)

const wordPiece =
  ({ prefix = '##', cleanup = true }: Definition): Decoder =>
  (tokens) =>
    tokens.map((token, i) => {
      const text = i === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`
      return cleanup ? cleanedUp(text) : text
    })

const metaspace =
  ({ replacement = '▁', prepend_scheme, add_prefix_space }: Definition): Decoder =>
  (tokens) => {
    const prepends = (prepend_scheme ?? (add_prefix_space === false ? 'never' : 'always')) !== 'never'
    return tokens.map((token, i) => token.replaceAll(replacement, i === 0 && prepends ? '' : ' '))
  }

const replace = ({ pattern, content }: Definition): Decoder => {
  const compiled = compilePattern(pattern)
  return (tokens) => tokens.map((token) => replaceMatches(token, compiled, content))
}

const strip =
  ({ content, start = 0, stop = 0 }: Definition): Decoder =>
  (tokens) =>
    tokens.map((token) => {
      const characters = [...token]
      let from = 0
      let to = characters.length
      while (from < Math.min(start, to) && characters[from] === content) from++
      while (characters.length - to < stop && to > from && characters[to - 1] === content) to--
      return characters.slice(from, to).join('')
    })

const ctc =
  ({ pad_token = '<pad>', word_delimiter_token = '|', cleanup = true }: Definition): Decoder =>
  (tokens) =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map((token) => {
        const text = token.replaceAll(pad_token, '')
        return cleanup ? cleanedUp(text).replaceAll(word_delimiter_token, ' ') : text
      })
      .filter((text) => text !== '')

const DECODERS: Record<string, (definition: Definition) => Decoder> = {
  BPEDecoder:
    ({ suffix = '</w>' }) =>
    (tokens) =>
      tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' ')),
  ByteFallback: () => byteFallback,
  ByteLevel: () => byteLevel,
  CTC: ctc,
  Fuse: () => (tokens) => [tokens.join('')],
  Metaspace: metaspace,
  Replace: replace,
  Sequence: ({ decoders }) => {
    const steps: Decoder[] = decoders.map(createDecoder)
    return (tokens) => steps.reduce((done, step) => step(done), tokens)
  },
  Strip: strip,
  WordPiece: wordPiece,
}

/** Without a decoder, tokens are written with spaces between them. */
export function createDecoder(definition: Definition | null): Decoder {
  if (!definition) return (tokens) => [tokens.join(' ')]
  const make = Object.hasOwn(DECODERS, definition.type) ? DECODERS[definition.type] : undefined
  if (!make) throw unknownPart('decoder', definition)
  return make(definition)
}
