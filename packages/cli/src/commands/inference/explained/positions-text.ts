import type { ExplainResponse } from '@weft/protocol'

/** Positions that are taken before a prompt. The edge has no tokenizer: what texts take is told by the usage of a request. */
export const positionsText = ({
  virtualTokens: { rows, prefix, positions },
  maxPositions,
  texts,
}: Pick<ExplainResponse, 'virtualTokens' | 'maxPositions' | 'texts'>): string => {
  const taken = `${positions} of ${maxPositions} before the prompt (${rows} rows, ${prefix} prefix)`
  if (texts.length === 0) return taken
  return `${taken}; the tokens of ${texts.length === 1 ? 'a text come' : `${texts.length} texts come`} on top, which are counted when it runs (virtual_tokens of its usage)`
}
