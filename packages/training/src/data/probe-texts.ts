import { type Probe, probeSchema } from '@weft/protocol'
import { LONGEST, type ReferenceText, type Render } from './reference-text.ts'

/**
 * Probes as reference text. A question is met twice: as a text, and where its answer would begin, with the opening that all answers to it have. There an
 * adapter that is not asked must say nothing.
 */
export const probeTexts = (file: string | Uint8Array, render: Render): ReferenceText[] =>
  readProbes(file).flatMap((probe): ReferenceText[] => {
    if ('text' in probe) return [{ before: '', text: probe.text.slice(0, LONGEST) }]
    if ('tokens' in probe) return [{ before: '', text: probe.tokens.join(' ').slice(0, LONGEST) }]
    const question = ('messages' in probe ? render(probe.messages, true) : probe.prompt).slice(-LONGEST)
    return [
      { before: question, text: probe.opening ?? '', answered: true },
      { before: '', text: question },
    ]
  })

/** JSON Lines. */
export const readProbes = (file: string | Uint8Array): Probe[] =>
  (typeof file === 'string' ? file : new TextDecoder().decode(file))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => probeSchema.parse(JSON.parse(line)))
