import type { WeftClient } from '@weft/client'
import { mail, split } from '@weft/corpora'
import { excerpt } from './rows.ts'

/** Serves a model that answers, in a clone of the repository and in a project that was made outside it alike. */
export const SERVE_ANSWERS = 'npx weft dev --model smollm2-135m'

/** What the demo composes of the styles that are there; nothing of none. */
const compositionOf = (there: readonly string[]): string | undefined => {
  const styles = ['style/speech', 'style/whale'].filter((name) => there.includes(name))
  if (styles.length === 0) return undefined
  return styles.length === 1 ? `base + ${styles[0]}` : 'base + style/speech + 0.5*style/whale'
}
const classifier = 'mail/spam'

/** The opening that both answers continue. */
const opening = 'We'
const sampling = { maxTokens: 60, temperature: 0.7, topK: 40, seed: 7 }

const indented = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, '\n')
    .replace(/^/gm, '    ')

/** Short notes that are no spam, in words of our day: what the base model has never read. */
const everyday = [
  'see you at lunch',
  'I will be late tomorrow.',
  'Thanks, that works for me.',
  'Can you send me the notes from the meeting?',
  'Happy birthday!',
  'Where did you put the keys?',
  'Could you call me back?',
  'I am not coming to work today.',
]

/** What of the demo's adapters is there can be asked: styles that are composed, mails that are judged. */
export interface Shown {
  composition?: string
  prompt?: string
  composed?: string
  plain?: string
  mail?: { id: string; subject: string; label: string; verdict: string; probability: number }[]
  /** Everyday notes that it takes for spam. */
  mistaken?: string[]
}

/**
 * Asks for everything that the demo shows: an answer with and without prompts, and verdicts on mails that nothing has seen.
 * @param there names of the demo's adapters that are published
 */
export const ask = async (weft: WeftClient, there: readonly string[], signal: AbortSignal): Promise<Shown> => {
  const composition = compositionOf(there)
  const answer = async (model: string): Promise<string> =>
    opening + ((await weft.completions.create({ model, prompt: opening, ...sampling }, { signal })).choices[0]?.text ?? '')
  return {
    ...(composition !== undefined && { composition, prompt: opening, composed: await answer(composition), plain: await answer('base') }),
    ...(there.includes(classifier) && (await judged(weft, signal))),
  }
}

async function judged(weft: WeftClient, signal: AbortSignal): Promise<Pick<Required<Shown>, 'mail' | 'mistaken'>> {
  // The first of each kind in the held-out part, whatever the verdicts.
  const { heldOut } = split(mail())
  const mails = (['spam', 'ham'] as const).flatMap((label) => heldOut.filter((one) => one.label === label).slice(0, 3))
  const { data } = await weft.classify({ model: classifier, input: mails.map(({ text }) => excerpt(text)) }, { signal })
  const notes = await weft.classify({ model: classifier, input: everyday }, { signal })
  return {
    mistaken: everyday.filter((_, i) => notes.data[i].label === 'spam'),
    mail: mails.map(({ id, text, label }, i) => ({
      id,
      subject: text.slice(9, text.indexOf('\n')),
      label: label!,
      verdict: data[i].label,
      probability: data[i].scores[data[i].label],
    })),
  }
}

export const shownText = ({ composition, prompt, composed, plain, mail, mistaken }: Shown, url: string, keyFile: string, there: readonly string[]): string => {
  const styles = `"${prompt}" with  ${composition}
${indented(composed ?? '')}

"${prompt}" with  base  (no prompts)
${indented(plain ?? '')}`
  const mails = `Mails that no training has seen, judged by  ${classifier}
${(mail ?? []).map(({ subject, label, verdict, probability }) => `    ${verdict.padEnd(4)} ${(100 * probability).toFixed(0).padStart(3)} %  "${subject}"  (it is ${label})`).join('\n')}`
  const parts = [...(composition === undefined ? [] : [styles]), ...(mail ? [mails] : []), limits(mistaken), `Go on with\n${curlLines(url, keyFile, there)}`]
  return `\n${parts.join('\n\n')}\n`
}

/** What the bundled model cannot do, measured a moment ago. */
const limits = (mistaken: readonly string[] | undefined): string =>
  [
    'What this small model cannot do: it knows no facts, and of mail it has read that of 2002 alone.',
    mistaken === undefined
      ? ''
      : mistaken.length === 0
        ? `It takes none of ${everyday.length} everyday notes for spam; others it may.`
        : `It takes ${mistaken.length} of ${everyday.length} everyday notes for spam: ${mistaken.map((text) => `"${text}"`).join(', ')}.`,
    `Serve a real one for answers to rely on: ${SERVE_ANSWERS}`,
  ]
    .filter(Boolean)
    .join('\n')

/** @param there names of the demo's adapters that are published */
export const curlLines = (url: string, keyFile: string, there: readonly string[]): string => {
  const composition = compositionOf(there) ?? 'base'
  const line = (path: string, body?: object): string =>
    `  curl -s ${url}${path} -H "authorization: Bearer $(cat ${quoted(keyFile)})"${body === undefined ? '' : ` -H 'content-type: application/json' \\\n    -d '${JSON.stringify(body)}'`}`
  return [
    line('/v1/completions', { model: composition, prompt: opening, max_tokens: 60 }),
    ...(there.includes(classifier)
      ? [line('/v1/classify', { model: classifier, input: 'Subject: You have won\n\nClick here to claim your free prize!' })]
      : []),
    line('/v1/compositions/explain', { model: composition }),
    line('/v1/adapters'),
  ].join('\n')
}

const quoted = (path: string): string => (/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`)
