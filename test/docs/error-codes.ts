import { imports, sources } from '../structure/sources.ts'

/** One way to be refused. */
export interface ErrorCode {
  readonly code: string
  /** The HTTP status, or the exit code of a command (`exit 1`). */
  readonly status: string
  readonly fault: 'caller' | 'ours'
  /** What it says, `…` where a value stands. */
  readonly message: string
  readonly file: string
}

const isSource = (file: string): boolean =>
  /\/(src|node-host)\//.test(file) && !/\.test\.|\/bench\/|\/memory-|packages\/(bench|corpora|base-model)\//.test(file)

/** What stands between a call's parentheses: strings and templates are passed over whole. @param open where the parenthesis is */
function argumentsAt(text: string, open: number): string[] {
  const found: string[] = []
  let depth = 0
  let start = open + 1
  const nested: string[] = []
  for (let i = open; i < text.length; i++) {
    const quote = nested.at(-1)
    const sign = text[i]!
    if (quote !== undefined && quote !== '${') {
      if (sign === '\\') i++
      else if (sign === quote) nested.pop()
      else if (quote === '`' && sign === '$' && text[i + 1] === '{') nested.push('${')
      if (nested.at(-1) === '${' && sign === '$') i++
    } else if (`'"\``.includes(sign)) nested.push(sign)
    else if ('([{'.includes(sign)) {
      depth++
      if (quote === '${' && sign === '{') nested.push('${')
    } else if (')]}'.includes(sign)) {
      if (quote === '${' && sign === '}') {
        nested.pop()
        if (nested.at(-1) === '`') continue
      }
      depth--
      if (depth === 0) {
        found.push(text.slice(start, i).trim())
        return found.filter((each) => each !== '')
      }
    } else if (sign === ',' && depth === 1 && nested.length === 0) {
      found.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return found
}

/** The words of a string, a template, or whatever makes one: values become `…`. */
function wordsOf(expression: string): string {
  const literals: string[] = []
  for (let i = 0; i < expression.length; i++) {
    const quote = expression[i]!
    if (!`'"\``.includes(quote)) continue
    let text = ''
    let depth = 0
    for (i++; i < expression.length && (depth > 0 || expression[i] !== quote); i++) {
      if (depth === 0 && expression[i] === '\\') text += expression[++i] === 'n' ? ' ' : expression[i]
      else if (quote === '`' && expression[i] === '$' && expression[i + 1] === '{') {
        if (depth === 0) text += '…'
        depth++
        i++
      } else if (depth > 0) depth += expression[i] === '{' ? 1 : expression[i] === '}' ? -1 : 0
      else text += expression[i]
    }
    literals.push(text)
  }
  const longest = literals.sort((a, b) => b.length - a.length)[0] ?? ''
  return longest
    .replace(/\s+/g, ' ')
    .replace(/…(?:…)+/g, '…')
    .trim()
}

/** The codes that an expression may come to: a literal, or those of a choice. What is compared with is none. */
const codesIn = (expression: string): string[] =>
  [...expression.matchAll(/(?<![=!]== )'([a-z][a-z0-9]*(?:_[a-z0-9]+)*)'/g)].map(([, code]) => code!).filter(() => /^'|\?/.test(expression))

/** Errors that have another status than 400 where nothing is said of it. */
const unsaid: Readonly<Record<string, string>> = { TrainingError: '422' }

/** Functions that a file makes its errors with, and that are called otherwise than errors: what stands before the code, and the status where a call says none. */
export const makers: Readonly<Record<string, Readonly<Record<string, { status: string; prefix?: string }>>>> = {
  'packages/training/src/errors.ts': { error: { status: '422' } },
  'packages/node-edge/src/errors.ts': { failure: { status: '500' }, outage: { status: '503' } },
  'packages/protocol/src/training-file/reader.ts': { '#error': { status: '400', prefix: 'training_file_' } },
}

/** The statuses that a call of a file's own function says behind the words, each of several that it chooses from; else the function's. */
function ownStatuses(status: string, positional = ''): readonly string[] {
  const said = [...positional.matchAll(/(?:^|[?:] )(\d{3})(?= |$)/g)].map(([, each]) => each!)
  return said.length > 0 ? said.sort() : [status]
}

/** Every code that the packages give, from their own source: a call whose first argument is a code and that makes an error. */
export function errorCodes(): ErrorCode[] {
  const found = new Map<string, ErrorCode>()
  for (const { file, text } of sources.filter(
    ({ file, text }) => isSource(file) && (text.includes('Error(') || imports(text).some((name) => name.includes('errors'))),
  )) {
    const makersOf = makers[file] ?? {}
    const names = ['\\b\\w*(?:Error|refused|refuse)', ...Object.keys(makersOf).map((name) => `(?<![\\w.])(?:this\\.)?${name}`)]
    for (const match of text.matchAll(new RegExp(`(${names.join('|')})\\(`, 'g'))) {
      const [call, called = ''] = match
      const maker = called.replace('this.', '')
      const parts = argumentsAt(text, match.index + call.length - 1)
      // A first number is the status: `refuse(404, 'model_not_found', …)`.
      const [said] = /^\d{3}$/.exec(parts[0] ?? '') ?? []
      const [code = '', ...rest] = said === undefined ? parts : parts.slice(1)
      const options = rest.find((part) => part.startsWith('{')) ?? ''
      const command = maker === 'CliError'
      const own = makersOf[maker]
      const inOptions = /status: (\d{3})/.exec(options)?.[1]
      const statuses = command
        ? [`exit ${/\b2\b/.test(rest[1] ?? '') ? 2 : 1}`]
        : said || inOptions
          ? [(said ?? inOptions)!]
          : own
            ? ownStatuses(own.status, rest[1])
            : [unsaid[maker] ?? '400']
      const message = rest
        .filter((part) => !part.startsWith('{'))
        .map(wordsOf)
        .reduce((longest, words) => (words.length > longest.length ? words : longest), '')
      if (message === '') continue
      for (const status of statuses) {
        const fault = /fault: '(caller|ours)'/.exec(options)?.[1] ?? (!command && Number(status) >= 500 ? 'ours' : 'caller')
        for (const each of codesIn(code).map((plain) => `${own?.prefix ?? ''}${plain}`))
          found.set(`${each} ${status} ${message}`, { code: each, status, fault: fault as ErrorCode['fault'], message, file })
      }
    }
  }
  for (const { file, text } of sources.filter(({ file }) => isSource(file)))
    for (const [, kind] of text.matchAll(/\bnotFound\(\s*'([a-z_]+)'/g)) {
      const code = `${kind}_not_found`
      found.set(`${code} named`, { code, status: '404', fault: 'caller', message: `there is no ${kind!.replaceAll('_', ' ')} "…"; did you mean …?`, file })
    }
  for (const { file, text } of sources.filter(({ file }) => isSource(file)))
    for (const match of text.matchAll(/\bsyntaxError\(/g)) {
      const [, , why = '', code = "'expression_syntax'"] = argumentsAt(text, match.index + match[0].length - 1)
      for (const each of codesIn(code))
        if (wordsOf(why)) found.set(`${each} ${why}`, { code: each, status: '400', fault: 'caller', message: `${wordsOf(why)}, at character …`, file })
    }
  return [...found.values()].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.message < b.message ? -1 : 1))
}
