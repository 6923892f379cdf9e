import { askedProbe } from '@weft/inference/chat/asked-probe'
import { type AnsweredProbe, answeredProbeSchema } from '@weft/protocol'
import { LONGEST, type ReferenceText, type Render } from './reference-text.ts'

/**
 * Probes as reference text. A question counts where its answer would begin, with the opening that all answers to it have: there an adapter that is not asked must
 * say nothing. It is met a second time as a text, every token of which counts. A stack that is settled knows the answers, and counts every token of those.
 * @param settled no question is met as a text: what it is about may be what this adapter of the stack is for, as a novel's passages are for its style
 */
export const probeTexts = (file: string | Uint8Array, render: Render, { settled = false }: { settled?: boolean } = {}): ReferenceText[] =>
  readProbes(file).flatMap((probe): ReferenceText[] => {
    if ('text' in probe) return [{ before: '', text: probe.text.slice(0, LONGEST) }]
    if ('tokens' in probe) return [{ before: '', text: probe.tokens.join(' ').slice(0, LONGEST) }]
    const whole = 'messages' in probe ? askedProbe(probe.messages, (messages) => render(messages, true)) : probe.prompt
    const question = whole.slice(-LONGEST)
    // Where its beginning is cut off, it begins as any text does.
    const begun = 'messages' in probe && question === whole ? { begun: true as const } : {}
    if ('answer' in probe) return [{ before: question, text: probe.answer.slice(0, LONGEST), answered: true, ...begun }]
    return [{ before: question, text: probe.opening ?? '', answered: true, ...begun }, ...(settled ? [] : [{ before: '', text: question, ...begun }])]
  })

/** JSON Lines. */
const readProbes = (file: string | Uint8Array): AnsweredProbe[] =>
  (typeof file === 'string' ? file : new TextDecoder().decode(file))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => answeredProbeSchema.parse(JSON.parse(line)))
