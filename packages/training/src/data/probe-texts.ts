import { type Probe, probeSchema } from '@weft/protocol'
import { LONGEST, type ReferenceText, type Render } from './reference-text.ts'

/** In a stack that is settled, one question of so many is read as a text too. */
const READ = 4

/**
 * Probes as reference text. A question counts where its answer would begin, with the opening that all answers to it have: there an adapter that is not asked must
 * say nothing. It is met a second time as a text, every token of which counts.
 * @param settled few questions are met as a text: what they are about may be what this adapter of the stack is for, as a novel's passages are for its style.
 * Without any it speaks where an answer goes on, behind what the probe holds of it
 */
export const probeTexts = (file: string | Uint8Array, render: Render, { settled = false }: { settled?: boolean } = {}): ReferenceText[] =>
  readProbes(file).flatMap((probe, at): ReferenceText[] => {
    if ('text' in probe) return [{ before: '', text: probe.text.slice(0, LONGEST) }]
    if ('tokens' in probe) return [{ before: '', text: probe.tokens.join(' ').slice(0, LONGEST) }]
    const question = ('messages' in probe ? render(probe.messages, true) : probe.prompt).slice(-LONGEST)
    return [{ before: question, text: probe.opening ?? '', answered: true }, ...(settled && at % READ > 0 ? [] : [{ before: '', text: question }])]
  })

/** JSON Lines. */
export const readProbes = (file: string | Uint8Array): Probe[] =>
  (typeof file === 'string' ? file : new TextDecoder().decode(file))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => probeSchema.parse(JSON.parse(line)))
