import { type JobResult, resultLines } from './job-result.ts'

/**
 * What is said of a document that was compressed: what was published, how many keys stand for how many tokens, and how far off they are.
 * @param selfStudy steps of training that were asked for
 */
export const compressionText = (
  result: JobResult,
  bytes: number,
  { document_tokens: read = 0, tokens = 0, parts = 1, error = 0, divergence_before: before, divergence }: Record<string, number>,
  selfStudy = 0,
): string => {
  const size = `${tokens} keys for ${read} tokens${parts > 1 ? `, read in ${parts} parts` : ''}, ${(bytes / 1e6).toFixed(1)} MB.`
  return [
    ...resultLines(result, `: ${size}`),
    ...(result.candidate ? [`  ${size}`] : []),
    tokens === read
      ? `  It has no more tokens than were asked for: ${parts > 1 ? 'its parts are kept whole, none of which sees another' : 'the prefix is the document itself, exactly'}.`
      : `  ${(read / tokens).toFixed(1)} times fewer. What is seen of them differs by ${(100 * error).toFixed(1)} % (squared, over reference queries made of the document).`,
    ...(divergence === undefined
      ? selfStudy > 0
        ? ['  Self-study was left out: what is kept whole has nothing to learn from itself.']
        : []
      : [
          `  By self-study, what is predicted behind it differs by ${divergence.toFixed(3)} nats a token from what is predicted behind the document; before, by ${before!.toFixed(3)}.`,
        ]),
    `Try: npx weft run "base + ${result.callable}" "…"`,
  ].join('\n')
}
