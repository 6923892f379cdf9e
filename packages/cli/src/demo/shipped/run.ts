import { type ShippedAdapter, shippedFor } from '@weft/smollm2-adapters'
import { duration } from '../../output/output.ts'
import type { DemoOptions } from '../run-demo.ts'
import { askShipped, type ShownAnswers, shippedComposition } from './ask.ts'
import { publishShipped } from './publish.ts'

/** Publishes the adapters that come along for the base model that is served, and shows each beside the bare base. Does nothing where there are none for it. */
export const runShipped = async ({ weft, say, signal }: DemoOptions, fingerprint: string): Promise<void> => {
  const shipped = shippedFor(fingerprint)
  if (shipped.length === 0) return
  const started = performance.now()
  const names = shipped.map(({ name }) => name)
  const published = await publishShipped(weft, shipped, { fingerprint, signal })
  if (published.length === 0) {
    say('shipped_found', { adapters: names }, `${names.join(', ')} are here from an earlier start. Two at once: npx weft run "${shippedComposition}" "…"`)
    return
  }
  const seconds = (performance.now() - started) / 1000
  say('shipped', { adapters: published, seconds }, `${publishedText(shipped)}\nPublished in ${duration(seconds)}; nothing was trained.`)
  const answers = await askShipped(weft, shipped, signal)
  say('shipped_shown', { answers }, answers.map(answersText).join('\n\n'))
}

const publishedText = (shipped: readonly ShippedAdapter[]): string =>
  [
    'Adapters that come along for this model:',
    ...shipped.map(({ name, example, file }) => `  ${name} (${Math.round(file.length / 1000)} kB): ${example}`),
  ].join('\n')

const indented = (text: string): string => text.trim().replace(/^/gm, '    ')

const answersText = ({ example, composition, asked, base, adapted }: ShownAnswers): string =>
  [`${example[0].toUpperCase()}${example.slice(1)}. Asked:`, indented(asked), '  base', indented(base), `  ${composition}`, indented(adapted)].join('\n')
