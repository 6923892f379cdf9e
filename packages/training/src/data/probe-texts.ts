import { type Probe, probeSchema } from '@weft/protocol'
import { LONGEST, type ReferenceText, type Render } from './reference-text.ts'

/**
 * Probes as reference text. A question counts where its answer would begin, with the opening that all answers to it have: there an adapter that is not asked must
 * say nothing. Where `read`, it is met a second time as a text, every token of which counts.
 * @param read not in a stack that is settled: what its questions are about may be what another of its adapters is for, as a novel's passages are for its style
 */
export const probeTexts = (file: string | Uint8Array, render: Render, { read = true }: { read?: boolean } = {}): ReferenceText[] =>
  readProbes(file).flatMap((probe): ReferenceText[] => {
    if ('text' in probe) return [{ before: '', text: probe.text.slice(0, LONGEST) }]
    if ('tokens' in probe) return [{ before: '', text: probe.tokens.join(' ').slice(0, LONGEST) }]
    const question = ('messages' in probe ? render(probe.messages, true) : probe.prompt).slice(-LONGEST)
    return [{ before: question, text: probe.opening ?? '', answered: true }, ...(read ? [{ before: '', text: question }] : [])]
  })

/** JSON Lines. */
export const readProbes = (file: string | Uint8Array): Probe[] =>
  (typeof file === 'string' ? file : new TextDecoder().decode(file))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => probeSchema.parse(JSON.parse(line)))
