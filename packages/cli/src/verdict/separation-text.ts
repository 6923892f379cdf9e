import { type JobResult, resultLines } from './job-result.ts'

/** What is said of a vector that was computed from pairs: what was published, where it acts, and how well it tells held-out pairs apart. */
export const separationText = (result: JobResult, { layers = [] }: { layers?: readonly number[] } = {}, { separated, pairs }: Record<string, number>): string =>
  [
    ...resultLines(result, `${layers.length > 0 ? `, behind layer ${layers.join(', ')}` : ''}.`),
    pairs === undefined
      ? '  ! Nothing says how well it tells other pairs apart: none are set aside of fewer than ten.'
      : `  It tells ${Math.round(separated! * pairs)} of ${pairs} held-out pairs apart (${separated!.toFixed(2)}; chance is 0.50).`,
    `Try: npx weft run "base + 2*${result.callable}" "…"`,
  ].join('\n')
